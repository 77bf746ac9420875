"""What an operator reads and sends back, over both databases; no loop runs here."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import insert, select, text

from aeropartners.contratos.saga import TEMA_INICIAR, IniciarSaga
from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.aplicacion.salida import SIN_SALIDA
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_rafaga
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.almacen.auditoria import anotar
from aeropartners.seedwork.infraestructura.almacen.bandejas import carta_de
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.errores_de_base import RechazoDeLaBase
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.base.tablas import entrada, muertos
from aeropartners.seedwork.infraestructura.operacion import busqueda_muertos
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import Filtro
from aeropartners.seedwork.infraestructura.operacion.metricas_bandejas import MetricasBandejas
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos
from saga_orchestrator.infraestructura.almacen.tablas import sagas as tabla_sagas
from saga_orchestrator.infraestructura.consultas import seleccion
from saga_orchestrator.infraestructura.consultas.explicacion import LecturasExplicacion
from saga_orchestrator.infraestructura.consultas.metricas_espera import MetricasEspera
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion
from tests.datos import cuerpo_de_saga
from tests.dobles.broker import BrokerEnMemoria
from tests.sagas_de_los_sistemas import BORDES, LECTURAS, registro

TIPO, CONSUMIDOR, LLAMADOR = "CREAR_CAMPANA_COMPLETA", "saga-orchestrator", "pagos-llamador"


class Mesa:
    """An orchestrator's database, its dead letters and explanations, and the rounds that a test asks for."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        conocidas = registro(Ajustes())
        almacen = AlmacenSagas(conocidas)
        modulo = Orquestador(conocidas, BORDES).modulo()
        self.ejecutor = Ejecutor(
            Procesador(modulo, self.ids),
            lambda: UnidadSQL(motor, almacen, self.reloj, self.ids),
            Publicador(BrokerEnMemoria()),
        )
        self.muertos = Muertos(motor, self.reloj, self.ids, {CONSUMIDOR: modulo.traductores})
        self.lecturas = LecturasExplicacion(motor, self.reloj, almacen)

    def inicio(self) -> Sobre:
        saga_id = self.ids.nuevo()
        mensaje = IniciarSaga(saga_id, TIPO, cuerpo_de_saga())
        return sobre_interno(self.ids.nuevo(), mensaje, saga_id, self.reloj.ahora())

    def iniciar(self) -> UUID:
        """Start a saga, its burst left in the outbox."""
        sobre = self.inicio()
        self.ejecutor.ejecutar(lambda _uow: [sobre])
        assert sobre.saga_id
        return sobre.saga_id

    def enterrar(self, sobre: Sobre, consumidor: str = CONSUMIDOR) -> UUID:
        """Put it among the dead, its inbox row where its burial left it."""
        fila = {"consumidor": consumidor, "id": sobre.id, "tema": "pruebas", "cuerpo": codificar(sobre)}
        with self.motor.escritura() as con:
            con.execute(insert(entrada).values(consumidor=consumidor, id=sobre.id))
            con.execute(insert(muertos).values(**fila, intentos=3, error="x", fecha=self.reloj.ahora()))
            con.commit()
        return sobre.id

    def valor(self, consulta: str) -> Any:
        with self.motor.lectura() as con:
            return con.execute(text(consulta)).scalar()


@pytest.fixture
def mesa(motor: Motor) -> Mesa:
    """A desk over a fresh database."""
    return Mesa(motor)


def test_la_historia_dice_donde_esta_cada_mensaje(mesa: Mesa) -> None:
    """Outbox, retries and dead letters of one saga are found, and no other saga's."""
    saga_id, otra = mesa.iniciar(), mesa.iniciar()
    orden = msgspec.structs.replace(
        mesa.inicio(), saga_id=saga_id, paso="CREAR_CAMPAÑA", intento=1, tipo="CrearCampanaDeSaga"
    )
    mesa.enterrar(orden)
    relato, ajeno = mesa.lecturas.una(saga_id), mesa.lecturas.una(otra)
    assert relato
    assert ajeno
    assert relato["espera"]["motivo"] == "ORDEN_MUERTA"
    assert ajeno["espera"]["motivo"] == "ORDEN_EN_SALIDA"
    assert {(m["tipo"], m["lugar"]) for m in relato["mensajes"][1:]} == {
        ("CrearCampanaDeSaga", "muertos"),
        ("SagaIniciada", "salida"),
    }
    assert mesa.lecturas.una(uuid4()) is None


