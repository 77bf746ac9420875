"""The stream of saga events over both databases: the order of commits, pages, late ones, and its places."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import Connection, text

from aeropartners.contratos.saga import OrdenOperador
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.infraestructura.base.dialecto import INICIO, Posicion
from saga_orchestrator.infraestructura.consultas import flujo as modulo_flujo
from saga_orchestrator.infraestructura.consultas.flujo import Flujo, LecturaEventos, leer_posicion
from tests.conformidad.test_operador import Mesa, mesa
from tests.conformidad.test_proyecciones import SOLO_POSTGRES

__all__ = ["mesa"]


def ids(tramas: bytes) -> list[str]:
    """The saga of each event in a chunk of the stream."""
    return [
        str(msgspec.json.decode(linea[6:])["saga_id"])
        for linea in tramas.splitlines()
        if linea.startswith(b"data: ")
    ]


def eventos(flujo: Flujo, desde: Posicion | None) -> Iterator[list[str]]:
    """The sagas of each chunk that a fresh reader gets; an empty one is a heartbeat."""
    lector = flujo.abrir(desde)
    assert lector
    return (ids(trama) for trama in lector.tramas if not trama.startswith(b"retry"))


def test_paginas_en_orden_y_ninguno_dos_veces(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of a page, a reader gets each event once, in the order of their commits."""
    monkeypatch.setattr(modulo_flujo, "PAGINA", 2)
    sagas = [str(mesa.iniciar()) for _ in range(5)]
    paginas = eventos(Flujo(LecturaEventos(mesa.motor)), INICIO)
    assert [next(paginas) for _ in range(3)] == [sagas[:2], sagas[2:4], sagas[4:]]


def test_desde_ahora_y_desde_una_posicion(mesa: Mesa) -> None:
    """Without a position only what comes is told; with an event's, what came after it."""
    vieja, lectura = mesa.iniciar(), LecturaEventos(mesa.motor)
    flujo = Flujo(lectura)
    [primero], _ = lectura.siguientes(INICIO)
    nuevo = eventos(flujo, None)
    seguido = eventos(flujo, primero.posicion)
    nueva = str(mesa.iniciar())
    assert next(nuevo) == next(seguido) == [nueva]
    assert next(eventos(flujo, INICIO)) == [str(vieja), nueva]


@SOLO_POSTGRES
@pytest.mark.parametrize("antes", [9, 99])
def test_tras_una_potencia_de_diez_se_sigue_desde_ahora(mesa: Mesa, antes: int) -> None:
    """The newest transaction is the one with the highest number, not the one that sorts last as text."""
    lectura = LecturaEventos(mesa.motor)
    for tx in (antes, antes + 1):
        saga_id = mesa.iniciar()
        with mesa.motor.escritura() as con:
            con.execute(text(f"UPDATE saga_eventos SET tx = '{tx}' WHERE saga_id = '{saga_id}'"))
            con.commit()
    assert lectura.ultima().tx == antes + 1


def test_lo_que_no_es_publico_no_se_cuenta(mesa: Mesa) -> None:
    """An operator's order is an event of the saga, and no public one."""
    saga_id = mesa.iniciar()
    orden = OrdenOperador(saga_id, "cancelar", "x", "maría")
    mesa.ejecutor.ejecutar(lambda _uow: [sobre_interno(mesa.ids.nuevo(), orden, saga_id, mesa.reloj.ahora())])
    assert mesa.valor("SELECT count(*) FROM saga_eventos WHERE orden = 0") == 1
    emitidos, _ = LecturaEventos(mesa.motor).siguientes(INICIO)
    tipos = [msgspec.json.decode(e.cuerpo)["event_type"] for e in emitidos]
    assert tipos == ["SagaIniciada", "SagaFallida", "SagaCompensacionIniciada"]


def test_una_posicion_del_futuro_es_ahora(mesa: Mesa) -> None:
    """Of events that were removed, or of another server: the reader is not left waiting for ever."""
    mesa.iniciar()
    recibe = eventos(Flujo(LecturaEventos(mesa.motor)), Posicion(2**62, 2**62))
    nueva = str(mesa.iniciar())
    assert next(recibe) == [nueva]


@contextmanager
def _abierta(mesa: Mesa) -> Iterator[Connection]:
    """A transaction that has appended the second event of a saga and has not committed."""
    saga_id = mesa.iniciar()
    with mesa.motor.escritura() as con:
        con.execute(
            text(
                "INSERT INTO saga_eventos (saga_id, version, id, orden, clase, indice, estado, evento_tipo,"
                " evento_datos, fecha_creacion, lote) SELECT saga_id, 2, :id, 2, clase, indice, estado,"
                " 'Tardio', evento_datos, fecha_creacion, lote FROM saga_eventos WHERE saga_id = :saga"
            ),
            {"id": uuid4(), "saga": saga_id},
        )
        yield con


@SOLO_POSTGRES
def test_un_commit_tardio_no_se_salta(mesa: Mesa) -> None:
    """A younger event waits for an older transaction, and the older one comes first."""
    flujo = Flujo(LecturaEventos(mesa.motor), pausa_s=0, latido_s=0)
    with _abierta(mesa) as tardia:
        recibe = eventos(flujo, None)
        joven = str(mesa.iniciar())
        assert next(recibe) == []
        tardia.commit()
    llegados = next(recibe)
    assert (len(llegados), llegados[1]) == (2, joven)


def test_los_lugares_se_acaban_y_se_devuelven(mesa: Mesa) -> None:
    """One more than the places is turned away; a place given back twice is one place."""
    flujo = Flujo(LecturaEventos(mesa.motor), maximo=2)
    primero, segundo = flujo.abrir(None), flujo.abrir(None)
    assert primero
    assert segundo
    assert flujo.abrir(None) is None
    primero.soltar()
    primero.soltar()
    assert flujo.abrir(None)
    assert flujo.abrir(None) is None


def test_al_cerrar_terminan_todos(mesa: Mesa) -> None:
    """Readers end where they are, and nobody else is admitted."""
    flujo = Flujo(LecturaEventos(mesa.motor), latido_s=0)
    lector = flujo.abrir(None)
    assert lector
    assert [next(lector.tramas) for _ in range(2)] == [b"retry: 2000\n\n", b": latido\n\n"]
    flujo.cerrar()
    assert list(lector.tramas) == []
    assert flujo.abrir(None) is None


def test_sin_base_el_lector_termina(mesa: Mesa) -> None:
    """It comes back later with its position; the process does not raise into the server."""
    flujo = Flujo(LecturaEventos(mesa.motor))
    lector = flujo.abrir(None)
    assert lector
    with mesa.motor.escritura() as con:
        con.execute(text("ALTER TABLE saga_eventos RENAME TO otra"))
        con.commit()
    assert list(lector.tramas) == [b"retry: 2000\n\n"]


@pytest.mark.parametrize(
    "mala", ["", "1", "-1-2", "1-", "a-b", "1-2-3", " 1-2", "01-2", f"0-{2**63}", "１-2"]
)
def test_una_posicion_mal_escrita(mala: str) -> None:
    """Only what the stream itself wrote is a position."""
    assert leer_posicion("12-34") == Posicion(12, 34)
    with pytest.raises(ValueError, match=r".*"):
        leer_posicion(mala)
