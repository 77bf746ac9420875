"""Ids that follow from what caused them, so that whoever reads the cause can name the message."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
_MILISEGUNDO = timedelta(milliseconds=1)
_AZAR = (1 << 74) - 1


def id_orden(saga_id: UUID, version: int, fecha: datetime) -> UUID:
    """The id of the command that event `version` of a saga sent: a UUIDv7 of that event's time.

    In place of chance there is a hash of the cause: the auditor computes from the event which inbox row
    must be there, and a row that no event explains was sent by nobody (ADR 17).
    """
    huella = int.from_bytes(
        blake2b(saga_id.bytes + version.to_bytes(8, "big"), digest_size=10).digest(), "big"
    )
    azar = huella & _AZAR
    milisegundos = (fecha - EPOCA) // _MILISEGUNDO
    return UUID(int=milisegundos << 80 | 7 << 76 | (azar >> 62) << 64 | 2 << 62 | azar & ((1 << 62) - 1))