def test_las_atascadas_y_los_motivos(mesa: Mesa) -> None:
    """A due wake-up is stuck when it is long past; every open saga is counted under its reason."""
    dormida, _ = mesa.iniciar(), mesa.iniciar()
    viejo = datetime.now(UTC) - timedelta(minutes=5)
    with mesa.motor.escritura() as con:
        ids = {"id": dormida if mesa.motor.es_postgres else str(dormida)}
        momento = viejo if mesa.motor.es_postgres else viejo.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        orden = "UPDATE sagas SET revisar_en = :m, plazo = :m WHERE id = :id"
        con.execute(text(orden), {"m": momento, **ids})
        con.commit()
    assert [s["saga_id"] for s in mesa.lecturas.atascadas()] == [dormida]
    assert mesa.lecturas.motivos() == {(TIPO, "RESPUESTA"): 2}
    assert list(mesa.lecturas.en_atencion()) == []
    with mesa.motor.escritura() as con:
        con.execute(text("UPDATE sagas SET requiere_atencion = true"))
        con.commit()
    assert len(mesa.lecturas.atascadas()) == 2
    assert list(mesa.lecturas.en_atencion()) == [(TIPO, 2)]
    assert [m.name for m in MetricasEspera(mesa.lecturas).collect()] == [
        "saga_attention_count",
        "saga_waiting_count",
    ]


@pytest.mark.parametrize(("descartada", "motivo"), [(False, "ORDEN_MUERTA"), (True, "ORDEN_DESCARTADA")])
def test_quien_espera_un_mensaje_muerto_esta_atascada(mesa: Mesa, descartada: bool, motivo: str) -> None:
    """Its command is dead, or was discarded: it is listed with that reason, chosen by a filter, and counted.

    A saga with a dead letter that it does not wait for is none, nor is one that waits for an answer.
    """
    parada, otra, _ = mesa.iniciar(), mesa.iniciar(), mesa.iniciar()
    comunes = {"tipo": "CrearCampanaDeSaga", "intento": 1}
    for saga_id, paso in ((parada, "CREAR_CAMPAÑA"), (otra, "GENERAR_REPORTE")):
        letra = msgspec.structs.replace(mesa.inicio(), saga_id=saga_id, paso=paso, **comunes)
        id = mesa.enterrar(letra, "campaigns-failover")
        if descartada:
            mesa.muertos.ordenar("descartar", id, None, "maría", "ya no hace falta")
    [lista] = mesa.lecturas.atascadas()
    assert (lista["saga_id"], lista["espera"]["motivo"]) == (parada, motivo)
    elegida = seleccion.Seleccion(mesa.motor, mesa.reloj, AlmacenSagas(registro(Ajustes())))
    assert [p["id"] for p in elegida.prever("cancelar", seleccion.Filtro(atascadas=True), 9)[0]] == [parada]
    assert mesa.lecturas.motivos() == {(TIPO, motivo): 1, (TIPO, "RESPUESTA"): 2}


