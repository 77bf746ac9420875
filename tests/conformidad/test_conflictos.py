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
from tests.conformidad.cuentas import Depositar
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.dobles.broker import Cinta

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
def test_quien_espera_a_un_bloqueo_no_falla(cuentas: ModuloDeCuentas, espera: str) -> None:
    """One row is held: the rest of the batch is done, and its message waits as long as that takes."""
    _poca_paciencia(cuentas.motor, f"SET {espera} = '40ms'")
    varias = [uuid4() for _ in range(8)]
    cuentas.depositar(*(cuentas.sobre(c) for c in varias))
    with _bloqueada(cuentas.motor, varias[2]):
        cuentas.recibir(*(cuentas.sobre(c) for c in varias))
        assert cuentas.consumidor().una_ronda() == 8
        assert cuentas.valor("SELECT sum(saldo) FROM cuentas_prueba") == 15
        for _ in range(4):
            assert cuentas.valor("SELECT intentos FROM reintentos") == 0
            cuentas.vencer("reintentos", "proximo")
            assert Vigilante(cuentas.ejecutor).una_ronda() == 1
    cuentas.vencer("reintentos", "proximo")
    assert Vigilante(cuentas.ejecutor).una_ronda() == 1
    assert cuentas.valor("SELECT sum(saldo) FROM cuentas_prueba") == 16
    assert cuentas.valor("SELECT count(*) FROM muertos") == 0


@pytest.mark.parametrize("motor", ["sqlite"], indirect=True)
def test_un_archivo_bloqueado_no_gasta_intentos(cuentas: ModuloDeCuentas) -> None:
    """Another program holds the file: the loop ends with nothing done, and its successor does it all."""
    _poca_paciencia(cuentas.motor, "PRAGMA busy_timeout=40")
    sobres = [cuentas.sobre(uuid4()) for _ in range(3)]
    ajena = sqlite3.connect(str(make_url(cuentas.motor.url).database), isolation_level=None)
    ajena.execute("BEGIN IMMEDIATE")
    cuentas.recibir(*sobres)
    with pytest.raises(ConflictoPersistente):
        cuentas.consumidor().una_ronda()
    assert len(cuentas.cinta.confirmados) == 0
    ajena.close()
    cuentas.recibir(*sobres)
    assert cuentas.consumidor().una_ronda() == 3
    assert cuentas.valor("SELECT count(*) FROM eventos") == 3
    assert (
        cuentas.valor("SELECT count(*) FROM reintentos") + cuentas.valor("SELECT count(*) FROM muertos") == 0
    )


def test_el_escritor_niega_solo_al_que_espera(
    cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a group of requests the one whose rows are held is told to come later; the others are answered."""
    escritor = Escritor(cuentas.ejecutor, cuentas.ids, cuentas.reloj)
    peticiones = [_peticion(cuentas) for _ in range(5)]
    sobre = cuentas.sobre(peticiones[3].clave)
    cuentas.romper(monkeypatch, sobre, Bloqueado("un cerrojo ajeno"))
    for peticion in peticiones:
        escritor.encolar(peticion)
    assert escritor.una_ronda(0) == 5
    errores = [p.futuro.exception(0) for p in peticiones]
    assert [type(e) for e in errores] == [*[type(None)] * 3, ConflictoPersistente, type(None)]


def _peticion(cuentas: ModuloDeCuentas) -> Peticion:
    id = cuentas.ids.nuevo()
    return Peticion(
        Depositar(id), id, lambda _decision: Contestacion(200, {}), lambda _error: Contestacion(409, {})
    )


def test_dos_copias_que_se_pisan_no_fallan(cuentas: ModuloDeCuentas) -> None:
    """Eight consumers of one stream at once: races are lost and run again, and no message is set aside."""
    cuenta = uuid4()

    def consumir(_: int) -> None:
        cinta = Cinta()
        sobres = [cuentas.sobre(cuenta) for _ in range(3)]
        cinta.lotes += [[Recibido("cuentas", codificar(s), {}, None, str(s.id))] for s in sobres]
        consumidor = Consumidor(cuentas.ejecutor, lambda: cinta, cuentas.reloj)
        while consumidor.una_ronda():
            """To the end."""

    with ThreadPoolExecutor(8) as piscina:
        list(piscina.map(consumir, range(8)))
    aplazados = cuentas.valor("SELECT count(*) FROM reintentos WHERE intentos = 0")
    assert cuentas.valor("SELECT saldo FROM cuentas_prueba") == 24 - aplazados
    assert cuentas.valor("SELECT count(*) FROM muertos") == 0
