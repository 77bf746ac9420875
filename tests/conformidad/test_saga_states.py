"""`saga_states` in both databases: what the contract names, found by index, and nobody can write it."""

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.sistemas.partners.estados import ESTADOS_PARTNER
from tests.dobles.broker import BrokerEnMemoria
from tests.saga.partner import DATOS
from tests.sagas_de_los_sistemas import registro

COLUMNAS = [
    *("saga_id", "correlation_id", "status", "current_step", "created_at", "updated_at", "completed_at"),
    *("partner_data", "partner_id", "alliance_id", "error", "compensation_actions", "steps"),
]


@pytest.fixture
def saga_id(motor: Motor) -> uuid.UUID:
    """A saga that began."""
    reloj, ids, conocidas = RelojReal(), Uuid7(), registro(Ajustes())
    almacen = AlmacenSagas(conocidas, lecturas=(ESTADOS_PARTNER,))
    ejecutor = Ejecutor(
        Procesador(Orquestador(conocidas).modulo(), ids),
        lambda: UnidadSQL(motor, almacen, reloj, ids),
        Publicador(BrokerEnMemoria()),
    )
    id = ids.nuevo()
    inicio = IniciarSaga(id, "PARTNER_CREATION", {"partner_data": DATOS, "contrato": {}}, 10, "c-1")
    ejecutor.ejecutar(lambda _uow: [sobre_interno(ids.nuevo(), inicio, id, datetime.now(UTC))])
    return id


def test_la_vista_dice_donde_esta_la_saga(motor: Motor, saga_id: uuid.UUID) -> None:
    """Every column of the contract is there, with the saga's state."""
    with motor.lectura() as con:
        [fila] = con.execute(text(f"SELECT {', '.join(COLUMNAS)} FROM saga_states")).mappings()
        if motor.es_postgres:
            tipos = con.execute(
                text(
                    "SELECT column_name, data_type FROM information_schema.columns"
                    " WHERE table_name = 'saga_states' AND data_type = 'jsonb'"
                )
            ).all()
            assert {nombre for nombre, _ in tipos} == {"partner_data", "compensation_actions", "steps"}
    assert str(fila["saga_id"]) == str(saga_id)
    assert (fila["status"], fila["current_step"]) == ("partner_creation_in_progress", "create_partner")
    assert (fila["correlation_id"], fila["partner_id"], fila["completed_at"]) == ("c-1", None, None)


@pytest.mark.parametrize("columna", ["status", "correlation_id", "created_at", "partner_id"])
def test_cada_busqueda_tiene_su_indice(motor: Motor, saga_id: uuid.UUID, columna: str) -> None:
    """A look-up by it reads an index of the sagas of partners, not all of them."""
    consulta = f"SELECT saga_id FROM saga_states WHERE {columna} = '2026-01-01T00:00:00Z'"
    explicar = "EXPLAIN" if motor.es_postgres else "EXPLAIN QUERY PLAN"
    with motor.lectura() as con:
        if motor.es_postgres:
            con.exec_driver_sql("SET enable_seqscan = off")
        plan = "\n".join(str(fila) for fila in con.exec_driver_sql(f"{explicar} {consulta}"))
    assert f"{columna}_idx" in plan or f"saga_partners_{columna}" in plan, plan


def test_nadie_la_escribe(motor: Motor, saga_id: uuid.UUID) -> None:
    """It is a view of two tables: the database itself refuses."""
    for orden in ("UPDATE saga_states SET status = 'completed'", "DELETE FROM saga_states"):
        with motor.lectura() as con, pytest.raises(DBAPIError):
            con.exec_driver_sql(orden)
