"""The schemas of the partners' BFF for its OpenAPI; the services behind it validate."""

from typing import Any, Protocol

Objeto = dict[str, Any]
TEXTO: Objeto = {"type": "string"}
NULO: dict[str, Any] = {"type": "string", "nullable": True}


class Contestado(Protocol):
    """The OpenAPI schemas of the orchestrator's answers, which the BFF passes on unchanged."""

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
