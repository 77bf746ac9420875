"""Deny by default: every route of every service says what it needs, and refuses whoever may not."""

from collections.abc import Callable, Iterator

import pytest
from flask import Response, jsonify
from flask_smorest import Blueprint
from werkzeug.test import TestResponse

from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.arranque.sistemas.partners.forma_de_error import SOBRE
from aeropartners.seedwork.infraestructura.seguridad.claves import huella
from aeropartners.seedwork.infraestructura.seguridad.claves_conocidas import ClavesFijas
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES, Acceso
from aeropartners.seedwork.infraestructura.web.acceso.permisos import (
    PUEDE,
    Permiso,
    Rol,
    RutaSinPermiso,
    exige,
)
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.errores import MENSAJES
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_de
from tests.seguridad.paseo import CLAVES, EQUIVOCADA, Paseo, Ruta, negadas, pasear


@pytest.fixture(scope="module")
def paseo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paseo]:
    """The embedded system, with keys on."""
    with pasear(tmp_path_factory.mktemp("paseo")) as paseo:
        yield paseo


def exigir_negada(paseo: Paseo, ruta: Ruta, respuesta: TestResponse, estado: int) -> str:
    """Return what is wrong with a refusal: its status, and the body of the route's own system."""
    if respuesta.status_code != estado:
        return f"{ruta}: {respuesta.status_code}, debía ser {estado}"
    forma = forma_de(paseo.apps[ruta.app])
    codigo = {401: "NO_AUTENTICADO", 403: "NO_AUTORIZADO"}[estado]
    esperado = forma.cuerpo(codigo, MENSAJES[estado], (), None)
    dicho = respuesta.get_json()
    cambiantes = {"timestamp", "saga_id"}
    iguales = {k: v for k, v in dicho.items() if k not in cambiantes} == {
        k: v for k, v in esperado.items() if k not in cambiantes
    }
    return "" if iguales and dicho.keys() == esperado.keys() else f"{ruta}: {dicho}"


def rechazos(
    paseo: Paseo, estado: int, quienes: Callable[[Ruta], list[dict[str, str]]]
) -> tuple[int, list[str]]:
    """Knock at all closed doors with each of these headers; return how often, and what went wrong."""
    hechas = [
        exigir_negada(paseo, ruta, paseo.llamar(ruta, **cabeceras), estado)
        for ruta in paseo.rutas
        if not ruta.abierta
        for cabeceras in quienes(ruta)
    ]
    return len(hechas), [falta for falta in hechas if falta]


def test_cada_aplicacion_tiene_rutas_y_todas_dicen_que_exigen(paseo: Paseo) -> None:
    """The walk finds all services, and no route without a permission."""
    assert set(SERVICIOS) == set(paseo.apps)
    assert min(sum(r.app == nombre for r in paseo.rutas) for nombre in paseo.apps) > 5
    assert [str(r) for r in paseo.rutas if r.permiso is None] == []


def test_sin_clave_nadie_entra(paseo: Paseo) -> None:
    """No key, an empty one, or a bearer that is none: 401 in the system's own shape."""
    nadie = [{}, {"X_API_Key": ""}, {"Authorization": "Bearer "}, {"Authorization": "Basic YTpi"}]
    veces, faltas = rechazos(paseo, 401, lambda _ruta: nadie)
    assert faltas == []
    assert veces > 200


def test_con_una_clave_equivocada_tampoco(paseo: Paseo) -> None:
    """A key that nobody gave, a right one as a bearer, and one with another's beginning."""
    casi = CLAVES[Rol.ADMIN][:-1]
    malas = [
        {"X_API_Key": EQUIVOCADA},
        {"X_API_Key": casi},
        {"X_API_Key": huella(CLAVES[Rol.ADMIN])},
        {"Authorization": f"Bearer {CLAVES[Rol.ADMIN]}"},
    ]
    veces, faltas = rechazos(paseo, 401, lambda _ruta: malas)
    assert faltas == []
    assert veces > 200


