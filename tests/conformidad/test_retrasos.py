"""What processes tell each other of their delays, on both databases."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from aeropartners.seedwork.aplicacion.puertos import PeorRetraso
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.base.tablas import retrasos
from aeropartners.seedwork.infraestructura.operacion.retrasos import CADUCIDAD, RetrasosSQL

UNO, OTRO = uuid4(), uuid4()


def tablon(motor: Motor, proceso: UUID) -> RetrasosSQL:
    """The board as one process has it."""
    return RetrasosSQL(motor, RelojReal(), proceso)


def envejecer(motor: Motor, proceso: UUID, segundos: float) -> None:
    """Make a row as old as if its process had died then."""
    with motor.escritura() as con:
        momento = con.scalar(select(retrasos.c.momento).where(retrasos.c.proceso == proceso))
        assert momento
        nuevo = momento - timedelta(seconds=segundos)
        con.execute(update(retrasos).where(retrasos.c.proceso == proceso).values(momento=nuevo))
        con.commit()


def filas(motor: Motor) -> int:
    """How many rows there are."""
    with motor.lectura() as con:
        return int(con.scalar(select(func.count()).select_from(retrasos)) or 0)


def test_el_peor_de_todos(motor: Motor) -> None:
    """Each process has one row, its last; who asks gets the worst of all, to the millisecond."""
    assert tablon(motor, UNO).peor() is None
    tablon(motor, UNO).decir("consumidor-saga", 1.5)
    tablon(motor, OTRO).decir("consumidor-pagos", 7.25)
    for quien in (UNO, OTRO):
        assert tablon(motor, quien).peor() == PeorRetraso(OTRO, "consumidor-pagos", 7.25)
    tablon(motor, OTRO).decir("llamador-pagos", 0.5)
    assert tablon(motor, OTRO).peor() == PeorRetraso(UNO, "consumidor-saga", 1.5)
    assert filas(motor) == 2


def test_quien_calla_no_cuenta(motor: Motor) -> None:
    """What was taken back is gone, and only that."""
    for quien, segundos in ((UNO, 3.0), (OTRO, 9.0)):
        tablon(motor, quien).decir("bucle", segundos)
    tablon(motor, OTRO).callar()
    tablon(motor, OTRO).callar()
    assert tablon(motor, OTRO).peor() == PeorRetraso(UNO, "bucle", 3)


def test_lo_que_dijo_un_muerto_caduca(motor: Motor) -> None:
    """A row that nobody renews stops counting, and leaves when somebody new has something to tell."""
    tablon(motor, UNO).decir("bucle", 99)
    envejecer(motor, UNO, CADUCIDAD.total_seconds() + 1)
    assert tablon(motor, OTRO).peor() is None
    tablon(motor, OTRO).decir("bucle", 1)
    assert tablon(motor, UNO).peor() == PeorRetraso(OTRO, "bucle", 1)
    assert filas(motor) == 1


def test_quien_revive_vuelve_a_contar(motor: Motor) -> None:
    """A process that stood still for longer tells again, whether its row is still there or not."""
    tablon(motor, UNO).decir("bucle", 5)
    envejecer(motor, UNO, 60)
    tablon(motor, UNO).decir("bucle", 6)
    assert tablon(motor, OTRO).peor() == PeorRetraso(UNO, "bucle", 6)
    envejecer(motor, UNO, 60)
    tablon(motor, OTRO).decir("bucle", 1)
    tablon(motor, UNO).decir("bucle", 7)
    assert tablon(motor, OTRO).peor() == PeorRetraso(UNO, "bucle", 7)
