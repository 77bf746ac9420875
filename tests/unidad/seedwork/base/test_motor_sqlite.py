"""The connections to SQLite: kept from one transaction to the next, and left when their file is not there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from aeropartners.seedwork.infraestructura.base.errores_de_base import RechazoDeLaBase
from aeropartners.seedwork.infraestructura.base.motor import Motor


@pytest.fixture
def archivo(tmp_path: Path) -> Path:
    """A database with an empty table."""
    ruta = tmp_path / "base.db"
    with closing(sqlite3.connect(ruta)) as con:
        con.execute("CREATE TABLE hechos (n INTEGER)")
    return ruta


def anotar(motor: Motor) -> None:
    """Commit a row."""
    with motor.escritura() as con:
        con.execute(text("INSERT INTO hechos VALUES (1)"))
        con.commit()


def anotados(archivo: Path) -> int:
    """Count the rows, over a connection of its own."""
    with closing(sqlite3.connect(archivo)) as con:
        return int(con.execute("SELECT count(*) FROM hechos").fetchone()[0])


def test_una_transaccion_no_abre_otra_conexion(archivo: Path) -> None:
    """To open one reads the schema, and forgets every statement; to close the last one empties the WAL."""
    abiertas: list[object] = []

    def anotar_apertura(conexion: object, _registro: object) -> None:
        abiertas.append(conexion)

    event.listen(Pool, "connect", anotar_apertura)
    motor = Motor(f"sqlite:///{archivo}")
    for _ in range(20):
        anotar(motor)
        with motor.lectura() as con:
            con.execute(text("SELECT count(*) FROM hechos")).one()
    event.remove(Pool, "connect", anotar_apertura)
    assert len(abiertas) == 2
    assert anotados(archivo) == 20
    motor.cerrar()


def test_lo_que_no_se_confirma_no_queda(archivo: Path) -> None:
    """A connection goes back without a transaction; the next one begins its own, and others can write."""
    motor = Motor(f"sqlite:///{archivo}")
    with motor.escritura() as con:
        con.execute(text("INSERT INTO hechos VALUES (1)"))
    with motor.lectura() as con:
        assert con.execute(text("SELECT count(*) FROM hechos")).scalar_one() == 0
    with closing(sqlite3.connect(archivo, timeout=0)) as otra, otra:
        otra.execute("INSERT INTO hechos VALUES (2)")
    with motor.lectura() as con:
        assert con.execute(text("SELECT n FROM hechos")).scalar_one() == 2
    motor.cerrar()


def test_un_archivo_que_ya_no_esta_es_un_error(archivo: Path, tmp_path: Path) -> None:
    """Nothing is written into a file that nobody would find; with it back, all goes on."""
    motor, aparte = Motor(f"sqlite:///{archivo}"), tmp_path / "aparte"
    anotar(motor)
    mover(archivo, aparte)
    with pytest.raises(RechazoDeLaBase, match="no hay una base de datos en"):
        anotar(motor)
    with pytest.raises(OperationalError, match="no hay una base de datos en"), motor.lectura():
        pass
    assert not archivo.exists()
    mover(aparte / archivo.name, tmp_path)
    anotar(motor)
    assert anotados(archivo) == 2
    motor.cerrar()


def mover(archivo: Path, carpeta: Path) -> None:
    """Move the database with all that belongs to it."""
    carpeta.mkdir(exist_ok=True)
    for parte in archivo.parent.glob(f"{archivo.name}*"):
        parte.rename(carpeta / parte.name)


def test_abrir_no_crea(tmp_path: Path) -> None:
    """A database that is not there is an error in a folder that is not there either; `crear` makes both."""
    motor = Motor(f"sqlite:///{tmp_path}/otra/base.db")
    with pytest.raises(OperationalError, match="no hay una base de datos en"), motor.lectura():
        pass
    assert (motor.existe, list(tmp_path.iterdir())) == (False, [])
    motor.crear()
    with motor.escritura() as con:
        con.execute(text("CREATE TABLE hechos (n INTEGER)"))
        con.commit()
    motor.cerrar()


def test_nadie_mas_lee_lo_guardado(archivo: Path) -> None:
    """New or there before, it is for its owner alone, and so is what SQLite keeps beside it."""
    archivo.chmod(0o644)
    motor = Motor(f"sqlite:///{archivo}")
    motor.crear()
    anotar(motor)
    modos = {p.name: p.stat().st_mode & 0o777 for p in archivo.parent.iterdir()}
    assert modos == {n: 0o600 for n in ("base.db", "base.db-wal", "base.db-shm")}
    motor.cerrar()