def test_cada_rol_entra_donde_la_tabla_dice_y_en_ningun_otro_sitio(paseo: Paseo) -> None:
    """403 for who may not; who may is answered by the route itself, whatever it says."""
    veces, faltas = rechazos(paseo, 403, lambda ruta: [{"X_API_Key": CLAVES[rol]} for rol in negadas(ruta)])
    assert faltas == []
    assert veces > 50
    for ruta in paseo.rutas:
        for rol in set(Rol) - set(negadas(ruta)):
            respuesta = paseo.llamar(ruta, X_API_Key=CLAVES[rol])
            assert respuesta.status_code != 401, f"{ruta} {rol}"
            if respuesta.status_code == 403:  # the cleanup routes have a rule of their own
                assert "PERMITIR_LIMPIEZA" in respuesta.get_json()["detail"], f"{ruta} {rol}"


def test_lo_abierto_es_poco(paseo: Paseo) -> None:
    """Only probes are open (004, section 8)."""
    abiertas = {r.regla.rstrip("/").rsplit("/", 1)[-1] for r in paseo.rutas if r.abierta}
    assert abiertas <= {"health", "healthz", "ready", "ping"}
    for ruta in paseo.rutas:
        if ruta.abierta:
            assert paseo.llamar(ruta).status_code not in (401, 403), str(ruta)


def test_la_tabla_de_roles_es_la_del_contrato() -> None:
    """A reader reads; an operator does all but administer; a service neither changes nor administers."""
    assert PUEDE[Rol.LECTOR] == {Permiso.LEER}
    assert PUEDE[Rol.OPERADOR] == {Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR}
    assert PUEDE[Rol.SERVICIO] == {Permiso.LEER, Permiso.CREAR}
    assert PUEDE[Rol.ADMIN] == set(Permiso) - {Permiso.ABIERTO}


def test_una_ruta_sin_permiso_no_arranca() -> None:
    """The application is not made, and the message names the route."""
    b = Blueprint("nueva", __name__, url_prefix="/nueva")
    b.post("/<id>/olvidada")(lambda id: "")
    with pytest.raises(RutaSinPermiso, match="POST /nueva/<id>/olvidada"):
        crear_aplicacion("nueva", [b], acceso=SIN_CLAVES)


def test_una_ruta_que_llega_tarde_no_se_abre() -> None:
    """One that is added to a made application is refused to everybody."""
    acceso = Acceso([ClavesFijas([(huella("c"), Rol.ADMIN)])], exigido=True)
    app = crear_aplicacion("tarde", [], acceso=acceso)
    app.add_url_rule("/tarde", view_func=lambda: "dentro")
    assert app.test_client().get("/tarde", headers={"X-API-Key": "c"}).status_code == 403


def test_cada_sistema_rechaza_en_su_forma() -> None:
    """The partners' envelope, with its codes, when an application has that shape."""
    b = Blueprint("partners", __name__)

    @b.get("/api/v1/saga/status/<saga_id>")
    @exige(Permiso.LEER)
    def estado(saga_id: str) -> Response:
        return jsonify({})

    acceso = Acceso([ClavesFijas([(huella("c"), Rol.ADMIN)])], exigido=True)
    cliente = crear_aplicacion("partners", [b], acceso=acceso, forma=SOBRE).test_client()
    sin, ajena = cliente.get("/api/v1/saga/status/s-1"), cliente.get("/nada")
    assert sin.status_code == 401
    assert sin.get_json() | {"timestamp": ""} == {
        "error": MENSAJES[401],
        "codigo": "NO_AUTENTICADO",
        "saga_id": "s-1",
        "timestamp": "",
    }
    assert "Bearer" in sin.headers["WWW-Authenticate"]
    assert ajena.status_code == 404
    assert ajena.get_json()["codigo"] == "RUTA_NO_ENCONTRADA"


def test_el_openapi_dice_que_exige_cada_operacion(paseo: Paseo) -> None:
    """Security schemes, and for each operation what it needs and that it may be refused."""
    for app in paseo.apps:
        documento = paseo.llamar(
            Ruta(app, "GET", "/openapi.json", None), X_API_Key=CLAVES[Rol.LECTOR]
        ).get_json()
        assert set(documento["components"]["securitySchemes"]) == {"clave", "ficha"}
        operaciones = [
            o for camino in documento["paths"].values() for m, o in camino.items() if m != "parameters"
        ]
        assert operaciones
        for operacion in operaciones:
            cerrada = operacion["x-permiso"] != Permiso.ABIERTO
            assert bool(operacion["security"]) is cerrada
            assert ({"401", "403"} <= operacion["responses"].keys()) is cerrada
