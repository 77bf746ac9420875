"""The reporting module over the real machine, with data services that the test commands."""

import json
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.modulos.reporting.infraestructura.lecturas import LecturasReportes
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.montaje import Montaje
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion

PROPIA = "http://127.0.0.1:1"


class ServicioFalso:
    """A data service: `respuestas` by path, each a status with a body; `pedidos` is what was asked."""

    def __init__(self, nombre: str) -> None:
        self.pedidos: list[str] = []
        self.callar = False
        self.seguir = threading.Event()
        self.respuestas: dict[str, tuple[int, bytes]] = {}
        for ruta in ("/pagos/outbox/estadisticas", "/campaigns/", "/campaigns/stats/general", "/health"):
            self.respuestas[ruta] = (200, json.dumps({"de": nombre, "ruta": ruta}).encode())

    def todo(self, estado: int, cuerpo: bytes) -> None:
        """Answer this to everything."""
        self.respuestas = dict.fromkeys(self.respuestas, (estado, cuerpo))

    def contestar(self, ruta: str) -> tuple[int, bytes]:
        """Return status and body; one that is silent waits until the test lets it go."""
        self.pedidos.append(ruta)
        if self.callar:
            self.seguir.wait(10)
        return self.respuestas.get(urlsplit(ruta).path, (404, b"{}"))

    def wsgi(self, entorno: dict[str, Any], empezar: Callable[..., Any]) -> Iterable[bytes]:
        """Serve as an application of this process."""
        consulta = f"?{entorno['QUERY_STRING']}" if entorno["QUERY_STRING"] else ""
        estado, cuerpo = self.contestar(entorno["PATH_INFO"] + consulta)
        empezar(f"{estado} X", [("Content-Type", "application/json")])
        return [cuerpo]


class ServidorFalso:
    """A data service on a port of its own."""

    def __init__(self, servicio: ServicioFalso) -> None:
        class Manejador(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                estado, cuerpo = servicio.contestar(self.path)
                with suppress(ConnectionError):  # who asked may have given up
                    self.send_response(estado)
                    self.send_header("Content-Length", str(len(cuerpo)))
                    self.end_headers()
                    self.wfile.write(cuerpo)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.servicio = servicio
        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manejador)
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"
        self._hilo = threading.Thread(target=lambda: self._servidor.serve_forever(0.01))
        self._hilo.start()

    def cerrar(self) -> None:
        """Leave the port; whoever asks again finds nobody."""
        self.servicio.seguir.set()
        self._servidor.shutdown()
        self._servidor.server_close()
        self._hilo.join()


class Pila:
    """The module with its writer's thread, its own service in process and another one on a port."""

    def __init__(self, url: str, carpeta: Path) -> None:
        self.motor, ids = Motor(url), Uuid7()
        self.propio = ServicioFalso("propio")
        self.ajeno = ServidorFalso(ServicioFalso("ajeno"))
        self.con_servicio = True
        self.lecturas = LecturasReportes(self.motor, (PROPIA, "v1"))
        self.fuente = FuenteHttp(self._activa, PROPIA, self.propio.wsgi, plazo_s=0.3)
        self.tienda = Tienda(carpeta / "broker.db")
        broker, reloj = BrokerEmbebido(self.tienda), RelojReal()
        montaje = Montaje(
            lambda persistencia: UnidadSQL(self.motor, persistencia, reloj, ids),
            Publicador(broker),
            ids,
            reloj,
            lambda _bucle, temas, nombre: broker.suscribir(temas, nombre),
        )
        self.escritor = montaje.montar(reporting.pieza(lambda: self.fuente)).escritor
        rutas = reporting.rutas(self.escritor, self.lecturas, ids, self.fuente)
        self.cliente: FlaskClient = crear_aplicacion("reporting", rutas, acceso=SIN_CLAVES).test_client()
        self._parar = threading.Event()
        self._hilo = threading.Thread(target=self._escribir)
        self._hilo.start()

    def _activa(self) -> tuple[str, str] | None:
        return self.lecturas.activa() if self.con_servicio else None

    def _escribir(self) -> None:
        while not self._parar.is_set():
            self.escritor.una_ronda(0.01)

    def cerrar(self) -> None:
        self._parar.set()
        self._hilo.join()
        self.ajeno.cerrar()
        self.fuente.cerrar()
        self.tienda.cerrar()
        self.motor.cerrar()

    def pedir(self, tipo: str = "metricas_generales", **cabeceras: str) -> Any:
        """Ask for a report."""
        return self.cliente.post("/reporting/report", json={"tipo_reporte": tipo}, headers=cabeceras)

    def hecho(self, tipo: str = "metricas_generales") -> dict[str, Any]:
        """Ask for a report and return it."""
        respuesta = self.pedir(tipo)
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        return dict(respuesta.get_json())

    def cambiar(self, url: str, version: str = "v2") -> Any:
        """Switch the data service."""
        return self.cliente.post("/reporting/admin/servicio-datos", json={"url": url, "version": version})

    def sql(self, consulta: str) -> list[Any]:
        """Read as an SQL reader does."""
        with self.motor.lectura() as con:
            return list(con.exec_driver_sql(consulta).mappings())
