"""What the BFF forwards arrives once and as it was, over HTTP and in the process."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ssl import create_default_context
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.acceso.permisos import exige
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.escritura import con_clave_honrada
from bff.cliente import Camino, ClienteOrquestador, EnProceso, PorRed
from bff.rutas import rutas
from saga_orchestrator.sistemas.campanas import respuestas
from saga_orchestrator.sistemas.campanas.definicion import InicioEsquema
from tests.datos import cuerpo_de_saga

INICIO = "/saga/crear-campana-completa"
BASE = "/detras/de/un/proxy"
SUYAS = {"Retry-After": "1", "Location": "/saga/otra", "X-Suya": "no pasa"}


@dataclass(slots=True)
class Orquestador:
    """A WSGI application that answers all with the same, and notes what came."""

    vistas: list[Request] = field(default_factory=list)
    estado: int = 200

    @property
    def vista(self) -> Request:
        """The only request."""
        [vista] = self.vistas
        return vista

    def __call__(self, entorno: dict[str, Any], responder: Any) -> Any:
        pedida = Request(entorno)
        pedida.get_data()
        self.vistas.append(pedida)
        return Response(b"{}", self.estado, SUYAS)(entorno, responder)


@pytest.fixture
def orquestador() -> Orquestador:
    """An orchestrator that answers all."""
    return Orquestador()


@pytest.fixture(params=["por red", "en el proceso"])
def camino(request: pytest.FixtureRequest, orquestador: Orquestador) -> Iterator[Camino]:
    """Both ways to it; over HTTP it stands below a path, and a repeated header is joined by a comma."""
    if request.param == "en el proceso":
        yield EnProceso(orquestador)
        return
    servidor = make_server("127.0.0.1", 0, orquestador)
    hilo = Thread(target=servidor.serve_forever)
    hilo.start()
    yield PorRed(f"http://127.0.0.1:{servidor.server_port}{BASE}", create_default_context())
    servidor.shutdown()
    hilo.join()
    servidor.server_close()


@pytest.fixture
def bff(camino: Camino) -> FlaskClient:
    """The BFF before it."""
    puerta = rutas(ClienteOrquestador(camino), exige, con_clave_honrada, respuestas, InicioEsquema())
    return crear_aplicacion("BFF", [puerta], acceso=SIN_CLAVES).test_client()


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
    vista = orquestador.vista
    assert {k: vista.headers.get(k) for k in cabeceras} == {
        **cabeceras,
        "X-Origen": "127.0.0.1",
        "Cookie": None,
    }
    assert vista.get_json() == cuerpo


@pytest.mark.parametrize(
    ("pedida", "ruta", "consulta"),
    [
        ("/saga/a%3Fb/status", "/saga/a?b/status", b""),
        ("/saga/%C3%B1/status", "/saga/ñ/status", b""),
        ("/saga/?estado=%C3%91&libre=a+b%26c", "/saga/", b"estado=%C3%91&libre=a+b%26c"),
    ],
)
def test_la_direccion_llega_como_se_pidio(
    bff: FlaskClient, orquestador: Orquestador, camino: Camino, pedida: str, ruta: str, consulta: bytes
) -> None:
    """An id with a `?` is an id; a query is not read on the way. Without a body there is none."""
    assert bff.get(pedida).status_code == 200
    vista = orquestador.vista
    assert vista.path == (BASE if isinstance(camino, PorRed) else "") + ruta
    assert (vista.query_string, vista.method, vista.get_data()) == (consulta, "GET", b"")


@pytest.mark.parametrize("estado", [200, 301, 409, 429, 500])
def test_la_respuesta_vuelve_como_es(bff: FlaskClient, orquestador: Orquestador, estado: int) -> None:
    """Asked once, whatever it says: nobody knows here what may be repeated, or followed."""
    orquestador.estado = estado
    respuesta = bff.get("/saga/")
    assert (respuesta.status_code, respuesta.get_data()) == (estado, b"{}")
    assert respuesta.headers["Retry-After"] == "1"
    assert not {"X-Suya", "Location"} & set(respuesta.headers.keys())
    assert orquestador.vista.method == "GET"
