"""One quiet system for all tests of bad input."""

from collections.abc import Iterator

import pytest

from tests.hostil.quieto import Quieto, levantar_quieto


@pytest.fixture(scope="session")
def quieto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """The embedded system, in which only requests change rows."""
    with levantar_quieto(tmp_path_factory.mktemp("quieto")) as quieto:
        yield quieto
