"""Stock over both databases: two variants beside each other, many at once for the last units, timers."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, select

from aeropartners.contratos.inventario import (
    AbrirExistencia,
    ConsumirReserva,
    Linea,
    ReservarExistencias,
    SoltarReserva,
)
from aeropartners.modulos.inventario.infraestructura.almacen import tablas
from aeropartners.modulos.inventario.modulo import Variante
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Recibido
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from tests.conformidad.test_lote import adelantar
from tests.dobles.broker import BrokerEnMemoria, Cinta

TTL_S = 900.0
UNIDADES, PEDIDOS, HILOS, DE_UNA_VEZ = 100, 160, 4, 8
CAFE, LATTE = 1, 3


class Almacen:
    """The stock of one system over a database; what it stored, and how its messages ended."""

    def __init__(self, motor: Motor, sistema: str) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        metadatos = MetaData()
        suyas = tablas(f"prueba_{sistema}", metadatos)
        self.variante = Variante(sistema, f"ordenes-{sistema}", f"dlq-{sistema}", "inventario", suyas)
        with motor.escritura() as con:
            metadatos.create_all(con)
            con.commit()
        self.pieza = self.variante.pieza()
        self.cinta = Cinta()
        self.pausas = 0

    def ejecutor(self) -> Ejecutor:
        """Return what one process runs its batches with."""
        unidad = partial(UnidadSQL, self.motor, self.pieza.persistencia, self.reloj, self.ids)
        procesador = Procesador(self.pieza.modulo, self.ids)
        return Ejecutor(procesador, unidad, Publicador(BrokerEnMemoria()), self._pausar)

    def _pausar(self, _segundos: float) -> None:
        self.pausas += 1

    def hacer(self, *mensajes: object) -> list[str]:
        """Run these as one batch; return how each was refused, or an empty text."""
        return [d.error.codigo if d.error else "" for d in self.en(self.ejecutor(), *mensajes)]

    def en(self, ejecutor: Ejecutor, *mensajes: object) -> Sequence[Any]:
        """Run these as one batch of a process."""
        sobres = [sobre_de(m, self.ids.nuevo(), "c", self.reloj.ahora()) for m in mensajes]
        return ejecutor.ejecutar(lambda _uow: sobres).decisiones

    def abrir(self, *productos: int, total: int = UNIDADES) -> "Almacen":
        """Open the stock of products."""
        self.hacer(*(AbrirExistencia(self.variante.existencia_de(p), str(p), total) for p in productos))
        return self

    def reserva(self, id: UUID, **cantidades: int) -> ReservarExistencias:
        """Return the command that reserves so many units of `p<product>`."""
        lineas = ((int(p[1:]), cantidad) for p, cantidad in cantidades.items())
        return ReservarExistencias(
            id, tuple(Linea(self.variante.existencia_de(p), str(p), n, f"p{p}") for p, n in lineas), TTL_S
        )

    def cuentas(self) -> dict[str, tuple[int, int]]:
        """Return stock and reserved units by product."""
        t = self.variante.tablas.existencias.c
        with self.motor.lectura() as con:
            return {p: (s, r) for p, s, r in con.execute(select(t.producto, t.stock, t.reservado))}

    def estados(self) -> list[str]:
        """Return the states of all reservations that a list shows."""
        t = self.variante.tablas.reservas.c
        with self.motor.lectura() as con:
            return sorted(con.execute(select(t.estado)).scalars())

    def vigilante(self) -> Vigilante:
        """Return the timers of one process."""
        assert self.pieza.despertar
        return Vigilante(self.ejecutor(), self.pieza.despertar(self.ids))


@pytest.fixture
def almacen(motor: Motor) -> Almacen:
    return Almacen(motor, "cafeteria")


def test_dos_variantes_no_se_ven(motor: Motor, almacen: Almacen) -> None:
    """Equal products, references, messages and subscriptions: each has its own, and undoes its own."""
    otro = Almacen(motor, "a4co")
    referencia = "pedido-1"
    for cada in (almacen, otro):
        cada.abrir(CAFE)
    assert almacen.variante.existencia_de(CAFE) != otro.variante.existencia_de(CAFE)
    mensaje = uuid4()
    for cada, cantidad in ((almacen, 5), (otro, 7), (otro, 7)):
        reserva = cada.reserva(cada.variante.reserva_de(referencia), p1=cantidad)
        sobre = sobre_de(reserva, mensaje, "c", cada.reloj.ahora())
        cada.cinta.lotes.append([Recibido(cada.variante.tema, codificar(sobre), {}, None, "1:1")])
        Consumidor(cada.ejecutor(), lambda cada=cada: cada.cinta, cada.reloj).una_ronda()
    assert (almacen.cuentas(), otro.cuentas()) == ({"1": (100, 5)}, {"1": (100, 7)})
    almacen.hacer(SoltarReserva(almacen.variante.reserva_de(referencia)))
    assert (almacen.estados(), otro.estados()) == (["LIBERADA"], ["ACTIVA"])


def test_quien_suelta_o_consume_no_nombra_los_productos(almacen: Almacen) -> None:
    """In a later batch, and in the very batch in which the reservation is made."""
    almacen.abrir(CAFE, LATTE)
    uno, dos, tres = (uuid4() for _ in range(3))
    almacen.hacer(almacen.reserva(uno, p1=2, p3=1), almacen.reserva(dos, p3=4), ConsumirReserva(dos))
    assert almacen.cuentas() == {"1": (100, 2), "3": (96, 1)}
    assert almacen.hacer(SoltarReserva(dos), ConsumirReserva(uno), SoltarReserva(tres)) == ["", "", ""]
    assert almacen.cuentas() == {"1": (98, 0), "3": (99, 0)}
    assert almacen.hacer(almacen.reserva(tres, p1=1)) == ["RESERVA_SOLTADA"]
    assert almacen.estados() == ["CONSUMIDA", "DEVUELTA"]


def test_lo_que_falta_no_reserva_nada(almacen: Almacen) -> None:
    """All lines or none; a product without stock has none."""
    almacen.abrir(CAFE)
    for pedido in ({"p1": 100_000}, {"p1": 1, "p9": 1}):
        assert almacen.hacer(almacen.reserva(uuid4(), **pedido)) == ["STOCK_INSUFICIENTE"]
    assert (almacen.cuentas(), almacen.estados()) == ({"1": (100, 0)}, [])


@pytest.fixture
def mirando(almacen: Almacen) -> Iterator[list[tuple[int, int]]]:
    """A reader who never stops looking at the stock of the first product."""
    vistas: list[tuple[int, int]] = []
    basta = Event()

    def mirar() -> None:
        while not basta.is_set():
            vistas.extend(almacen.cuentas().values())

    lector = Thread(target=mirar)
    almacen.abrir(CAFE)
    lector.start()
    yield vistas
    basta.set()
    lector.join(30)


def test_nunca_se_vende_de_mas(almacen: Almacen, mirando: list[tuple[int, int]]) -> None:
    """More orders at once than there are units, from several processes: exactly so many, at every look."""

    def pedir(numero: int) -> list[str]:
        ejecutor = almacen.ejecutor()
        finales: list[str] = []
        for _ in range(PEDIDOS // HILOS // DE_UNA_VEZ):
            ids = [uuid4() for _ in range(DE_UNA_VEZ)]
            pedidas = almacen.en(ejecutor, *(almacen.reserva(id, p1=1) for id in ids))
            finales += [d.error.codigo if d.error else "" for d in pedidas]
            logradas = [id for id, d in zip(ids, pedidas, strict=True) if not d.error]
            almacen.en(ejecutor, *(ConsumirReserva(id) for id in logradas))
        return finales

    with ThreadPoolExecutor(HILOS) as hilos:
        finales = [f for suyos in hilos.map(pedir, range(HILOS)) for f in suyos]
    assert finales.count("") == UNIDADES
    assert finales.count("STOCK_INSUFICIENTE") == PEDIDOS - UNIDADES
    assert almacen.cuentas() == {"1": (0, 0)}
    assert mirando
    assert all(0 <= reservado <= stock <= UNIDADES for stock, reservado in mirando)
    assert almacen.pausas == 0


def test_lo_que_expira_vuelve(almacen: Almacen, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timers set it free once its time is over, and not before; what was consumed stays so."""
    almacen.abrir(CAFE)
    uno, dos, tres = (uuid4() for _ in range(3))
    almacen.hacer(*(almacen.reserva(id, p1=10) for id in (uno, dos, tres)))
    almacen.hacer(ConsumirReserva(dos), SoltarReserva(tres))
    assert almacen.vigilante().una_ronda() == 0
    adelantar(monkeypatch, minutos=timedelta(seconds=TTL_S) / timedelta(minutes=1))
    assert almacen.hacer(ConsumirReserva(uno)) == ["RESERVA_SOLTADA"]
    assert almacen.vigilante().una_ronda() == 1
    assert (almacen.estados(), almacen.cuentas()) == (["CONSUMIDA", "EXPIRADA", "LIBERADA"], {"1": (90, 0)})
    assert almacen.vigilante().una_ronda() == 0


