"""The benchmark's histories: copies of a saga's rows that refer to each other as the real ones do."""

from typing import Any
from uuid import UUID, uuid5

import pytest
from bench.comprobacion import SinCifra
from bench.multiplicacion import multiplicar
from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import Uuid7
from tests.conformidad.test_proyecciones import SOLO_POSTGRES

COPIAS = 30
SAGA = Uuid7().nuevo()
FLUJO = uuid5(SAGA, "pago")
_EVENTO = (
    "INSERT INTO eventos (flujo, version, tipo_flujo, tipo, version_evento, datos, saga_id, causa_id,"
    " fecha, lote, id) SELECT :flujo, v, 'pago', 'PagoPendiente', 1, '{}', :saga, :saga, now(), :saga,"
    " :flujo FROM generate_series(1, 2) AS v"
)
_FILAS = (
    _EVENTO,
    "INSERT INTO unicos VALUES ('referencia', 'ref-' || CAST(CAST(:saga AS uuid) AS text), :flujo)",
    "INSERT INTO pasarela_cargos VALUES (CAST(CAST(:flujo AS uuid) AS text), 'COBRO', 1, 'USD', true, NULL,"
    " now(), 1)",
    "INSERT INTO reportes_filas VALUES (:flujo, 'REP-7', 'metricas', 'HECHO', now(), '{}', '{}', 'v1', 1)",
    "INSERT INTO proyecciones VALUES ('pagos', 1, true, 0, 0)",
    "INSERT INTO totales VALUES ('pagos', 1, '', 'PENDIENTE', 'pagos', 1)",
)


def llena(motor: Motor) -> None:
    """Write the rows of one payment."""
    with motor.escritura() as con:
        for orden in _FILAS:
            con.execute(text(orden), {"saga": str(SAGA), "flujo": str(FLUJO)})
        con.commit()


def uno(motor: Motor, consulta: str) -> Any:
    """The first column of the first row."""
    with motor.lectura() as con:
        return con.execute(text(consulta)).scalar()


@SOLO_POSTGRES
def test_cada_copia_es_otra_saga(motor: Motor) -> None:
    """Ids differ in every copy and agree among its rows, inside texts as well; totals grow with them."""
    llena(motor)
    multiplicar(motor.url, COPIAS, lambda _: None)
    assert uno(motor, "SELECT count(DISTINCT flujo) FROM eventos") == COPIAS + 1
    assert uno(motor, "SELECT count(*) FROM eventos") == 2 * (COPIAS + 1)
    por_cargo = "JOIN pasarela_cargos c ON c.clave = CAST(e.flujo AS text)"
    por_unico = "JOIN unicos u ON u.flujo = e.flujo AND u.valor = 'ref-' || CAST(e.saga_id AS text)"
    por_reporte = "JOIN reportes_filas r ON r.id = e.flujo"
    unidas = f"SELECT count(*) FROM eventos e {por_cargo} {por_unico} {por_reporte} WHERE e.version = 2"
    assert uno(motor, unidas) == COPIAS + 1
    assert uno(motor, "SELECT count(DISTINCT id_publico) FROM reportes_filas") == COPIAS + 1
    assert uno(motor, "SELECT valor FROM totales") == COPIAS + 1


@SOLO_POSTGRES
def test_una_copia_es_de_su_tiempo(motor: Motor) -> None:
    """The copy of a UUIDv7 has its time, so it lies beside it; that of any other lies anywhere."""
    llena(motor)
    multiplicar(motor.url, COPIAS, lambda _: None)
    with motor.lectura() as con:
        filas = con.execute(text("SELECT DISTINCT saga_id, flujo FROM eventos")).all()
    assert {UUID(str(s)).int >> 80 for s, _ in filas} == {SAGA.int >> 80}
    assert {UUID(str(s)).version for s, _ in filas} == {7}
    assert {UUID(str(f)).version for _, f in filas} == {5}
    assert len({UUID(str(f)).int >> 112 for _, f in filas}) > COPIAS // 2


@SOLO_POSTGRES
def test_las_versiones_siguen_en_orden(motor: Motor) -> None:
    """A reader of all events finds each stream's in the order of their versions."""
    llena(motor)
    multiplicar(motor.url, COPIAS, lambda _: None)
    al_reves = (
        "SELECT count(*) FROM eventos a JOIN eventos b ON b.flujo = a.flujo AND b.version > a.version"
        " WHERE (a.tx, a.posicion) > (b.tx, b.posicion)"
    )
    assert uno(motor, al_reves) == 0


@SOLO_POSTGRES
def test_lo_que_esta_en_marcha_no_se_multiplica(motor: Motor) -> None:
    """A copied total would be wrong by what waits to be counted, so a database must be at rest."""
    llena(motor)
    with motor.escritura() as con:
        con.execute(text("INSERT INTO totales_pendientes (proyeccion, cambios) VALUES ('pagos', '[]')"))
        con.commit()
    with pytest.raises(SinCifra, match="totales_pendientes tiene 1 filas"):
        multiplicar(motor.url, COPIAS, lambda _: None)
    assert uno(motor, "SELECT count(*) FROM eventos") == 2
