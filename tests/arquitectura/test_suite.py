"""What the runs of the tests stand on: the order of the files, and who may kill the services."""

import fcntl
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests import conftest, servicios

TESTS = Path(conftest.__file__).parent


@pytest.mark.parametrize("archivo", conftest.ORDEN)
def test_lo_ordenado_existe(archivo: str) -> None:
    """A file or folder that was renamed does not lose its place in silence."""
    assert (TESTS / archivo).exists()


def test_lo_largo_va_delante() -> None:
    """A named file comes before the rest of its folder, and what is not named last."""
    archivos = ("e2e/test_caos.py", "e2e/test_puntos.py", "e2e/test_monitor.py", "otra/test_x.py")
    turnos = [conftest.turno(f"tests/{archivo}::test_x") for archivo in archivos]
    assert turnos == sorted(set(turnos))


@pytest.mark.parametrize(
    ("nodeid", "donde"),
    [("tests/e2e/test_caos.py::test_x[a/b]", "e2e"), ("tests/test_x.py::test_y", "tests")],
)
def test_cada_prueba_es_de_su_carpeta(nodeid: str, donde: str) -> None:
    """Its seconds are summed up there."""
    assert conftest.carpeta(nodeid) == donde


@pytest.mark.parametrize(("solo", "caben"), [(True, False), (False, True)])
def test_quien_mata_los_servicios_los_tiene_solo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solo: bool, caben: bool
) -> None:
    """While one worker may kill them no other one uses them; several use them at once."""
    cerrojo = tmp_path / "cerrojo"
    monkeypatch.setattr(servicios, "CERROJO", cerrojo)
    monkeypatch.setattr(servicios, "_tomados", [])
    with servicios.reservados(solo=solo), cerrojo.open("w") as otro:
        for como, entra in ((fcntl.LOCK_SH, caben), (fcntl.LOCK_EX, False)):
            if entra:
                fcntl.flock(otro, como | fcntl.LOCK_NB)
            else:
                with pytest.raises(BlockingIOError):
                    fcntl.flock(otro, como | fcntl.LOCK_NB)
    with cerrojo.open("w") as otro:
        fcntl.flock(otro, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_quien_los_comparte_no_los_mata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for itself for ever."""
    monkeypatch.setattr(servicios, "CERROJO", tmp_path / "cerrojo")
    monkeypatch.setattr(servicios, "_tomados", [])
    with ExitStack() as pila:
        for _ in range(2):
            pila.enter_context(servicios.reservados(solo=False))
        with pytest.raises(AssertionError, match="a sí mismo"):
            pila.enter_context(servicios.reservados(solo=True))
