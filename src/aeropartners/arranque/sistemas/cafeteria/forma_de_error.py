"""The coffee shop's form of errors, and the HTTP status of each code (000, section 2)."""

from collections.abc import Sequence
from typing import Any

from aeropartners.seedwork.infraestructura.web.formas_de_error import (
    ErrorDetalle,
    Falta,
    FormaDeError,
)

# Codes without a list of faults that are a fault of this part of the request all the same.
LUGARES = {"VALIDACION": "body", "ID_INVALIDO": "path"}


def _detalle(codigo: str, mensaje: str, faltas: Sequence[Falta], _saga_id: object) -> dict[str, Any]:
    if lugar := LUGARES.get(codigo):
        faltas = faltas or [{"loc": [lugar], "msg": mensaje, "type": "value_error"}]
    return {"detail": list(faltas) or mensaje}


FORMA = FormaDeError(
    _detalle,
    {
        "NO_ENCONTRADO": 404,
        "NO_PERMITIDO": 403,
        "CLAVE_REUTILIZADA": 422,
        "CONFLICTO_DE_ESTADO": 409,
    },
    ErrorDetalle,
    mal_formada=422,
)
