"""The partners' form of errors, and the HTTP status of each code (004, section 1)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields

from aeropartners.seedwork.infraestructura.web.formas import Falta, Forma


class ErrorSobre(Schema):
    """The schema of an error (004, section 1)."""

    error = fields.String(required=True)
    codigo = fields.String(required=True)
    saga_id = fields.String(required=True, allow_none=True)
    timestamp = fields.DateTime(required=True)


def _sobre(codigo: str, mensaje: str, faltas: Sequence[Falta], saga_id: object) -> dict[str, Any]:
    error = "; ".join(f"{'.'.join(f['loc'])}: {f['msg']}" for f in faltas) or mensaje
    momento = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "error": error,
        "codigo": codigo,
        "saga_id": str(saga_id) if saga_id else None,
        "timestamp": momento,
    }


SOBRE = Forma(
    _sobre,
    {
        "SAGA_NO_ENCONTRADA": 404,
        "PARTNER_NO_ENCONTRADO": 404,
        "INTEGRACION_NO_ENCONTRADA": 404,
        "CONTRATO_NO_ENCONTRADO": 404,
        "EMAIL_EXISTENTE": 409,
        "ESTADO_INVALIDO": 409,
        "PARTNER_ELIMINADO": 410,
        "PARTNER_YA_ELIMINADO": 410,
        "INTEGRACION_YA_REVOCADA": 410,
        "CLAVE_REUTILIZADA": 422,
        "ERROR_SAGA": 500,
        "SAGA_NO_DISPONIBLE": 503,
        "SERVICIO_NO_DISPONIBLE": 503,
    },
    ErrorSobre,
    {
        "NO_ENCONTRADO": "SAGA_NO_ENCONTRADA",
        "CONFLICTO_DE_ESTADO": "ESTADO_INVALIDO",
        "CLAVE_INVALIDA": "DATOS_INVALIDOS",
        "VALIDACION": "DATOS_INVALIDOS",
    },
    sin_base=500,
    mas=(HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY),
)
