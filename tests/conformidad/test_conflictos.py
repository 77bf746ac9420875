"""Locks that somebody holds are an outage of ours: no attempt of any message, and others go on."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, make_url, text

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Recibido
from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConflictoPersistente, Contestacion
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.conformidad.banco import Banco, Cinta
from tests.conformidad.cuentas import Depositar

DE_POSTGRES = pytest.mark.parametrize(
    "motor", [pytest.param("postgresql", marks=pytest.mark.servicios)], indirect=True
)


def _poca_paciencia(motor: Motor, orden: str) -> None:
    """Let the worker sessions that are made from now on wait for locks for a moment only."""

    def ordenar(conexion: Any, _registro: Any) -> None:
        cursor = conexion.cursor()
        cursor.execute(orden)
        cursor.close()
        conexion.commit()

    event.listen(motor._escritura, "connect", ordenar)
    motor.cerrar()


@contextmanager
def _bloqueada(motor: Motor, cuenta: UUID) -> Iterator[None]:
    """Hold the row of an account, as a forgotten session would."""
    with motor.lectura() as con:
        con.execute(text("SELECT 1 FROM cuentas_prueba WHERE id = :id FOR UPDATE"), {"id": cuenta})
        yield


@DE_POSTGRES
@pytest.mark.parametrize("espera", ["lock_timeout", "statement_timeout"])
def test_quien_espera_a_un_bloqueo_no_falla(banco: Banco, espera: str) -> None:
    """One row is held: the rest of the batch is done, and its message waits as long as that takes."""
    _poca_paciencia(banco.motor, f"SET {espera} = '40ms'")
    cuentas = [uuid4() for _ in range(8)]
    banco.depositar(*(banco.sobre(c) for c in cuentas))
    with _bloqueada(banco.motor, cuentas[2]):
        banco.recibir(*(banco.sobre(c) for c in cuentas))
        assert banco.consumidor().una_ronda() == 8
        assert banco.valor("SELECT sum(saldo) FROM cuentas_prueba") == 15
        for _ in range(4):
            assert banco.valor("SELECT intentos FROM reintentos") == 0
            banco.vencer("reintentos", "proximo")
            assert Vigilante(banco.ejecutor).una_ronda() == 1
    banco.vencer("reintentos", "proximo")
    assert Vigilante(banco.ejecutor).una_ronda() == 1
    assert banco.valor("SELECT sum(saldo) FROM cuentas_prueba") == 16
    assert banco.valor("SELECT count(*) FROM muertos") == 0


@pytest.mark.parametrize("motor", ["sqlite"], indirect=True)
def test_un_archivo_bloqueado_no_gasta_intentos(banco: Banco) -> None:
    """Another program holds the file: the loop ends with nothing done, and its successor does it all."""
    _poca_paciencia(banco.motor, "PRAGMA busy_timeout=40")
    sobres = [banco.sobre(uuid4()) for _ in range(3)]
    ajena = sqlite3.connect(str(make_url(banco.motor.url).database), isolation_level=None)
    ajena.execute("BEGIN IMMEDIATE")
    banco.recibir(*sobres)
    with pytest.raises(ConflictoPersistente):
        banco.consumidor().una_ronda()
    assert banco.cinta.confirmados == 0
    ajena.close()
    banco.recibir(*sobres)
    assert banco.consumidor().una_ronda() == 3
    assert banco.valor("SELECT count(*) FROM eventos") == 3
    assert banco.valor("SELECT count(*) FROM reintentos") + banco.valor("SELECT count(*) FROM muertos") == 0


def test_el_escritor_niega_solo_al_que_espera(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a group of requests the one whose rows are held is told to come later; the others are answered."""
    escritor = Escritor(banco.ejecutor, banco.ids, banco.reloj)
    peticiones = [_peticion(banco) for _ in range(5)]
    sobre = banco.sobre(peticiones[3].clave)
    banco.romper(monkeypatch, sobre, Bloqueado("un cerrojo ajeno"))
    for peticion in peticiones:
        escritor.encolar(peticion)
    assert escritor.una_ronda(0) == 5
    errores = [p.futuro.exception(0) for p in peticiones]
    assert [type(e) for e in errores] == [*[type(None)] * 3, ConflictoPersistente, type(None)]


def _peticion(banco: Banco) -> Peticion:
    id = banco.ids.nuevo()
    return Peticion(
        Depositar(id), id, lambda _decision: Contestacion(200, {}), lambda _error: Contestacion(409, {})
    )


def test_dos_copias_que_se_pisan_no_fallan(banco: Banco) -> None:
    """Eight consumers of one stream at once: races are lost and run again, and no message is set aside."""
    cuenta = uuid4()

    def consumir(_: int) -> None:
        cinta = Cinta()
        sobres = [banco.sobre(cuenta) for _ in range(3)]
        cinta.lotes += [[Recibido("cuentas", codificar(s), {}, None, str(s.id))] for s in sobres]
        consumidor = Consumidor(banco.ejecutor, lambda: cinta, banco.reloj)
        while consumidor.una_ronda():
            """To the end."""

    with ThreadPoolExecutor(8) as piscina:
        list(piscina.map(consumir, range(8)))
    aplazados = banco.valor("SELECT count(*) FROM reintentos WHERE intentos = 0")
    assert banco.valor("SELECT saldo FROM cuentas_prueba") == 24 - aplazados
    assert banco.valor("SELECT count(*) FROM muertos") == 0
