"""What a batch loads and locks before its handlers: numbers, streams by query, disputed and due ones."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador, Resultado
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.puertos import UnidadDeTrabajo
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from tests.conformidad.billetes import MODULO, Caducar, Emitir, Usar, persistencia, tabla
from tests.dobles.broker import BrokerEnMemoria

HILOS, TANDAS = 4, 25


class Taquilla:
    """The module of tickets over a database; `pausas` counts the batches that lost a race and began again."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        self.pausas = 0
        with motor.escritura() as con:
            tabla.create(con)
            con.commit()

    def ejecutor(self) -> Ejecutor:
        """Return what one process runs its batches with."""
        almacen = persistencia()
        unidad = partial(UnidadSQL, self.motor, almacen, self.reloj, self.ids)
        return Ejecutor(Procesador(MODULO, self.ids), unidad, Publicador(BrokerEnMemoria()), self._pausar)

    def _pausar(self, _segundos: float) -> None:
        self.pausas += 1

    def sobre(self, mensaje: object) -> Sobre:
        """Return the envelope of a message."""
        return sobre_de(mensaje, self.ids.nuevo(), "c", self.reloj.ahora())

    def hacer(self, ejecutor: Ejecutor, *mensajes: object) -> Resultado:
        """Run these as one batch."""
        sobres = [self.sobre(m) for m in mensajes]
        return ejecutor.ejecutar(lambda _uow: sobres)

    def columna(self, nombre: str) -> list[Any]:
        """Return a column of all tickets, by their numbers."""
        with self.motor.lectura() as con:
            return list(con.execute(text(f"SELECT {nombre} FROM billetes_prueba ORDER BY numero")).scalars())


@pytest.fixture
def taquilla(motor: Motor) -> Taquilla:
    return Taquilla(motor)


def test_los_numeros_van_seguidos(taquilla: Taquilla) -> None:
    """In the order of the batch, from 1; a refused message and a repeated one use none up."""
    uno = uuid4()
    ejecutor = taquilla.ejecutor()
    resultado = taquilla.hacer(ejecutor, Emitir(uno, "a"), Emitir(uuid4(), ""), Emitir(uuid4(), "b"))
    assert [d.resultado for d in resultado.decisiones] == [1, None, 2]
    taquilla.hacer(ejecutor, Emitir(uno, "a"))
    [decision] = taquilla.hacer(taquilla.ejecutor(), Emitir(uuid4(), "c")).decisiones
    assert decision.resultado == 3


def test_una_transaccion_deshecha_no_gasta_numeros(taquilla: Taquilla) -> None:
    """Whatever fails after the handlers: the next ticket gets the number."""

    def romper(_uow: UnidadDeTrabajo, _resultado: Resultado) -> None:
        raise RuntimeError("se cae antes de confirmar")

    sobre = taquilla.sobre(Emitir(uuid4(), "a"))
    with pytest.raises(RuntimeError):
        taquilla.ejecutor().ejecutar(lambda _uow: [sobre], romper)
    assert taquilla.hacer(taquilla.ejecutor(), Emitir(uuid4(), "b")).decisiones[0].resultado == 1


def test_varios_procesos_no_se_saltan_ninguno(taquilla: Taquilla) -> None:
    """Whoever comes at the same time waits for the number of the one before."""

    def tandas(ejecutor: Ejecutor) -> None:
        for _ in range(TANDAS):
            taquilla.hacer(ejecutor, Emitir(uuid4(), "a"), Emitir(uuid4(), "b"))

    with ThreadPoolExecutor(HILOS) as hilos:
        list(hilos.map(tandas, [taquilla.ejecutor() for _ in range(HILOS)]))
    assert taquilla.columna("numero") == list(range(1, 2 * HILOS * TANDAS + 1))


def test_quien_no_nombra_los_flujos_los_halla(taquilla: Taquilla) -> None:
    """The streams that the handler's query finds are loaded with the batch, with their versions."""
    ejecutor = taquilla.ejecutor()
    taquilla.hacer(ejecutor, *(Emitir(uuid4(), dueno) for dueno in "aba"))
    taquilla.hacer(ejecutor, Usar("a"), Usar("b"), Usar("a"), Usar("nadie"))
    assert (taquilla.columna("usos"), taquilla.columna("version")) == ([2, 1, 2], [3, 2, 3])


def test_los_disputados_se_esperan(taquilla: Taquilla) -> None:
    """Writers of the same streams wait for each other before they read: none loses, no circle is closed."""
    billetes = [uuid4() for _ in range(4)]
    taquilla.hacer(taquilla.ejecutor(), *(Emitir(id, "ab"[i % 2]) for i, id in enumerate(billetes)))

    def tandas(numero: int) -> None:
        ejecutor = taquilla.ejecutor()
        mensajes: list[object] = [Usar("a"), Usar("b")]
        for _ in range(TANDAS):
            taquilla.hacer(ejecutor, *(mensajes if numero % 2 else mensajes[::-1]))

    with ThreadPoolExecutor(HILOS) as hilos:
        list(hilos.map(tandas, range(HILOS)))
    assert taquilla.columna("usos") == [HILOS * TANDAS] * len(billetes)
    assert taquilla.pausas == 0


def caducar(taquilla: Taquilla, tras_mirar: Any = None) -> Vigilante:
    """Return the timers of one process, which may be held up between their look and their work."""

    def despertar(ids: Sequence[UUID], _uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        if tras_mirar:
            tras_mirar()
        return [taquilla.sobre(Caducar(id)) for id in ids]

    return Vigilante(taquilla.ejecutor(), despertar)


def vencer(taquilla: Taquilla) -> None:
    """Make every ticket due; what their events say of it is a minute away, and the handler goes by that."""
    with taquilla.motor.escritura() as con:
        con.execute(update(tabla).values(revisar_en=taquilla.reloj.ahora() - timedelta(seconds=1)))
        con.commit()


def test_los_plazos_de_cualquier_modulo(taquilla: Taquilla, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose time has come wakes its stream; one that is early is looked at, and left as it was."""
    taquilla.hacer(taquilla.ejecutor(), *(Emitir(uuid4(), "a") for _ in range(3)))
    assert caducar(taquilla).una_ronda() == 0
    vencer(taquilla)
    assert caducar(taquilla).una_ronda() == 3
    assert taquilla.columna("version") == [1, 1, 1]
    adelantar(monkeypatch, minutos=2)
    assert caducar(taquilla).una_ronda() == 3
    assert taquilla.columna("version") == [2, 2, 2]
    assert caducar(taquilla).una_ronda() == 0


def test_dos_procesos_despiertan_lo_mismo_una_vez(
    taquilla: Taquilla, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is locked by the look: the second one finds it done, and nothing is done twice."""
    taquilla.hacer(taquilla.ejecutor(), Emitir(uuid4(), "a"))
    vencer(taquilla)
    adelantar(monkeypatch, minutos=2)
    vistos: list[int] = []

    def otro() -> None:
        if taquilla.motor.es_postgres and not vistos:
            vistos.append(1)
            vistos.append(caducar(taquilla).una_ronda())

    assert caducar(taquilla, otro).una_ronda() == 1
    assert vistos in ([], [1, 1])
    assert taquilla.columna("version") == [2]


def adelantar(monkeypatch: pytest.MonkeyPatch, minutos: float) -> None:
    """Have the database's clock, as transactions see it, be so far ahead."""
    ahora = UnidadSQL.ahora.fget
    assert ahora
    monkeypatch.setattr(UnidadSQL, "ahora", property(lambda uow: ahora(uow) + timedelta(minutes=minutos)))
