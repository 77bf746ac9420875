"""The ids of what the steps of a saga create: the same each time, and near each other in an index."""

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
