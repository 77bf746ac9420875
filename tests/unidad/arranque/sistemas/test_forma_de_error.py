"""A system says the status of what is not well formed: the coffee shop's is 422 (000, section 2)."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from aeropartners.arranque.sistemas.cafeteria.forma_de_error import FORMA
from aeropartners.arranque.sistemas.partners.forma_de_error import SOBRE
from aeropartners.seedwork.aplicacion.bucles.escritor import ClaveReutilizada
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.escritura import clave_de_peticion
from aeropartners.seedwork.infraestructura.web.esquemas import PaginaEsquema, exigir_limpieza, id_valido
from aeropartners.seedwork.infraestructura.web.formas_de_error import DETALLE, FormaDeError
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado

JSON = "application/json"
REGLAS = {
    "validacion": ErrorDeDominio("Cantidad inválida", "VALIDACION"),
    "nada": NoEncontrado("Pedido no encontrado"),
    "reutilizada": ClaveReutilizada(),
    "fuera": OrdenFueraDeEstado("La SAGA ya terminó"),
    "rota": ErrorDeDominio("Una regla rota"),
}


class Cuerpo(Schema):
    """A body with one field."""

    cantidad = fields.Integer(required=True, validate=validate.Range(1))


def cliente_de(forma: FormaDeError) -> FlaskClient:
    """Return a client of an application with every kind of refusal."""
    b = Blueprint("cosas", __name__, url_prefix="/cosas")

    @b.post("/")
    @exige(Permiso.CREAR)
    @b.arguments(Cuerpo)
    def crear(_cuerpo: dict[str, Any]) -> dict[str, Any]:
        clave_de_peticion("cosas")
        return {}

    @b.get("/")
    @exige(Permiso.LEER)
    @b.arguments(PaginaEsquema, location="query")
    def lista(_consulta: dict[str, Any]) -> dict[str, Any]:
        return {}

    @b.get("/<cosa_id>")
    @exige(Permiso.LEER)
    def una(cosa_id: str) -> dict[str, UUID]:
        return {"id": id_valido(cosa_id, "Id inválido")}

    @b.get("/reglas/<nombre>")
    @exige(Permiso.LEER)
    def regla(nombre: str) -> dict[str, Any]:
        raise REGLAS[nombre]

    @b.delete("/")
    @exige(Permiso.ADMINISTRAR)
    def borrar() -> dict[str, Any]:
        exigir_limpieza(False)
        return {}

    return crear_aplicacion("cosas", [b], acceso=SIN_CLAVES, forma=forma).test_client()


MAL_FORMADAS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "campo que falta": ("POST", "/cosas/", {"json": {}}),
    "campo fuera de su intervalo": ("POST", "/cosas/", {"json": {"cantidad": 0}}),
    "no es JSON": ("POST", "/cosas/", {"data": "{", "content_type": JSON}),
    "no dice que es JSON": ("POST", "/cosas/", {"data": "{}"}),
    "NUL en el cuerpo": ("POST", "/cosas/", {"json": {"cantidad": 1, "otro": "\x00"}}),
    "página de nadie": ("GET", "/cosas/?limit=0", {}),
    "NUL en la consulta": ("GET", "/cosas/?x=%00", {}),
    "control en el camino": ("GET", "/cosas/%01", {}),
    "id que no lo es": ("GET", "/cosas/x", {}),
    "regla de la forma": ("GET", "/cosas/reglas/validacion", {}),
}


@pytest.mark.parametrize("caso", MAL_FORMADAS)
def test_lo_mal_formado_es_422_en_la_cafeteria(caso: str) -> None:
    """With a list of faults, `{loc, msg, type}` each; elsewhere the same request is a 400."""
    metodo, ruta, como = MAL_FORMADAS[caso]
    respuesta = cliente_de(FORMA).open(ruta, method=metodo, **como)
    assert respuesta.status_code == 422
    [cuerpo] = respuesta.get_json().values()
    assert [set(falta) for falta in cuerpo] == [{"loc", "msg", "type"}]
    for forma in (DETALLE, SOBRE):
        assert cliente_de(forma).open(ruta, method=metodo, **como).status_code == 400


def test_una_clave_mal_formada_tambien() -> None:
    """It is a header, so its fault has no place in the body: a text."""
    vacia = {"Idempotency-Key": ""}
    for forma, estado in ((FORMA, 422), (DETALLE, 400), (SOBRE, 400)):
        negada = cliente_de(forma).post("/cosas/", json={"cantidad": 1}, headers=vacia)
        assert negada.status_code == estado
    assert isinstance(cliente_de(FORMA).post("/cosas/", json={}, headers=vacia).get_json()["detail"], list)


@pytest.mark.parametrize(
    ("metodo", "ruta", "estado"),
    [
        ("GET", "/cosas/reglas/nada", 404),
        ("GET", "/cosas/reglas/reutilizada", 422),
        ("GET", "/cosas/reglas/fuera", 409),
        ("GET", "/cosas/reglas/rota", 400),
        ("DELETE", "/cosas/", 403),
        ("GET", "/ninguna", 404),
        ("PUT", "/cosas/", 405),
    ],
)
def test_lo_demas_es_un_texto(metodo: str, ruta: str, estado: int) -> None:
    """Broken rules and unknown routes of the coffee shop: `{detail: text}`, with the contract's status."""
    respuesta = cliente_de(FORMA).open(ruta, method=metodo)
    assert respuesta.status_code == estado
    assert isinstance(respuesta.get_json()["detail"], str)
    assert set(respuesta.get_json()) == {"detail"}


@pytest.mark.parametrize(("forma", "dicha"), [(FORMA, "422"), (DETALLE, "400")])
def test_el_openapi_dice_el_mismo_estado(forma: FormaDeError, dicha: str) -> None:
    """Every operation that can be asked badly declares the system's status, and not the other one."""
    caminos = cliente_de(forma).get("/openapi.json").get_json()["paths"]
    for operacion in (
        caminos["/cosas/"]["post"],
        caminos["/cosas/"]["get"],
        caminos["/cosas/{cosa_id}"]["get"],
    ):
        assert {"400", "422"} & operacion["responses"].keys() == {dicha}
