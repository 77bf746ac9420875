"""Ids that follow from their cause: the same each time, and of its time, so that rows lie near each other."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID, uuid5

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
_MILISEGUNDO = timedelta(milliseconds=1)
_AZAR = (1 << 74) - 1
_RESTO = (1 << 80) - 1


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


def id_de_paso(saga_id: UUID, tipo: str) -> UUID:
    """Return the id of what the step `tipo` creates: a UUIDv8 (RFC 9562, 5.8) with the saga's own time.

    It is the UUIDv5 of saga and step, whose first 48 bits are those of the saga's UUIDv7, so that rows of
    one time lie on a few pages of every index (ADR 20). A saga with any other id gives the UUIDv5 itself.
    """
    derivado = uuid5(saga_id, tipo)
    if saga_id.version != 7:
        return derivado
    bits = saga_id.int & ~_RESTO | derivado.int & _RESTO
    return UUID(int=bits & ~(0xF << 76) | 8 << 76)
