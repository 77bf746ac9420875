"""How each system says that something went wrong: one body for every status and all of its services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from marshmallow import Schema, fields

from aeropartners.seedwork.infraestructura.web.openapi import ErrorContrato

# What went wrong: in words, or as marshmallow's faults, `[{loc, msg, type}]`.
Dicho = str | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Forma:
    """The body for a status, a code and words; its schema; the statuses that differ from the common ones."""

    cuerpo: Callable[[int, str, Dicho], dict[str, Any]]
    esquema: type[Schema]
    estados: Mapping[str, int] = field(default_factory=dict)


class SobreEsquema(Schema):
    """The error body of the partners' system (004, section 1)."""

    error = fields.String(required=True)
    codigo = fields.String(required=True)
    saga_id = fields.String(required=True, allow_none=True)
    timestamp = fields.String(required=True)


def _detalle(_estado: int, _codigo: str, dicho: Dicho) -> dict[str, Any]:
    return {"detail": dicho}


def _sobre(_estado: int, codigo: str, dicho: Dicho) -> dict[str, Any]:
    faltas = (
        dicho if isinstance(dicho, str) else "; ".join(f"{'.'.join(d['loc'])}: {d['msg']}" for d in dicho)
    )
    saga_id = (request.view_args or {}).get("saga_id") or request.headers.get("X-Saga-ID") or None
    return {"error": faltas, "codigo": codigo, "saga_id": saga_id, "timestamp": datetime.now(UTC)}


DETALLE = Forma(_detalle, ErrorContrato)
SOBRE = Forma(_sobre, SobreEsquema, {"CLAVE_REUTILIZADA": 422})


def forma_de(app: Flask) -> Forma:
    """Return the shape of an application."""
    forma: Forma = app.extensions["forma"]
    return forma
