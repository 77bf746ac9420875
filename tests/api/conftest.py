"""One embedded system for the API tests that may share it."""

from collections.abc import Iterator

import pytest

from tests.api.sistema import Sistema, levantar


@pytest.fixture(scope="package")
def embebido(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The whole system in this process; every test uses entities of its own."""
    with levantar(tmp_path_factory.mktemp("sistema")) as sistema:
        yield sistema
