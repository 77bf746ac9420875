"""A worker that stands still in the middle of a COPY loses its session, and with it its locks."""

import threading

import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.operacion.sesiones import soltar
from tests.esperas import hasta


class Parado:
    """What a COPY reads from a process that stands still."""

    def __init__(self) -> None:
        self.pedido, self.sigue = threading.Event(), threading.Event()

    def read(self, _cuanto: int) -> str:
        self.pedido.set()
        self.sigue.wait(60)
        return ""


def _copiar(motor: Motor, parado: Parado, errores: list[Exception]) -> None:
    try:
        with motor.escritura() as con:
            con.execute(text("INSERT INTO turnos VALUES ('uno', true)"))
            con.connection.cursor().copy_expert("COPY turnos FROM STDIN", parado)
            con.commit()
    except Exception as error:
        errores.append(error)


@pytest.mark.parametrize("motor", [pytest.param("postgresql", marks=pytest.mark.servicios)], indirect=True)
def test_un_copy_parado_se_suelta(motor: Motor) -> None:
    """Its row lock is free while it still stands, and when it goes on it has lost its connection."""
    parado, errores = Parado(), list[Exception]()
    hilo = threading.Thread(target=_copiar, args=(motor, parado, errores))
    hilo.start()
    parado.pedido.wait(60)
    hasta(lambda: soltar(motor, tras_s=0.1), "la sesión colgada")
    with motor.escritura() as con:
        con.execute(text("INSERT INTO turnos VALUES ('uno', true)"))
        con.commit()
    parado.sigue.set()
    hilo.join(60)
    assert [type(e) for e in errores] == [ConexionPerdida]


def test_quien_trabaja_no_se_suelta(motor: Motor) -> None:
    """A session that waits for its next statement is not touched; SQLite has no sessions."""
    with motor.escritura() as con:
        con.execute(text("INSERT INTO turnos VALUES ('dos', true)"))
        assert soltar(motor, tras_s=0) == 0
        con.commit()
