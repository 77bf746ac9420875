"""What the queries and bodies of every API have in common: paging, reasons, ids and the cleanup's permit."""

import re
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import LARGO_MOTIVO

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ENTERO = re.compile(r"[+-]?[0-9]+")
DESPLAZAMIENTO_MAXIMO = 1_000_000_000


class DesdeEsquema(Esquema):
    """How many of a list to pass over."""

    offset = fields.Integer(load_default=0, validate=validate.Range(0, DESPLAZAMIENTO_MAXIMO))


class PaginaEsquema(DesdeEsquema):
    """The query of a list that without a limit is all."""

    limit = fields.Integer(validate=validate.Range(1, 1000))


class MotivoEsquema(Esquema):
    """The optional body of an undo or a change of state."""

    motivo = Texto(maximo=LARGO_MOTIVO, vacio=True, load_default="", allow_none=True)
    saga_id = fields.UUID(load_default=None, allow_none=True)


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


def numero_o_nada(parametro: str, texto: str) -> int | None:
    """Return the number in a path; None for one that no row can have.

    Raises ValidationError if the text is no integer.
    """
    if not _ENTERO.fullmatch(texto):
        raise ValidationError({"path": {parametro: ["Debe ser un número entero"]}})
    numero = int(texto)  # a path is too short for more digits than Python reads
    return numero if 1 <= numero < 2**63 else None
