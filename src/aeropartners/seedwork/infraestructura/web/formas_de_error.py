"""The form of a system's refusals: the body of an error, and the HTTP status of every code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, request
from marshmallow import Schema, fields

from aeropartners.seedwork.aplicacion.puertos import Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

Falta = dict[str, Any]
Cuerpo = Callable[[str, str, Sequence[Falta], object], dict[str, Any]]
# Codes of a request that is not well formed; others are of a broken rule.
MAL_FORMADAS = frozenset({"VALIDACION", "ID_INVALIDO", "CLAVE_INVALIDA"})
TEXTO: dict[str, Any] = {"type": "string"}
FALTA: dict[str, Any] = {
    "type": "object",
    "properties": {"loc": {"type": "array", "items": TEXTO}, "msg": TEXTO, "type": TEXTO},
    "required": ["loc", "msg", "type"],
}


@dataclass(frozen=True, slots=True)
class FormaDeError:
    """How one system words what it refuses.

    `cuerpo` makes the body from code, text, list of faults and saga. `estados` is the HTTP status of each
    code; others are 400, or `mal_formada`, the status of a body, query, path or header of the wrong form.
    `nombres` translates codes of the platform to the system's own. `sin_base` is the status while the
    database is away. `mas` are statuses that the system's writes can return besides those of every system.
    """

    cuerpo: Cuerpo
    estados: Mapping[str, int]
    esquema: type[Schema]
    nombres: Mapping[str, str] = field(default_factory=dict)
    mal_formada: int = 400
    sin_base: int = 503
    mas: tuple[HTTPStatus, ...] = ()

    def contestar(self, error: ErrorDeDominio, saga_id: object = None) -> Contestacion:
        """Return the answer to a broken rule."""
        codigo = self.nombres.get(error.codigo, error.codigo)
        cuerpo = self.cuerpo(codigo, error.mensaje, (), saga_id)
        implicito = self.mal_formada if error.codigo in MAL_FORMADAS else 400
        return Contestacion(self.estados.get(codigo, implicito), cuerpo)


class ErrorDetalle(Schema):
    """The error body of the platform, and of the campaigns (001, section 1)."""

    detail = fields.Raw(required=True, metadata={"oneOf": [TEXTO, {"type": "array", "items": FALTA}]})
    reintentable = fields.Boolean()


def _detalle(_codigo: str, mensaje: str, faltas: Sequence[Falta], _saga_id: object) -> dict[str, Any]:
    return {"detail": list(faltas) or mensaje}


DETALLE = FormaDeError(
    _detalle,
    {
        "NO_ENCONTRADO": 404,
        "NO_PERMITIDO": 403,
        "DUPLICADO": 409,
        "CLAVE_REUTILIZADA": 409,
        "CONFLICTO_DE_ESTADO": 409,
    },
    ErrorDetalle,
)


def forma_de(app: Flask) -> FormaDeError:
    """Return the form of an application."""
    forma = app.extensions["forma"]
    assert isinstance(forma, FormaDeError)
    return forma


def forma_actual() -> FormaDeError:
    """Return the form of the application that serves the present request."""
    return forma_de(current_app)


def saga_actual() -> object:
    """Return the saga of the present request, from its view or its route; None without one."""
    return g.get("saga_id") or (request.view_args or {}).get("saga_id")
