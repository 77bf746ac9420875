"""What the BFF forwards arrives once and as it was, over HTTP and in the process."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.wrappers import Request, Response

from aeropartners.seedwork.infraestructura.web.acceso import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.permisos import exige
from bff.cliente import Camino, ClienteOrquestador, EnProceso, PorRed
from bff.rutas import rutas
from tests.datos import cuerpo_de_saga

INICIO = "/saga/crear-campana-completa"
BASE = "/detras/de/un/proxy"
SUYAS = {"Retry-After": "1", "Location": "/saga/otra", "X-Suya": "no pasa"}


@dataclass(frozen=True, slots=True)
class Vista:
    """A request as the orchestrator saw it; `cabeceras` has all values of each."""

    metodo: str
    direccion: str
    cabeceras: dict[str, list[str]]
    cuerpo: bytes


@dataclass(slots=True)
class Orquestador:
    """Answers all with the same, and notes what came."""

    vistas: list[Vista] = field(default_factory=list)
    estado: int = 200

    @property
    def vista(self) -> Vista:
        """The only request."""
        [vista] = self.vistas
        return vista

    def wsgi(self, entorno: dict[str, Any], responder: Callable[..., Any]) -> Any:
        """In the process: bytes are latin-1, and a header is there once by its nature."""
        pedida = Request(entorno)
        direccion = entorno["PATH_INFO"] + (f"?{q}" if (q := entorno["QUERY_STRING"]) else "")
        cabeceras = {k.lower(): [v] for k, v in pedida.headers.items()}
        self.vistas.append(Vista(pedida.method, direccion, cabeceras, pedida.get_data()))
        return Response(b"{}", self.estado, SUYAS)(entorno, responder)

    def por_http(self) -> type[BaseHTTPRequestHandler]:
        """Over HTTP."""
        orquestador = self

        class Peticion(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                cabeceras = {k.lower(): self.headers.get_all(k, []) for k in self.headers}
                cuerpo = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                orquestador.vistas.append(Vista(self.command, self.path, cabeceras, cuerpo))
                self.send_response(orquestador.estado)
                for nombre, valor in (SUYAS | {"Content-Length": "2"}).items():
                    self.send_header(nombre, valor)
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET

        return Peticion


@pytest.fixture
def orquestador() -> Orquestador:
    """An orchestrator that answers all."""
    return Orquestador()


@pytest.fixture(params=["por red", "en el proceso"])
def camino(request: pytest.FixtureRequest, orquestador: Orquestador) -> Iterator[Camino]:
    """Both ways to it."""
    if request.param == "en el proceso":
        yield EnProceso(orquestador.wsgi)
        return
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), orquestador.por_http())
    hilo = Thread(target=servidor.serve_forever)
    hilo.start()
    yield PorRed(f"http://127.0.0.1:{servidor.server_port}{BASE}")
    servidor.shutdown()
    hilo.join()
    servidor.server_close()


@pytest.fixture
def bff(camino: Camino) -> FlaskClient:
    """The BFF before it."""
    app = crear_aplicacion("BFF", [rutas(ClienteOrquestador(camino), exige)], acceso=SIN_CLAVES)
    return app.test_client()


def test_cada_cabecera_llega_una_vez(bff: FlaskClient, orquestador: Orquestador) -> None:
    """Its own take the place of the caller's, who cannot say from where it calls."""
    cabeceras = {
        "X-Correlation-ID": "c-1",
        "X-Origen": "8.8.8.8",
        "Idempotency-Key": "k-1",
        "X-Operador": "peña".encode().decode("latin-1"),
        "X-API-Key": "clave",
        "Cookie": "no=pasa",
    }
    cuerpo = cuerpo_de_saga()
    assert bff.post(INICIO, json=cuerpo, headers=cabeceras).status_code == 200
    vistas = orquestador.vista.cabeceras
    llegadas = {k: vistas.get(k.lower()) for k in cabeceras}
    assert llegadas == {
        **{k: [v] for k, v in cabeceras.items()},
        "X-Origen": ["127.0.0.1"],
        "Cookie": None,
    }
    assert json.loads(orquestador.vista.cuerpo) == cuerpo


@pytest.mark.parametrize(
    ("pedida", "esperada"),
    [
        ("/saga/a%3Fb/status", "/saga/a%3Fb/status"),
        ("/saga/%C3%B1/status", "/saga/%C3%B1/status"),
        ("/saga/?estado=%C3%91&pagina=1&libre=a+b%26c", "/saga/?estado=%C3%91&pagina=1&libre=a+b%26c"),
    ],
)
def test_la_direccion_llega_como_se_pidio(
    bff: FlaskClient, orquestador: Orquestador, camino: Camino, pedida: str, esperada: str
) -> None:
    """An id with a `?` is an id; a query is not read on the way. Without a body there is none."""
    assert bff.get(pedida).status_code == 200
    vista = orquestador.vista
    if isinstance(camino, PorRed):
        assert vista.direccion == BASE + esperada
    else:
        assert vista.direccion.encode("latin-1").decode() == {
            "/saga/a%3Fb/status": "/saga/a?b/status",
            "/saga/%C3%B1/status": "/saga/ñ/status",
        }.get(esperada, esperada)
    assert (vista.metodo, vista.cuerpo) == ("GET", b"")


@pytest.mark.parametrize("estado", [200, 301, 409, 429, 500])
def test_la_respuesta_vuelve_como_es(bff: FlaskClient, orquestador: Orquestador, estado: int) -> None:
    """Asked once, whatever it says: nobody knows here what may be repeated, or followed."""
    orquestador.estado = estado
    respuesta = bff.get("/saga/")
    assert (respuesta.status_code, respuesta.get_data()) == (estado, b"{}")
    assert respuesta.headers["Retry-After"] == "1"
    assert not {"X-Suya", "Location"} & set(respuesta.headers.keys())
    assert orquestador.vista.metodo == "GET"
