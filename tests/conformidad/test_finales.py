"""Which sagas are settled, asked in both databases: the query of those who wait for one."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from tests.conformidad.archivo import LUNES, Archivo


def test_las_que_terminaron_o_piden_atencion(motor: Motor) -> None:
    """Of sagas that ended, go on, need an operator, or are not there."""
    archivo = Archivo(motor)
    lecturas = LecturasSagas(motor, archivo.totales)
    todas = [archivo.iniciar(LUNES + timedelta(seconds=n)) for n in range(4)]
    terminadas = set(todas[:2])
    for id in terminadas:
        archivo.terminar(id)
    assert lecturas.asentadas([*todas, *(uuid4() for _ in range(500))]) == terminadas
    assert lecturas.asentadas(todas[2:]) == set()
    with motor.escritura() as con:
        con.execute(update(sagas).where(sagas.c.id == todas[2]).values(requiere_atencion=True))
        con.commit()
    assert lecturas.asentadas(todas[2:]) == {todas[2]}
