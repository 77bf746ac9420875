"""The id of a command follows from the event that ordered it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from saga_orchestrator.dominio.identidades import id_comando


def test_la_orden_tiene_el_id_de_su_evento() -> None:
    """A UUIDv7 of the event's millisecond, the same each time, and another one for each event and saga."""
    saga, fecha = uuid4(), datetime(2026, 1, 1, 12, 0, 0, 123_999, tzinfo=UTC)
    id = id_comando(saga, 1, fecha)
    assert (id.version, id.variant) == (7, UUID(int=2 << 62).variant)
    assert id.int >> 80 == int(datetime(2026, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC).timestamp() * 1000)
    assert id == id_comando(saga, 1, fecha)
    assert len({id, id_comando(saga, 2, fecha), id_comando(uuid4(), 1, fecha)}) == 3
