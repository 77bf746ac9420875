"""What the BFF checks before it forwards, and what its OpenAPI shows."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

TEXTO = {"type": "string"}
ID = {"type": "string", "format": "uuid"}
MOMENTO = {"type": "string", "format": "date-time"}
LISTA = {"type": "array", "items": {"type": "object"}}


def _objeto(**campos: Any) -> dict[str, Any]:
    return {"type": "object", "properties": campos, "required": list(campos)}


SALUD = _objeto(status=TEXTO, service=TEXTO)
INICIADA = _objeto(exito={"type": "boolean"}, saga_id=ID, estado=TEXTO, datos_iniciales={"type": "object"})
ESTADO = _objeto(
    saga_id=ID,
    estado=TEXTO,
    tipo=TEXTO,
    pasos=LISTA,
    compensaciones=LISTA,
    fecha_inicio=MOMENTO,
    fecha_fin={**MOMENTO, "nullable": True},
    error_message={**TEXTO, "nullable": True},
    requiere_atencion={"type": "boolean"},
)
PAGINA = _objeto(
    sagas={"type": "array", "items": ESTADO},
    total={"type": "integer"},
    pagina={"type": "integer"},
    limite={"type": "integer"},
)
ORDENADA = _objeto(mensaje=TEXTO, saga_id=ID, estado=TEXTO)
HECHO = _objeto(mensaje=TEXTO)


# The query of a list and the body of an order are forwarded as they came: the orchestrator judges them.
CONSULTA = [
    {"in": "query", "name": nombre, "schema": esquema}
    for nombre, esquema in (
        ("estado", TEXTO),
        ("tipo", TEXTO),
        ("pagina", {"type": "integer", "minimum": 1}),
        ("limite", {"type": "integer", "minimum": 1, "maximum": 100}),
    )
]
ORDEN = {"type": "object", "properties": {"motivo": {**TEXTO, "maxLength": 500}, "quien": TEXTO}}
CUERPO_ORDEN = {"content": {"application/json": {"schema": ORDEN}}}


class InicioEsquema(Schema):
    """The body of a start: the parts are free-form, only their presence is judged."""

    class Meta:
        """Extra fields are allowed everywhere."""

        unknown = EXCLUDE

    campana = fields.Dict(required=True)
    pago = fields.Dict(required=True)
    reporte = fields.Dict(required=True)
    timeout_minutos = fields.Integer(strict=True, validate=validate.Range(1, 525_600), load_default=None)