def test_lo_reconstruido_no_depende_de_quien_pregunta(mesa: Mesa) -> None:
    """Deadlines are the settings of the process that asked for a step: another's differ and nothing does.

    What does differ is said by saga, column, what is stored and what the events add up to.
    """
    saga_id = mesa.iniciar()
    ajena = Reconstruccion(mesa.motor, registro(Ajustes(plazo_paso_s=7, reintentos=9, base_s=2)), LECTURAS)
    assert ajena.ejecutar(None, escribir=False).columnas == []
    with mesa.motor.escritura() as con:
        con.execute(tabla_sagas.update().values(estado="OTRO", error_message="x"))
        con.execute(text("DELETE FROM saga_pasos WHERE orden = 3"))
        con.commit()
    hecho = ajena.ejecutar(saga_id, escribir=False)
    assert hecho.diferentes == [saga_id]
    assert {(d.tabla, d.fila, d.columna, d.guardado, d.calculado) for d in hecho.columnas} == {
        ("sagas", 1, "estado", "OTRO", "INICIADA"),
        ("sagas", 1, "error_message", "x", None),
        ("saga_pasos", 3, "", "(no hay fila)", "hay fila"),
    }
    ajena.ejecutar(saga_id, escribir=True)
    assert ajena.ejecutar(saga_id, escribir=False).diferentes == []


def test_un_evento_que_ningun_tema_tomo_se_nombra(mesa: Mesa) -> None:
    """Among what a saga waits for it is called what it is, not undecodable."""
    saga_id = mesa.iniciar()
    propiedades = {"event_type": "SagaIniciada", "saga_id": str(saga_id)}
    carta = carta_de(Envio("eventos", str(saga_id), msgspec.Raw(b"{}"), propiedades))
    with mesa.motor.escritura() as con:
        comunes = {"consumidor": SIN_SALIDA, "id": mesa.ids.nuevo(), "tema": "eventos", "intentos": 1}
        con.execute(insert(muertos).values(**comunes, cuerpo=carta, error="x", fecha=mesa.reloj.ahora()))
        con.commit()
    relato = mesa.lecturas.una(saga_id)
    assert relato
    assert ("SagaIniciada", "muertos") in {(m["tipo"], m["lugar"]) for m in relato["mensajes"]}


def test_lo_que_no_se_puede_reconstruir_se_dice(mesa: Mesa) -> None:
    """One whose definition, or an event, is another release's is named, and stops no other."""
    suya, nueva, otra = mesa.iniciar(), mesa.iniciar(), mesa.iniciar()
    with mesa.motor.escritura() as con:
        datos = con.execute(
            select(saga_eventos.c.evento_datos).where(saga_eventos.c.saga_id == suya)
        ).scalar_one()
        cambio = saga_eventos.update().where(saga_eventos.c.saga_id == suya)
        con.execute(cambio.values(evento_datos={**datos, "definicion": 99}))
        con.execute(saga_eventos.update().where(saga_eventos.c.saga_id == nueva).values(clase="NUEVA"))
        con.execute(tabla_sagas.update().where(tabla_sagas.c.id == otra).values(estado="OTRO"))
        con.commit()
    hecho = Reconstruccion(mesa.motor, registro(Ajustes()), LECTURAS).ejecutar(None, escribir=False)
    assert (hecho.desconocidas, hecho.diferentes, hecho.revisadas) == ([suya, nueva], [otra], 3)
    with pytest.raises(ErrorDeDominio, match="no encontrada"):
        Reconstruccion(mesa.motor, registro(Ajustes()), LECTURAS).ejecutar(uuid4(), escribir=False)


def test_un_reenviado_vuelve_a_reintentos_y_se_trata(mesa: Mesa) -> None:
    """It is due now with no failure counted, audited in the same transaction, and the timers take it."""
    sobre = mesa.inicio()
    id = mesa.enterrar(sobre)
    assert mesa.muertos.ordenar("reencolar", id, None, "maría", "arreglado")[1] == "reintentos"
    assert mesa.valor("SELECT intentos FROM reintentos") == 0
    assert mesa.valor("SELECT count(*) FROM muertos") == 0
    assert mesa.valor("SELECT actor FROM auditoria") == "maría"
    assert Vigilante(mesa.ejecutor).una_ronda() == 1
    assert mesa.valor("SELECT count(*) FROM reintentos") == 0
    assert sobre.saga_id
    relato = mesa.lecturas.una(sobre.saga_id)
    assert relato
    assert relato["estado"] == "INICIADA"


