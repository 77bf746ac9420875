"""The contract's relations say only what is true and find what they are asked for, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from tests.conformidad.archivo import LUNES, TIPO, Archivo

ENTRE_MUCHAS = "SELECT id FROM saga_log WHERE tipo = :tipo AND estado = :estado"


@pytest.fixture
def archivo(motor: Motor) -> Archivo:
    """An archive with a saga of each kind: running, done, refused, and undone."""
    archivo = Archivo(motor)
    archivo.fallar(archivo.iniciar(LUNES), "CREAR_CAMPAÑA")
    archivo.terminar(archivo.iniciar(LUNES + timedelta(days=1)))
    archivo.rechazar(archivo.iniciar(LUNES + timedelta(days=2)), "CREAR_CAMPAÑA")
    deshecha = archivo.iniciar(LUNES + timedelta(days=3))
    archivo.lograr(deshecha, "CREAR_CAMPAÑA")
    archivo.rechazar(deshecha, "PROCESAR_PAGO")
    archivo.lograr(deshecha, "CANCELAR_CAMPAÑA")
    return archivo


def filas(motor: Motor, consulta: str, **valores: Any) -> list[Any]:
    with motor.lectura() as con:
        return list(con.execute(text(consulta), valores).all())


def test_saga_events_es_lo_que_se_publica(archivo: Archivo) -> None:
    """Only public events, numbered from 1; of what nobody wrote down the columns say nothing."""
    vistos = filas(archivo.motor, "SELECT * FROM saga_events ORDER BY saga_id, version")
    publicos = filas(archivo.motor, "SELECT count(*) FROM saga_eventos WHERE orden > 0")
    todos = filas(archivo.motor, "SELECT count(*) FROM saga_eventos")
    assert len(vistos) == publicos[0][0] < todos[0][0]
    assert {(v.fecha_procesamiento, v.error, v.reintentos) for v in vistos} == {(None, None, 0)}
    por_saga: dict[object, list[int]] = {}
    for v in vistos:
        por_saga.setdefault(v.saga_id, []).append(v.orden)
    assert all(ordenes == list(range(1, len(ordenes) + 1)) for ordenes in por_saga.values())


def test_saga_log_tiene_cada_saga_una_vez(archivo: Archivo) -> None:
    """With its state, those that ended before there was a column for it too."""
    with archivo.motor.escritura() as con:
        con.execute(sagas.update().where(sagas.c.estado == "FALLIDA").values(estado_final=None))
        con.commit()
    vistas = filas(archivo.motor, "SELECT id, estado, fecha_fin FROM saga_log")
    assert sorted(estado for _, estado, _ in vistas) == ["COMPENSADA", "COMPLETADA", "FALLIDA", "INICIADA"]
    assert {estado for _, estado, fin in vistas if fin is None} == {"INICIADA"}


def test_una_saga_terminada_se_halla_sin_mirar_las_demas(archivo: Archivo) -> None:
    """By type and state, in the view and in the API's list: by the index of how sagas ended."""
    valores = {"tipo": TIPO, "estado": "COMPENSADA"}
    plan = "EXPLAIN " if archivo.motor.es_postgres else "EXPLAIN QUERY PLAN "
    with archivo.motor.escritura() as con:
        dicho = "\n".join(str(f) for f in con.execute(text(plan + ENTRE_MUCHAS), valores).all())
    assert dicho.count("estado_final") >= 2 or dicho.count("sagas_final") >= 2, dicho
    assert "Seq Scan" not in dicho
    assert "SCAN s" not in dicho
    lecturas = LecturasSagas(archivo.motor, archivo.totales)
    for estado in ("COMPENSADA", "COMPLETADA", "FALLIDA", "INICIADA"):
        halladas, total = lecturas.pagina([TIPO], estado, 0, 10)
        assert ([h["estado"] for h in halladas], total) == ([estado], 1)


def test_la_lista_va_de_la_nueva_a_la_vieja(archivo: Archivo) -> None:
    """Page by page, of all states or of one, whatever ended and whatever runs."""
    lecturas = LecturasSagas(archivo.motor, archivo.totales)
    todas = [h["saga_id"] for n in (0, 2, 4) for h in lecturas.pagina([TIPO], None, n, 2)[0]]
    assert todas == [
        str(f.id) for f in filas(archivo.motor, "SELECT id FROM sagas ORDER BY fecha_inicio DESC, id DESC")
    ]
    with archivo.motor.escritura() as con:
        con.execute(sagas.update().where(sagas.c.estado == "COMPENSADA").values(estado_final="COMPLETADA"))
        con.execute(sagas.update().where(sagas.c.estado == "INICIADA").values(estado="COMPLETADA"))
        con.commit()
    paginas = [h["saga_id"] for n in (0, 2) for h in lecturas.pagina([TIPO], "COMPLETADA", n, 2)[0]]
    assert paginas == [id for id in todas if UUID(id) not in _falladas(archivo)]


def _falladas(archivo: Archivo) -> set[UUID]:
    return {UUID(str(f.id)) for f in filas(archivo.motor, "SELECT id FROM sagas WHERE estado = 'FALLIDA'")}
