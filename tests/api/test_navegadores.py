"""What a page in somebody's browser may ask where no key is asked for: every port, every method."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.cotejo_continuo import CotejoContinuo
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicios import aplicaciones
from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.seedwork.infraestructura.base.direcciones import es_de_esta_maquina
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from tests.hostil.errores import exigir_error
from tests.seguridad.paseo import API_KEYS, CLAVES

PUERTOS = [*SERVICIOS, "auditor"]
PROPIOS = [
    "localhost",
    "LOCALHOST:8090",
    "127.0.0.1:8090",
    "127.9.8.7",
    "[::1]:8090",
    "mi.localhost",
    "localhost.",
]
AJENOS = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "10.0.0.1",
]
RAROS = ["", "evil.example:localhost", "[::1", "[fe80::1%25lo]", "localhost:8090:1", "ñ"]
SERVICIO = "/reporting/admin/servicio-datos"


class Puesto:
    """The applications of a process, each on its port."""

    def __init__(self, proceso: Proceso) -> None:
        self.config = proceso.config
        continuo = CotejoContinuo(None, proceso, print)  # type: ignore[arg-type]
        self.apps = {**aplicaciones(proceso), "auditor": continuo._app()}

    def cliente(self, puerto: str) -> FlaskClient:
        """A client of one of them."""
        return self.apps[puerto].test_client()


@pytest.fixture(scope="module", params=["local", "abierto", "con claves"])
def puesto(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puesto]:
    """The system without keys on loopback, without keys for everybody, and with keys."""
    entorno = {
        "local": {},
        "abierto": {"HOST": "0.0.0.0", "PERMITIR_SIN_CLAVE": "1"},
        "con claves": {"API_KEYS": API_KEYS, "FALLOS_DE_ACCESO": "0"},
    }[request.param]
    fijo = {
        "AEROPARTNERS_DATOS": str(tmp_path_factory.mktemp("paginas")),
        "CORS_ORIGINS": "*, https://panel.example",
    }
    proceso = Proceso(Contenedor(config=leer({**fijo, **entorno})))
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    proceso.hilos = []
    yield Puesto(proceso)
    assert proceso.parar()


@pytest.mark.parametrize("puerto", PUERTOS)
def test_host_es_de_esta_maquina(puesto: Puesto, puerto: str) -> None:
    """A name that somebody made point to loopback is refused where no key is asked for, and only there.

    Bound to every address, the probe of a kubelet names its pod's, and is answered.
    """
    cliente, config = puesto.cliente(puerto), puesto.config
    for anfitrion in (*PROPIOS, *AJENOS, *RAROS):
        respuesta = cliente.get("/health", headers={"Host": anfitrion.encode().decode("latin-1")})
        negado = config.host == "127.0.0.1" and not config.exige_clave and anfitrion not in PROPIOS
        assert respuesta.status_code == (403 if negado else 200), anfitrion
        if negado:
            assert "Host" in exigir_error(403, respuesta.headers, respuesta.get_data())


@pytest.mark.parametrize("puerto", PUERTOS)
def test_lo_que_cambia_algo_dice_de_que_pagina_viene(puesto: Puesto, puerto: str) -> None:
    """A page of another origin changes nothing, whatever `*` lets it read; programs name no origin."""
    cliente, config = puesto.cliente(puerto), puesto.config
    clave = {"X-API-Key": CLAVES[Rol.ADMIN]} if config.exige_clave else {}
    buenos = ["http://localhost:3000", "http://127.0.0.1", "https://panel.example", "HTTPS://Panel.example"]
    malos = [
        "http://evil.example",
        "null",
        "https://panel.example.evil",
        "http://panel.example",
        "file://",
        "x",
    ]
    for origen in (*buenos, *malos):
        for metodo in ("POST", "PUT", "PATCH", "DELETE"):
            hecha = cliente.open("/nada", method=metodo, headers={"Origin": origen, **clave})
            negado = not config.exige_clave and origen in malos
            assert hecha.status_code == (403 if negado else 404), (metodo, origen)
        assert cliente.get("/health", headers={"Origin": origen}).status_code == 200
        assert cliente.options("/health", headers={"Origin": origen}).status_code == 200


def test_ninguna_pagina_cambia_el_servicio_de_datos(puesto: Puesto) -> None:
    """A page that sends JSON as text needs no leave of CORS: it is refused before it is read."""
    cabeceras = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    respuesta = puesto.cliente("modulos").post(SERVICIO, data=b"{}", headers=cabeceras)
    assert respuesta.status_code == (401 if puesto.config.exige_clave else 403)


def test_sin_host_no_es_una_pagina(puesto: Puesto) -> None:
    """A program of HTTP/1.0 names no host: it is answered."""
    cliente = puesto.cliente("bff")
    sin = cliente.get("/health", environ_overrides={"HTTP_HOST": None})
    assert sin.status_code == 200


@pytest.mark.parametrize(
    ("nombre", "esperado"),
    [*((n, True) for n in ("127.0.1.1", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1", "[::1]"))]
    + [(n, False) for n in ("0.0.0.0", "", "127.0.0.1.x", "::", "10.1.2.3", "localhostx", "1")],
)
def test_loopback_es_una_red(nombre: str, esperado: bool) -> None:
    """Not three names."""
    assert es_de_esta_maquina(nombre) is esperado
