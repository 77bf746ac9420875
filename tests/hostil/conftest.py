"""One quiet system for the tests of bad input of a file, on each database."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.hostil.quieto import Quieto, levantar_quieto
from tests.servicios import base_propia


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servicios)])
def quieto(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """The system over the embedded broker, in which only requests change rows."""
    base = nullcontext("") if request.param == "sqlite" else base_propia("hostil")
    carpeta = tmp_path_factory.mktemp("quieto")
    with base as url, levantar_quieto(carpeta, DATABASE_URL=url) as quieto:
        yield quieto
