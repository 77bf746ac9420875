"""The rows that the peers write, and the checks that refuse a figure."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from bench.pares import filas

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.migraciones import aplicar
from tests.unidad.bench.pares.base import Base


def test_columnas_como_las_nuestras(tmp_path: Path) -> None:
    """Each table has the columns of ours, in our order, and as many indexes."""
    motor = Motor(f"sqlite:///{tmp_path}/base.db")
    aplicar(motor)
    nuestras = {"campanas": "campanas", "pagos": "pagos", "reportes": "reportes_filas"}
    with motor.lectura() as conexion:
        inspector = sa.inspect(conexion)
        halladas = {t: [c["name"] for c in inspector.get_columns(n)] for t, n in nuestras.items()}
        indices = sum(len(inspector.get_indexes(nombre)) for nombre in nuestras.values())
    motor.cerrar()
    assert halladas == {tabla: list(columnas) for tabla, columnas in filas.COLUMNAS.items()}
    assert len(filas.INDICES) == indices


def test_completas_pasan(base: Base) -> None:
    """A run whose sagas all have their three rows once has a figure."""
    for saga in filas.identidades(3):
        base.completa(saga)
    filas.comprobar(base.conexion.cursor(), 3, rechazadas=False)


def test_rechazadas_pasan(base: Base) -> None:
    """A refused run has a figure: campaigns in CANCELADA, payments in FALLIDO, and no report."""
    for saga in filas.identidades(3):
        base.rechazada(saga)
    filas.comprobar(base.conexion.cursor(), 3, rechazadas=True)


def test_repetir_un_paso_no_cambia_nada(base: Base) -> None:
    """A step that is run again leaves the one row that it wrote."""
    (saga,) = filas.identidades(1)
    base.completa(saga)
    base.completa(saga)
    filas.comprobar(base.conexion.cursor(), 1, rechazadas=False)


@pytest.mark.parametrize("dano", ["campanas", "pagos", "reportes"])
def test_falta_una_fila(base: Base, dano: str) -> None:
    """A row that is lost, of any of the three tables, leaves the run without a figure."""
    sagas = filas.identidades(2)
    for saga in sagas:
        base.completa(saga)
    base.conexion.execute(f"DELETE FROM {dano} WHERE rowid = 1")
    with pytest.raises(filas.SinCifra, match=dano):
        filas.comprobar(base.conexion.cursor(), 2, rechazadas=False)


def test_filas_de_otra_saga(base: Base) -> None:
    """As many rows as sagas are not enough: they must be of the same sagas."""
    una, otra = filas.identidades(2)
    base.escribir(filas.campana(una))
    base.escribir(filas.pago(una, False))
    base.escribir(filas.reporte(otra))
    with pytest.raises(filas.SinCifra, match="JOIN reportes"):
        filas.comprobar(base.conexion.cursor(), 1, rechazadas=False)


def test_compensacion_que_no_llego(base: Base) -> None:
    """A refused run whose campaign stays in BORRADOR has no figure."""
    (saga,) = filas.identidades(1)
    base.escribir(filas.campana(saga))
    base.escribir(filas.pago(saga, True))
    with pytest.raises(filas.SinCifra, match="CANCELADA"):
        filas.comprobar(base.conexion.cursor(), 1, rechazadas=True)


def test_rechazada_con_reporte(base: Base) -> None:
    """A refused run with a report has no figure."""
    (saga,) = filas.identidades(1)
    base.rechazada(saga)
    base.escribir(filas.reporte(saga))
    with pytest.raises(filas.SinCifra, match="reportes da 1, no 0"):
        filas.comprobar(base.conexion.cursor(), 1, rechazadas=True)


def test_tantos_huecos_como_columnas() -> None:
    """Each insert has a parameter for each column, and the tables are stored as ours are."""
    (saga,) = filas.identidades(1)
    ordenes = zip(
        filas.COLUMNAS, (filas.campana(saga), filas.pago(saga, True), filas.reporte(saga)), strict=True
    )
    for tabla, (consulta, parametros) in ordenes:
        assert consulta.count("%s") == len(parametros) == len(filas.COLUMNAS[tabla])
    assert all("fillfactor = 50" in orden for orden in filas.tablas()[:3])


def test_identidades() -> None:
    """Saga ids are UUIDv7, and no two are equal."""
    halladas = filas.identidades(1000)
    assert len(set(halladas)) == 1000
    assert {(i[14], i[19] in "89ab") for i in halladas} == {("7", True)}
