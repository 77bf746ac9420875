"""What the OpenAPI of the partners' BFF shows; those who answer judge."""

from typing import Any

TEXTO: dict[str, Any] = {"type": "string"}
LIBRE: dict[str, Any] = {"type": "object"}
NULO: dict[str, Any] = {"type": "string", "nullable": True}


def _objeto(**campos: Any) -> dict[str, Any]:
    return {"type": "object", "properties": campos, "required": list(campos)}


PARTNERS = _objeto(partners={"type": "array", "items": LIBRE}, total={"type": "integer"})
MANDADA = _objeto(message=TEXTO, saga_id=TEXTO, correlation_id=TEXTO, status=TEXTO)
SAGA = _objeto(saga=LIBRE)
CONSULTA = [
    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}},
    {"in": "query", "name": "offset", "schema": {"type": "integer", "minimum": 0}},
]
INICIO: dict[str, Any] = {
    "type": "object",
    "properties": {
        "nombre": TEXTO,
        "email": TEXTO,
        "telefono": NULO,
        "direccion": NULO,
        "correlation_id": NULO,
        "contrato": {"type": "object", "nullable": True},
    },
    "required": ["nombre", "email"],
}
CUERPO = {"content": {"application/json": {"schema": INICIO}}, "required": True}
