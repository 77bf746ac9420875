"""Ids that follow from what caused them, so that whoever reads the cause can name the message."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
_MILISEGUNDO = timedelta(milliseconds=1)
CERCA = timedelta(hours=24)
_AZAR = (1 << 74) - 1
_RESTO = (1 << 62) - 1


def es_de_otro_dia(id: UUID, ahora: datetime) -> bool:
    """Whether an id that somebody else chose tells a time more than a day away.

    Sagas are kept by the time in their ids: such a one would lie where none is looked after.
    """
    return id.version == 7 and abs((id.int >> 80) - (ahora - EPOCA) // _MILISEGUNDO) > CERCA // _MILISEGUNDO


def id_comando(saga_id: UUID, version: int, fecha: datetime) -> UUID:
    """The id of the command that event `version` of a saga sent: a UUIDv7 of that event's time.

    In place of chance there is a hash of the cause: the cotejo computes from the event which inbox row
    must be there, and a row that no event explains was sent by nobody (ADR 17).
    """
    return UUID(int=_orden(saga_id.bytes, version, fecha))


def texto_orden(saga_id: str, version: int, fecha: datetime) -> str:
    """The same id as text: over many sagas, objects cost more than hashes."""
    return _texto(f"{_orden(_bytes(saga_id), version, fecha):032x}")


def _orden(saga_id: bytes, version: int, fecha: datetime) -> int:
    huella = (
        int.from_bytes(blake2b(saga_id + version.to_bytes(8, "big"), digest_size=10).digest(), "big") & _AZAR
    )
    milisegundos = (fecha - EPOCA) // _MILISEGUNDO
    return milisegundos << 80 | 7 << 76 | (huella >> 62) << 64 | 2 << 62 | huella & _RESTO


def _bytes(id: str) -> bytes:
    return bytes.fromhex(id.replace("-", ""))


def _texto(hexadecimal: str) -> str:
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
