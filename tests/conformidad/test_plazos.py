"""A deadline does not run while its command cannot leave, and that is no history, on both databases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text

from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.serializacion import codificar_rafaga, descifrar_rafaga
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import salida
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.mensajes_de_plazo import despertador
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion
from tests.conformidad.archivo import Archivo
from tests.sagas_de_los_sistemas import LECTURAS, registro

PLAZO = timedelta(seconds=30)


class Cola:
    """An orchestrator whose commands stay in the outbox until a test lets them leave."""

    def __init__(self, motor: Motor) -> None:
        self.motor = motor
        self.archivo = Archivo(motor)
        self.almacen = AlmacenSagas(registro(Ajustes()))
        self.salida = SalidaSQL(motor, self.archivo.reloj, sagas.name)
        self.vigilante = Vigilante(self.archivo.ejecutor, despertador(self.archivo.ids))

    def iniciar(self) -> UUID:
        return self.archivo.iniciar(datetime.now(UTC))

    def saga(self, id: UUID) -> Saga:
        with self.motor.lectura() as con:
            saga = self.almacen.cargar(con, dialecto_de(self.motor), [id])[id]
        assert isinstance(saga, Saga)
        return saga

    def envejecer(self, segundos: float) -> None:
        """Let what waits in the outbox, and the sagas with their deadlines, be that much older."""
        atras = timedelta(seconds=segundos)
        with self.motor.escritura() as con:
            for posicion, creado in con.execute(select(salida.c.posicion, salida.c.creado)).all():
                suya = salida.update().where(salida.c.posicion == posicion)
                con.execute(suya.values(creado=creado - atras))
            for id, plazo in con.execute(select(sagas.c.id, sagas.c.plazo).where(sagas.c.plazo.is_not(None))):
                memoria = con.execute(select(sagas.c.memoria).where(sagas.c.id == id)).scalar_one()
                suyo = memoria["pasos"][memoria["actual"]]
                anterior = datetime.fromisoformat(suyo["plazo"]) - atras
                suyo["plazo"] = msgspec.to_builtins(anterior)
                despertar = {"plazo": plazo - atras, "revisar_en": plazo - atras}
                con.execute(sagas.update().where(sagas.c.id == id).values(memoria=memoria, **despertar))
            con.commit()

    def lotes(self) -> list[UUID]:
        with self.motor.lectura() as con:
            return list(con.scalars(select(salida.c.lote).order_by(salida.c.posicion)))

    def eventos(self, id: UUID) -> int:
        with self.motor.lectura() as con:
            consulta = text("SELECT count(*) FROM saga_eventos WHERE saga_id = :id")
            return int(con.execute(consulta, {"id": str(id)}).scalar_one())

    def diferentes(self, ajustes: Ajustes, *, escribir: bool = False) -> list[UUID]:
        return (
            Reconstruccion(self.motor, registro(ajustes), LECTURAS)
            .ejecutar(None, escribir=escribir)
            .diferentes
        )


@pytest.fixture
def cola(motor: Motor) -> Cola:
    """A queue over a fresh database."""
    return Cola(motor)


def test_el_plazo_corre_desde_que_la_orden_sale(cola: Cola) -> None:
    """A step whose command waited 25 s has all of its deadline when it leaves; a young one is not written."""
    vieja = cola.iniciar()
    cola.envejecer(25)
    joven = cola.iniciar()
    cola.salida.borrar(cola.lotes())
    assert cola.saga(joven).plazo_desde is None
    desde, plazo = cola.saga(vieja).plazo_desde, cola.saga(vieja).plazo
    assert desde
    assert plazo == desde + PLAZO
    assert cola.saga(vieja).despertar == plazo
    assert plazo > datetime.now(UTC) + timedelta(seconds=20)
    assert cola.eventos(vieja) == 1


def test_un_apagon_no_es_historia(cola: Cola) -> None:
    """A deadline that comes due in an outage moves without an event, and nothing is undone."""
    id = cola.iniciar()
    for _ in range(3):
        cola.envejecer(40)
        assert cola.vigilante.una_ronda() == 1
        saga = cola.saga(id)
        assert saga.memoria.estado == "INICIADA"
        assert saga.plazo
        assert saga.plazo > datetime.now(UTC) + timedelta(seconds=20)
        assert saga.revisar_en == saga.plazo
        with cola.motor.escritura() as con:
            con.execute(sagas.update().values(plazo_desde=None))
            con.commit()
    assert cola.eventos(id) == 1


def test_lo_que_espera_en_publico_no_mueve_plazos(cola: Cola) -> None:
    """Of a burst whose command has left, the events that a stuck topic keeps hold no deadline up."""
    id = cola.iniciar()
    with cola.motor.escritura() as con:
        cuerpo = con.execute(select(salida.c.cuerpo)).scalar_one()
        quedan = [e for e in descifrar_rafaga(bytes(cuerpo)) if e.propiedades is not None]
        assert quedan
        con.execute(salida.update().values(cuerpo=codificar_rafaga(quedan)))
        con.commit()
    cola.envejecer(40)
    assert cola.vigilante.una_ronda() == 1
    assert cola.saga(id).memoria.estado == "COMPENSANDO"


def test_una_clave_que_no_es_un_id_no_estorba(cola: Cola) -> None:
    """Public messages may have any key: those that name no stream are passed over."""
    id = cola.iniciar()
    ajeno = Envio("tema", "una-clave", descifrar_rafaga(_cuerpo(cola))[0].cuerpo, {"event_type": "x"})
    with cola.motor.escritura() as con:
        todos = [*descifrar_rafaga(_cuerpo(cola)), ajeno, ajeno]
        con.execute(salida.update().values(cuerpo=codificar_rafaga(todos)))
        con.commit()
    cola.envejecer(10)
    cola.salida.borrar(cola.lotes())
    assert cola.saga(id).plazo_desde
    assert cola.lotes() == []


def _cuerpo(cola: Cola) -> bytes:
    with cola.motor.lectura() as con:
        return bytes(con.execute(select(salida.c.cuerpo)).scalar_one())


def test_reconstruir_conserva_el_plazo_de_lo_vivo(cola: Cola) -> None:
    """With other settings nothing differs, and what is rewritten keeps its deadline and its wake-up."""
    id, terminada = cola.iniciar(), cola.iniciar()
    cola.archivo.terminar(terminada)
    cola.envejecer(20)
    cola.salida.borrar(cola.lotes())
    otros = Ajustes(plazo_paso_s=900)
    assert cola.diferentes(otros) == []
    antes = cola.saga(id)
    with cola.motor.escritura() as con:
        con.execute(sagas.update().where(sagas.c.id == id).values(correlation_id="otra"))
        con.commit()
    assert cola.diferentes(otros, escribir=True) == [id]
    despues = cola.saga(id)
    assert (despues.plazo, despues.plazo_desde) == (antes.plazo, antes.plazo_desde)
    assert (despues.memoria, despues.revisar_en) == (antes.memoria, antes.revisar_en)
    assert cola.diferentes(otros) == []
    # One that lost its wake-up gets one.
    with cola.motor.escritura() as con:
        con.execute(sagas.update().where(sagas.c.id == id).values(revisar_en=None))
        con.commit()
    assert cola.diferentes(Ajustes(), escribir=True) == [id]
    assert cola.saga(id).revisar_en


def test_lo_que_otro_trata_no_se_espera(cola: Cola) -> None:
    """A saga that is being handled is left alone: the relay waits for nobody."""
    if not cola.motor.es_postgres:
        pytest.skip("SQLite tiene un solo escritor")
    id = cola.iniciar()
    cola.envejecer(10)
    with cola.motor.escritura() as con:
        con.execute(select(sagas.c.id).where(sagas.c.id == id).with_for_update())
        cola.salida.borrar(cola.lotes())
    assert cola.lotes() == []
    assert cola.saga(id).plazo_desde is None
