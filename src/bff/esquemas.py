"""The schemas that the BFF validates, and those that its OpenAPI shows."""

from typing import Any, Protocol

from marshmallow import EXCLUDE, Schema, fields, validate

Objeto = dict[str, Any]
TEXTO: Objeto = {"type": "string"}
SALUD: Objeto = {
    "type": "object",
    "properties": {"status": TEXTO, "service": TEXTO},
    "required": ["status", "service"],
}


class Contestado(Protocol):
    """The OpenAPI schemas of the orchestrator's answers, which the BFF passes on unchanged."""

    INICIADA: Objeto
    SAGA: Objeto
    PAGINA: Objeto
    ORDENADA: Objeto
    BORRADA: Objeto
    LIMPIEZA: Objeto
    LIMPIEZA_TOTAL: Objeto


def consulta(saga: Objeto) -> list[Objeto]:
    """Return the OpenAPI query of a list of sagas; only the orchestrator validates it."""
    esquemas = {
        "estado": saga["properties"]["estado"],
        "tipo": saga["properties"]["tipo"],
        "pagina": {"type": "integer", "minimum": 1},
        "limite": {"type": "integer", "minimum": 1, "maximum": 100},
    }
    return [{"in": "query", "name": nombre, "schema": esquema} for nombre, esquema in esquemas.items()]


ORDEN = {"type": "object", "properties": {"motivo": {**TEXTO, "maxLength": 500}, "quien": TEXTO}}
CUERPO_ORDEN = {"content": {"application/json": {"schema": ORDEN}}}


class InicioEsquema(Schema):
    """The body of a start: its parts may have any fields, but must be there."""

    class Meta:
        """Extra fields are allowed everywhere."""

        unknown = EXCLUDE

    campana = fields.Dict(required=True)
    pago = fields.Dict(required=True)
    reporte = fields.Dict(required=True)
    timeout_minutos = fields.Integer(strict=True, validate=validate.Range(1, 525_600), load_default=None)