def test_solo_uno_reenvia(mesa: Mesa) -> None:
    """Eight operators send the same letter back: one does, seven are told that it is done."""
    id = mesa.enterrar(mesa.inicio())

    def reencolar(quien: int) -> str:
        try:
            return mesa.muertos.ordenar("reencolar", id, CONSUMIDOR, str(quien), "x")[1]
        except ErrorDeDominio as error:
            return error.codigo

    with ThreadPoolExecutor(8) as piscina:
        hechos = sorted(piscina.map(reencolar, range(8)))
    assert hechos == ["CONFLICTO_DE_ESTADO"] * 7 + ["reintentos"]
    assert mesa.valor("SELECT count(*) FROM auditoria") == 1


def test_el_de_un_llamador_sale_otra_vez(mesa: Mesa) -> None:
    """It goes into the outbox for its topic, and its inbox row goes away, so that it can die again."""
    id = mesa.enterrar(mesa.inicio(), LLAMADOR)
    assert mesa.muertos.ordenar("reencolar", id, None, "maría", "x")[1] == "pruebas"
    [envio] = descifrar_rafaga(bytes(mesa.valor("SELECT cuerpo FROM salida")))
    assert (envio.tema, msgspec.json.decode(envio.cuerpo)["id"]) == ("pruebas", str(id))
    assert mesa.valor("SELECT count(*) FROM entrada") == 0
    assert mesa.valor("SELECT count(*) FROM reintentos") == 0


@pytest.mark.parametrize("orden", ["UPDATE auditoria SET actor = 'otro'", "DELETE FROM auditoria"])
def test_la_auditoria_solo_crece(mesa: Mesa, orden: str) -> None:
    """The database itself refuses to change what was audited."""
    mesa.muertos.ordenar("reencolar", mesa.enterrar(mesa.inicio()), None, "maría", "x")
    with pytest.raises(RechazoDeLaBase, match="solo admite filas nuevas"), mesa.motor.escritura() as con:
        con.execute(text(orden))
    assert mesa.valor("SELECT actor FROM auditoria") == "maría"


def test_la_auditoria_guarda_cualquier_texto(mesa: Mesa) -> None:
    """No text of a caller's is why a refusal has no row: control characters, more than a column holds."""
    malo = "\x00\n\x1b" + "ñ" * 1000
    firma = Firma(malo, None, malo, malo, malo, malo, correlation_id=malo)
    with mesa.motor.escritura() as con:
        anotar(
            con, Anotacion(mesa.ids.nuevo(), mesa.reloj.ahora(), firma, Resultado.RECHAZADA, {"a": "\x01"})
        )
        con.commit()
    guardada = mesa.valor(
        "SELECT actor || operacion || recurso || motivo || correlation_id || origen FROM auditoria"
    )
    assert guardada.isprintable()
    assert guardada.count(r"\x00\n\x1b") == 6


def test_las_bandejas_se_miden(mesa: Mesa) -> None:
    """Outbox, retries and dead letters by consumer; with the database away, only that it is."""
    mesa.iniciar()
    mesa.enterrar(mesa.inicio(), "uno")
    mesa.muertos.ordenar("reencolar", mesa.enterrar(mesa.inicio()), None, "maría", "x")
    colector = MetricasBandejas(mesa.motor, mesa.reloj)
    medidas = {
        (s.name, *s.labels.values()): s.value for familia in colector.collect() for s in familia.samples
    }
    assert medidas.pop(("outbox_oldest_seconds",)) >= 0
    assert medidas == {
        ("database_up",): 1,
        ("outbox_bursts",): 1,
        ("retry_messages", CONSUMIDOR): 1,
        ("dead_messages", "uno"): 1,
    }
    with mesa.motor.escritura() as con:
        con.execute(text("ALTER TABLE salida RENAME TO otra"))
        con.commit()
    assert [(m.name, m.samples[0].value) for m in colector.collect()] == [("database_up", 0)]


