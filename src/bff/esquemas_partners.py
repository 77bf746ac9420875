"""What the OpenAPI of the partners' BFF shows; those who answer judge."""

from typing import Any, Protocol

Objeto = dict[str, Any]
TEXTO: Objeto = {"type": "string"}


class Contestado(Protocol):
    """The schemas of the orchestrator's answers: its own, since they are passed on as they come."""

    MANDADA: Objeto
    ESTADO: Objeto


CONSULTA = [
    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}},
    {"in": "query", "name": "offset", "schema": {"type": "integer", "minimum": 0}},
]
