"""The schemas of the partners' BFF for its OpenAPI; the services behind it validate."""

from typing import Any, Protocol

Objeto = dict[str, Any]
TEXTO: Objeto = {"type": "string"}


class Contestado(Protocol):
    """The OpenAPI schemas of the orchestrator's answers, which the BFF passes on unchanged."""

    MANDADA: Objeto
    ESTADO: Objeto


CONSULTA = [
    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}},
    {"in": "query", "name": "offset", "schema": {"type": "integer", "minimum": 0}},
]
