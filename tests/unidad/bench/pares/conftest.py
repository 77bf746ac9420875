"""What the tests of the peers share."""

from collections.abc import Iterator

import pytest

from tests.unidad.bench.pares.base import Base


@pytest.fixture
def base() -> Iterator[Base]:
    """A database with the three tables."""
    hecha = Base()
    yield hecha
    hecha.conexion.close()
