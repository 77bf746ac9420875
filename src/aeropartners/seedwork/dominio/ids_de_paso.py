"""Ids of what the steps of a saga create: the same id each time, sorted near the saga's id in an index."""

from hashlib import sha1
from uuid import UUID, uuid5

_RESTO = (1 << 80) - 1


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


def texto_de_paso(saga_id: str, tipo: str) -> str:
    """Return the id of `id_de_paso` as text, from text: for many sagas UUID objects are too expensive."""
    saga = saga_id.replace("-", "")
    h = sha1(bytes.fromhex(saga) + tipo.encode(), usedforsecurity=False).hexdigest()
    tiempo, version = (saga[:12], "8") if saga[12] == "7" else (h[:12], "5")
    return f"{tiempo[:8]}-{tiempo[8:]}-{version}{h[13:16]}-{int(h[16], 16) & 3 | 8:x}{h[17:20]}-{h[20:32]}"
