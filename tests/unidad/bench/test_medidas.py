"""What a saga costs is counted from the servers and the files, not guessed."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from bench import rapidez
from bench.embebido import _escrito
from bench.medidas import Coste, cpu_de


def test_lo_que_nadie_conto_no_se_dice() -> None:
    """Without pg_stat_statements there are no statements a saga: no line is better than a zero."""
    assert "sentencias" not in Coste().por_saga(10)
    assert Coste(sentencias=125, mensajes=140).por_saga(10)["sentencias"] == 12.5


def test_filas_y_mensajes_del_embebido(tmp_path: Path) -> None:
    """All tables but SQLite's own are counted, and a message that was removed still was one."""
    base = tmp_path / "aeropartners.db"
    with closing(sqlite3.connect(base)) as conexion:
        conexion.executescript(
            "CREATE TABLE uno (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE dos (id int);"
            "INSERT INTO uno VALUES (1), (2); INSERT INTO dos VALUES (1)"
        )
    with closing(sqlite3.connect(tmp_path / "broker.db")) as conexion:
        conexion.executescript(
            "CREATE TABLE mensajes (posicion INTEGER PRIMARY KEY AUTOINCREMENT);"
            "INSERT INTO mensajes VALUES (NULL), (NULL), (NULL); DELETE FROM mensajes"
        )
    assert _escrito(base) == {"filas": 3, "mensajes": 3}


def test_un_trabajo_fijo_es_su_ronda_del_medio(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round in which the machine did something else does not make it slow."""
    horas = iter(t for ronda in range(rapidez.RONDAS) for t in (ronda, ronda + (0.9 if ronda == 2 else 0.1)))
    monkeypatch.setattr(rapidez.time, "perf_counter", lambda: next(horas))
    hechas: list[None] = []
    assert rapidez._por_vez(lambda: hechas.append(None), 1_000) == 100.0
    assert len(hechas) == 1_000 * rapidez.RONDAS


def test_la_cpu_de_un_proceso_es_la_de_su_reloj() -> None:
    """To the microsecond: `/proc` counts in hundredths of a second, a hundredth of a turn."""
    antes = time.process_time()
    vista = cpu_de(os.getpid())
    assert antes <= vista <= time.process_time()
    with pytest.raises(OSError, match="Invalid argument"):
        cpu_de(2**22 + 1)
