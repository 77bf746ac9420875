"""GET /docs of every service: the API shown by its own server, under a policy that no other page has."""

import re
from collections.abc import Iterator

import pytest

from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, Rol
from aeropartners.seedwork.infraestructura.web.aplicacion import DE_SEGURIDAD
from aeropartners.seedwork.infraestructura.web.openapi.documentacion import DE_SWAGGER, INICIO, POLITICA
from tests.seguridad.paseo import CLAVES, Paseo, pasear

LECTOR = {"X-API-Key": CLAVES[Rol.LECTOR]}
CSP = "Content-Security-Policy"


@pytest.fixture(scope="module")
def paseo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paseo]:
    """All services, with keys on."""
    with pasear(tmp_path_factory.mktemp("docs")) as paseo:
        yield paseo


@pytest.mark.parametrize("servicio", SERVICIOS)
def test_la_pagina_y_todo_lo_que_pide(paseo: Paseo, servicio: str) -> None:
    """The page, its style, its scripts and the document are this service's, for whoever may read."""
    cliente = paseo.apps[servicio].test_client()
    pagina = cliente.get("/docs", headers=LECTOR)
    assert (pagina.status_code, pagina.mimetype) == (200, "text/html")
    assert paseo.apps[servicio].name in pagina.get_data(as_text=True)
    pedidos = re.findall(r'(?:href|src|data-openapi)="([^"]+)"', pagina.get_data(as_text=True))
    tipos = {}
    for ruta in pedidos:
        assert ruta.startswith("/")
        respuesta = cliente.get(ruta, headers=LECTOR)
        assert respuesta.status_code == 200, ruta
        tipos[ruta] = respuesta.mimetype
    assert sorted(tipos.values()) == ["application/json", "image/png", "text/css", *["text/javascript"] * 2]


def test_nada_viene_de_otro_servidor(paseo: Paseo) -> None:
    """The page and its own script name no other host, and the library is told of none to check with."""
    cliente = paseo.apps["bff"].test_client()
    guion = cliente.get("/docs/inicio.js", headers=LECTOR).get_data(as_text=True)
    for texto in (cliente.get("/docs", headers=LECTOR).get_data(as_text=True), guion):
        assert "//" not in texto.replace("<!doctype", "")
    assert "validatorUrl: null" in guion
    assert "SwaggerUIBundle(" in guion
    biblioteca = cliente.get("/docs/swagger-ui-bundle.js", headers=LECTOR).get_data(as_text=True)
    assert "SwaggerUIBundle" in biblioteca


def test_solo_estas_paginas_tienen_su_politica(paseo: Paseo) -> None:
    """Scripts of this server run in /docs, and nowhere else; what is not found there is data again."""
    assert "script-src 'self'" in POLITICA
    assert "frame-ancestors 'none'" in POLITICA
    assert "unsafe" not in POLITICA
    assert "*" not in POLITICA
    for ruta in paseo.rutas:
        if ruta.metodo != "GET" or "stream" in ruta.regla:
            continue
        respuesta = paseo.llamar(ruta, X_API_Key=CLAVES[Rol.ADMIN])
        de_la_pagina = ruta.regla == "/docs/"
        assert respuesta.headers[CSP] == (POLITICA if de_la_pagina else DE_SEGURIDAD[CSP]), str(ruta)
    for app in paseo.apps.values():
        for nombre in (INICIO, *DE_SWAGGER):
            assert app.test_client().get(f"/docs/{nombre}", headers=LECTOR).headers[CSP] == POLITICA


def test_pide_lo_mismo_que_el_openapi(paseo: Paseo) -> None:
    """Neither the page nor its files are open, nor closed to who may read the document."""
    permisos = {r.permiso for r in paseo.rutas if r.regla.startswith(("/docs", "/openapi.json"))}
    assert permisos == {Permiso.LEER}


def test_el_navegador_no_la_baja_dos_veces(paseo: Paseo) -> None:
    """It asks each time whether a file is still the same, and an unchanged one is not sent again."""
    cliente = paseo.apps["bff"].test_client()
    primera = cliente.get("/docs/swagger-ui-bundle.js", headers=LECTOR)
    otra_vez = cliente.get(
        "/docs/swagger-ui-bundle.js", headers={**LECTOR, "If-None-Match": primera.headers["ETag"]}
    )
    assert primera.headers["Cache-Control"] == "no-cache"
    assert (otra_vez.status_code, otra_vez.get_data()) == (304, b"")