def test_consumir_y_expirar_a_la_vez_acaban_igual(almacen: Almacen, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the very moment at which they expire, whoever comes first: none is consumed, all units are free."""
    almacen.abrir(CAFE)
    ids = [uuid4() for _ in range(20)]
    almacen.hacer(*(almacen.reserva(id, p1=1) for id in ids))
    adelantar(monkeypatch, minutos=timedelta(seconds=TTL_S) / timedelta(minutes=1))

    def consumir(id: UUID) -> list[str]:
        return almacen.hacer(ConsumirReserva(id))

    with ThreadPoolExecutor(HILOS) as hilos:
        timbre = hilos.submit(almacen.vigilante().una_ronda)
        finales = [f for suyos in hilos.map(consumir, ids) for f in suyos]
        assert timbre.result() == len(ids)
    assert set(finales) == {"RESERVA_SOLTADA"}
    assert (almacen.estados(), almacen.cuentas()) == (["EXPIRADA"] * len(ids), {"1": (UNIDADES, 0)})


def test_un_sobre_de_otra_variante_no_mueve_nada(motor: Motor, almacen: Almacen) -> None:
    """A stream of another variant under its id is no stock of this one."""
    otro = Almacen(motor, "a4co").abrir(CAFE)
    ajena = Linea(otro.variante.existencia_de(CAFE), "1", 1, "p1")
    assert almacen.hacer(ReservarExistencias(uuid4(), (ajena,), TTL_S)) == ["NO_ENCONTRADO"]
    assert otro.cuentas() == {"1": (100, 0)}
