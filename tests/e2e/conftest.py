"""One system of real processes for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.sistema import Sistema, migrado


@pytest.fixture
def sistema(tmp_path: Path) -> Iterator[Sistema]:
    """A system for one test."""
    with migrado(tmp_path) as sistema:
        yield sistema
