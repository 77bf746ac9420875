"""How a peer's program is called, and how its last line is read."""

import json
from pathlib import Path

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
