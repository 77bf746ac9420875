"""What the OpenAPI of the partners' BFF shows; those who answer judge."""

from typing import Any, Protocol

Objeto = dict[str, Any]
TEXTO: Objeto = {"type": "string"}
NULO: dict[str, Any] = {"type": "string", "nullable": True}


class Contestado(Protocol):
    """The schemas of the orchestrator's answers: its own, since they are passed on as they come."""

    MANDADA: Objeto
    ESTADO: Objeto


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
