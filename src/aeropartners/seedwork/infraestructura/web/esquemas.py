"""Schema fields and checks that every API uses: money, instants, text and ids."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_nfc, en_utc

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DESPLAZAMIENTO_MAXIMO = 1_000_000_000


class Esquema(Schema):
    """Base schema: unknown fields are ignored."""

    class Meta:
        """Extra fields are allowed everywhere (contracts README)."""

        unknown = EXCLUDE


class MontoJson(fields.Field[Decimal]):
    """Exact money from a JSON number; strings and booleans are refused."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(metadata={"type": "number"}, **kw)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValidationError("Debe ser un número")
        monto = Decimal(str(value))
        if not monto.is_finite() or abs(monto) >= Decimal("1e12"):
            raise ValidationError("Debe ser un número finito y menor que 10^12")
        return monto


class MomentoUtc(fields.Field[datetime]):
    """An ISO-8601 instant; without a zone it is UTC."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date-time"}, **kw)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any
    ) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("Debe ser una fecha ISO-8601")
        try:
            return en_utc(datetime.fromisoformat(value))
        except (ValueError, OverflowError) as error:
            raise ValidationError("Debe ser una fecha ISO-8601") from error


class Texto(fields.Field[str]):
    """Text, not blank, in NFC, without characters that a database refuses.

    `palabras` are the values that a rule of the domain accepts. The OpenAPI lists them; the rule itself
    checks.
    """

    def __init__(
        self, *, maximo: int = 255, vacio: bool = False, palabras: Sequence[str] = (), **kw: Any
    ) -> None:
        cerrado = {"enum": list(palabras)} if palabras else {}
        largo = {"maxLength": maximo, "minLength": int(not vacio)}
        super().__init__(metadata={"type": "string", **largo, **cerrado}, **kw)
        self.maximo = maximo
        self.vacio = vacio

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Debe ser un texto")
        texto = en_nfc(value, self.maximo)
        if texto is None:
            raise ValidationError(f"Admite como máximo {self.maximo} caracteres")
        if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in texto):
            raise ValidationError("Contiene caracteres no permitidos")
        if not texto and not self.vacio:
            raise ValidationError("No puede estar vacío")
        return texto


def id_valido(texto: str, mensaje: str) -> UUID:
    """Return the uuid; raises ErrorDeDominio with ID_INVALIDO if the text is none."""
    if not _UUID.fullmatch(texto):
        raise ErrorDeDominio(mensaje, "ID_INVALIDO")
    return UUID(texto)


def exigir_limpieza(permitida: bool) -> None:
    """Raise ErrorDeDominio unless PERMITIR_LIMPIEZA allows destructive routes."""
    if not permitida:
        raise ErrorDeDominio("Limpieza deshabilitada: requiere PERMITIR_LIMPIEZA=1", "NO_PERMITIDO")


def uuid_o_nada(texto: str) -> UUID | None:
    """Return the uuid; None for a text that is none, and so the id of no stream."""
    return UUID(texto) if _UUID.fullmatch(texto) else None
