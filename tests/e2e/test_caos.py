"""Ten random kills under load, always the same ones; `make caos N=…` plays as many as asked."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.e2e.caos import caos

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
MUERTES, SEMILLA = 10, 26


def test_diez_muertes(tmp_path: Path) -> None:
    """Nothing is lost, nothing is done twice, and every invariant holds."""
    informe = caos(tmp_path, MUERTES, SEMILLA)
    Console().print(informe.tabla())
    assert informe.bueno, (informe.balance, informe.violadas)
    assert sum(informe.muertes.values()) == MUERTES