def test_un_descartado_queda_en_la_auditoria(mesa: Mesa) -> None:
    """Its row goes away with its burial left in the inbox, and the audit gives back what it was."""
    sobre = mesa.inicio()
    id = mesa.enterrar(sobre)
    assert mesa.muertos.ordenar("descartar", id, None, "maría", "ya no hace falta")[1] == "auditoria"
    assert [mesa.valor(f"SELECT count(*) FROM {t}") for t in ("muertos", "reintentos", "salida")] == [0] * 3
    assert mesa.valor("SELECT count(*) FROM entrada") == 1
    muerto, ordenes, descartado = mesa.muertos.uno(id, None)
    assert (muerto.sobre, muerto.consumidor, descartado) == (sobre, CONSUMIDOR, True)
    assert (muerto.tema, muerto.intentos, muerto.error) == ("pruebas", 3, "x")
    assert [(o.firma.operacion, o.firma.motivo) for o in ordenes] == [
        ("muertos.descartar", "ya no hace falta")
    ]
    for orden in ("descartar", "reencolar"):
        with pytest.raises(ErrorDeDominio, match="maría lo descartó"):
            mesa.muertos.ordenar(orden, id, None, "luis", "x")


def test_la_previa_recorre_todas_las_paginas(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sagas and letters are chosen page by page, none twice, oldest first, and nothing is written."""
    monkeypatch.setattr(seleccion, "PAGINA", 2)
    monkeypatch.setattr(busqueda_muertos, "PAGINA", 2)
    sagas = [mesa.iniciar() for _ in range(5)]
    elegida = seleccion.Seleccion(mesa.motor, mesa.reloj, AlmacenSagas(registro(Ajustes())))
    previas, hay_mas = elegida.prever("cancelar", seleccion.Filtro(paso="CREAR_CAMPAÑA"), 5)
    assert ([p["id"] for p in previas], hay_mas) == (sagas, False)
    assert {p["detalle"] for p in previas} == {
        "pasaría de INICIADA a COMPENSANDO y enviaría CANCELAR_CAMPAÑA (intento 1)"
    }
    assert elegida.prever("cancelar", seleccion.Filtro(), 4)[1]
    with mesa.motor.escritura() as con:
        con.execute(tabla_sagas.update().where(tabla_sagas.c.id == sagas[4]).values(estado="OTRO"))
        con.commit()
    assert [p["id"] for p in elegida.prever("cancelar", seleccion.Filtro(estado="INICIADA"), 9)[0]] == sagas[
        :4
    ]
    letras = [mesa.enterrar(mesa.inicio(), f"c{n % 2}") for n in range(5)]
    tirados, hay_mas = mesa.muertos.prever("descartar", Filtro(tipo="IniciarSaga"), 5)
    assert ([p.id for p in tirados], hay_mas) == (letras, False)
    assert [p.id for p in mesa.muertos.prever("descartar", Filtro(consumidor="c1"), 9)[0]] == letras[1::2]
    assert mesa.valor("SELECT count(*) FROM muertos") == 5
    assert mesa.valor("SELECT count(*) FROM sagas WHERE estado = 'INICIADA'") == 4


def test_un_publico_crudo_entra_en_la_bandeja_con_su_id(mesa: Mesa) -> None:
    """Sent back as it came from its topic it is done once: the same event coming again is dropped."""
    cuerpos = {"saga_id": mesa.ids.nuevo(), "tipo": TIPO, "datos_iniciales": cuerpo_de_saga()}
    crudo = codificar({"event_id": uuid4(), **cuerpos})
    for _ in range(2):
        fila = {"consumidor": CONSUMIDOR, "id": uuid4(), "tema": TEMA_INICIAR, "cuerpo": crudo}
        with mesa.motor.escritura() as con:
            con.execute(insert(muertos).values(**fila, intentos=1, error="x", fecha=mesa.reloj.ahora()))
            con.commit()
        assert mesa.muertos.ordenar("reencolar", fila["id"], None, "maría", "x")[1] == "reintentos"
        assert Vigilante(mesa.ejecutor).una_ronda() == 1
    assert mesa.valor("SELECT count(*) FROM entrada") == 1
    assert mesa.valor("SELECT count(*) FROM sagas") == 1
    assert mesa.valor("SELECT count(*) FROM reintentos") == 0
