"""How a peer's program is called, and how its last line is read."""

import json
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from bench.pares import corrida, entornos
from bench.pares.filas import SinCifra

MEDIDA = {
    "par": "dbos",
    "version": "1.0",
    "variante": "pasos",
    "rechazadas": False,
    "sagas": 10,
    "segundos": 2.0,
    "sagas_por_s": 5.0,
    "ajustes": {"hilos": 4},
}


def test_la_ultima_linea() -> None:
    """The measure is the last line, whatever a library printed before it."""
    assert corrida.leer(f"aviso de una biblioteca\n{json.dumps(MEDIDA)}\n") == MEDIDA


@pytest.mark.parametrize(
    "salida", ["", "nada", json.dumps([1]), json.dumps({**MEDIDA, "otra": 1}), json.dumps({"par": "dbos"})]
)
def test_otra_cosa_no_es_una_medida(salida: str) -> None:
    """Without a whole measure in the last line there is no figure."""
    with pytest.raises(SinCifra):
        corrida.leer(salida)


def test_otra_base_del_mismo_servidor() -> None:
    """The address of a run's database keeps user, server, port and options."""
    url = corrida.con_base("postgresql://yo:clave@servidor:1234/postgres?sslmode=disable", "nueva")
    assert url == "postgresql://yo:clave@servidor:1234/nueva?sslmode=disable"


@pytest.mark.parametrize("rechazadas", [False, True])
def test_orden(rechazadas: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program runs as a module in its own environment, and is told of refusals only when asked for."""
    monkeypatch.setattr(entornos, "python", lambda par: Path(f"/entornos/{par}/bin/python"))
    orden = corrida.orden("dbos", "pasos", "postgresql://s/b", 7, rechazadas)
    assert orden[:3] == ["/entornos/dbos/bin/python", "-m", "bench.pares.dbos_"]
    assert orden[3:9] == ["--url", "postgresql://s/b", "--sagas", "7", "--variante", "pasos"]
    assert orden[9:] == ["--rechazadas"] * rechazadas


def test_lo_que_el_programa_dice() -> None:
    """What a program prints on its standard output is its answer."""
    assert corrida.ejecutar([sys.executable, "-c", "print('hola')"]) == "hola\n"


def test_el_programa_falla() -> None:
    """A program that fails has no figure, and its error is said."""
    with pytest.raises(SinCifra, match="terminó con 1\nSin cifra: faltan pagos"):
        corrida.ejecutar([sys.executable, "-c", "import sys; sys.exit('Sin cifra: faltan pagos')"])


def test_el_programa_no_acaba(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not end is ended, and has no figure."""
    monkeypatch.setattr(corrida, "PLAZO", 0.2)
    with pytest.raises(SinCifra, match="no terminó"):
        corrida.ejecutar([sys.executable, "-c", "import time; time.sleep(600)"])


def test_nada_queda_detras(tmp_path: Path) -> None:
    """What a program started and left ends with it."""
    nada = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    programa = f"import subprocess; print(subprocess.Popen(['sleep', '600'], {nada}).pid)"
    quedo = int(corrida.ejecutar([sys.executable, "-c", programa]))
    with suppress(psutil.NoSuchProcess):
        psutil.Process(quedo).wait(10)
    assert not psutil.pid_exists(quedo) or psutil.Process(quedo).status() == psutil.STATUS_ZOMBIE
