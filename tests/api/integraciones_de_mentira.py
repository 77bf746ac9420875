"""A foreign gestion-de-integraciones that behaves as its script says: one answer a request, then well."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Servicio:
    """What it was asked, and what it has; `guion` is consumed by POSTs.

    An int is a status without an effect; `perdida`: it is done, and the connection is cut; `bien`.
    """

    def __init__(self, *guion: int | str) -> None:
        self.guion = list(guion)
        self.guion_borrar: list[int] = []
        self.partners: dict[str, str] = {}
        self.borrados: list[str] = []
        self.peticiones: list[tuple[str, str, dict[str, str]]] = []
        self.cerrojo = threading.Lock()

    def crear(self, clave: str) -> tuple[int | None, dict[str, Any]]:
        """Return the status (None: cut the connection) and the body."""
        with self.cerrojo:
            que = self.guion.pop(0) if self.guion else "bien"
            if isinstance(que, int):
                return que, {"error": "no", "codigo": "NO", "saga_id": None, "timestamp": ""}
            id = self.partners.setdefault(clave, f"partner-{len(self.partners) + 1:06d}")
            cuerpo = {"mensaje": "", "partner": {"id": id, "estado": "ACTIVO"}}
            return (None if que == "perdida" else 201), cuerpo


@contextmanager
def servido(servicio: Servicio) -> Iterator[str]:
    """Serve it and yield its address."""

    class Ruta(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            servicio.peticiones.append(("POST", self.path, dict(self.headers)))
            self._contestar(*servicio.crear(self.headers["Idempotency-Key"]))

        def do_DELETE(self) -> None:
            servicio.peticiones.append(("DELETE", self.path, dict(self.headers)))
            if servicio.guion_borrar:
                self._contestar(servicio.guion_borrar.pop(0), {"error": "no", "codigo": "NO"})
                return
            id = self.path.rpartition("/")[2]
            repetido = id in servicio.borrados
            servicio.borrados.append(id)
            self._contestar(410 if repetido else 200, {"mensaje": "", "partner_id": id})

        def _contestar(self, estado: int | None, cuerpo: dict[str, Any]) -> None:
            if estado is None:
                self.close_connection = True
                self.connection.close()
                return
            dato = json.dumps(cuerpo).encode()
            self.send_response(estado)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(dato)))
            self.end_headers()
            self.wfile.write(dato)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Ruta) as servidor:
        servidor.handle_error = lambda *_: None  # type: ignore[method-assign]
        hilo = threading.Thread(target=servidor.serve_forever, daemon=True)
        hilo.start()
        yield f"http://127.0.0.1:{servidor.server_address[1]}"
        servidor.shutdown()
        hilo.join()
