"""Ten random kills under load, always the same ones; `make caos N=…` plays as many as asked."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.e2e.caos import OBJETIVOS, caos

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
MUERTES, SEMILLA = 10, 26


@pytest.mark.parametrize("sistema", list(OBJETIVOS))
def test_diez_muertes(tmp_path: Path, sistema: str) -> None:
    """Nothing is lost, nothing is done twice, and every invariant holds."""
    informe = caos(tmp_path, MUERTES, SEMILLA, objetivo=OBJETIVOS[sistema])
    Console().print(informe.tabla())
    assert informe.bueno, (informe.balance, informe.violadas, informe.hallazgos)
    assert sum(informe.muertes.values()) == MUERTES
