"""Stock and reservations: what a command does to both, or the rule that it breaks."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from aeropartners.modulos.inventario.dominio.existencia import Existencia, TotalInvalido
from aeropartners.modulos.inventario.dominio.reserva import (
    CantidadInvalida,
    Estado,
    Partida,
    Reserva,
    ReservaYaSoltada,
    StockInsuficiente,
)

T = datetime(2026, 1, 1, tzinfo=UTC)
TTL = timedelta(minutes=15)
CAFE, LATTE = UUID(int=1), UUID(int=3)


class Mostrador:
    """A counter with 10 coffees and 4 lattes, and one reservation."""

    def __init__(self) -> None:
        self.existencias = {CAFE: Existencia(CAFE), LATTE: Existencia(LATTE)}
        self.existencias[CAFE].abrir("1", 10)
        self.existencias[LATTE].abrir("3", 4)
        self.reserva = Reserva(UUID(int=9))
        self.ahora = T

    def hacer(self, *pedido: tuple[UUID, int]) -> None:
        lineas = [(Partida(id, str(id.int), cantidad), f"producto {id.int}") for id, cantidad in pedido]
        self.reserva.hacer(lineas, self.existencias, T + TTL)

    def consumir(self) -> None:
        self.reserva.consumir(self.existencias, self.ahora)

    def soltar(self) -> None:
        self.reserva.soltar(self.existencias)

    def expirar(self) -> None:
        self.ahora = T + TTL
        self.reserva.expirar(self.existencias, self.ahora)

    @property
    def cuentas(self) -> list[tuple[int, int]]:
        """Total and reserved units of each product."""
        return [(e.total, e.reservado) for e in self.existencias.values()]


@pytest.fixture
def mostrador() -> Mostrador:
    return Mostrador()


def test_una_reserva_aparta_todas_sus_lineas(mostrador: Mostrador) -> None:
    """Lines of one product are added up; what is free is what is not set aside."""
    mostrador.hacer((CAFE, 2), (LATTE, 1), (CAFE, 3))
    assert mostrador.cuentas == [(10, 5), (4, 1)]
    assert mostrador.reserva.partidas == (Partida(CAFE, "1", 5), Partida(LATTE, "3", 1))
    assert mostrador.existencias[CAFE].disponible == 5


@pytest.mark.parametrize("pedido", [[(CAFE, 1), (LATTE, 5)], [(LATTE, 3), (CAFE, 1), (LATTE, 2)]])
def test_todas_las_lineas_o_ninguna(mostrador: Mostrador, pedido: list[tuple[UUID, int]]) -> None:
    """One product with too few refuses all, by its name, and changes nothing."""
    with pytest.raises(StockInsuficiente, match="Stock insuficiente para producto 3"):
        mostrador.hacer(*pedido)
    assert mostrador.cuentas == [(10, 0), (4, 0)]
    assert mostrador.reserva.pendientes == []


@pytest.mark.parametrize("cantidad", [0, -1, -10])
def test_no_se_reserva_menos_de_uno(mostrador: Mostrador, cantidad: int) -> None:
    """A negative line would make stock out of nothing."""
    with pytest.raises(CantidadInvalida):
        mostrador.hacer((CAFE, 1), (LATTE, cantidad))
    with pytest.raises(CantidadInvalida):
        mostrador.hacer()
    assert mostrador.cuentas == [(10, 0), (4, 0)]


def test_lo_reservado_dos_veces_es_una(mostrador: Mostrador) -> None:
    """So are what is consumed twice, and what is released twice, before or after."""
    for accion in (lambda: mostrador.hacer((CAFE, 2)), mostrador.consumir, mostrador.soltar):
        accion()
        antes = (mostrador.cuentas, mostrador.reserva.version)
        accion()
        assert (mostrador.cuentas, mostrador.reserva.version) == antes
    assert mostrador.reserva.estado is Estado.DEVUELTA
    assert mostrador.cuentas == [(10, 0), (4, 0)]


def test_una_reserva_recuerda_su_referencia(mostrador: Mostrador) -> None:
    """What the system knows it by, whatever comes of it; asked again under another, it keeps its own."""
    lineas = [(Partida(CAFE, "1", 2), "café")]
    for referencia in ("pedido-1", "pedido-2"):
        mostrador.reserva.hacer(lineas, mostrador.existencias, T + TTL, referencia)
    mostrador.soltar()
    assert mostrador.reserva.referencia == "pedido-1"


def test_lo_consumido_sale_del_stock(mostrador: Mostrador) -> None:
    """And comes back when it is released after all."""
    mostrador.hacer((CAFE, 2), (LATTE, 4))
    mostrador.consumir()
    assert mostrador.cuentas == [(8, 0), (0, 0)]
    mostrador.soltar()
    assert mostrador.cuentas == [(10, 0), (4, 0)]


def test_soltar_antes_de_reservar_deja_una_marca(mostrador: Mostrador) -> None:
    """The late reservation is refused, however often it comes, and so is what would follow it."""
    mostrador.soltar()
    mostrador.soltar()
    for _ in range(2):
        with pytest.raises(ReservaYaSoltada):
            mostrador.hacer((CAFE, 1))
    with pytest.raises(ReservaYaSoltada):
        mostrador.consumir()
    assert (mostrador.reserva.estado, mostrador.reserva.version) == (Estado.ANULADA, 1)
    assert mostrador.cuentas == [(10, 0), (4, 0)]


def test_lo_que_expira_no_se_consume(mostrador: Mostrador) -> None:
    """From that very moment, whether the timers have come by or not; the sums are the same either way."""
    mostrador.hacer((CAFE, 2))
    mostrador.ahora = T + TTL
    with pytest.raises(ReservaYaSoltada):
        mostrador.consumir()
    mostrador.expirar()
    with pytest.raises(ReservaYaSoltada):
        mostrador.consumir()
    assert (mostrador.reserva.estado, mostrador.cuentas) == (Estado.EXPIRADA, [(10, 0), (4, 0)])


def test_lo_consumido_no_expira(mostrador: Mostrador) -> None:
    """Nor what was released, nor what has time left."""
    mostrador.hacer((CAFE, 2))
    mostrador.reserva.expirar(mostrador.existencias, T + TTL - timedelta(microseconds=1))
    assert mostrador.reserva.estado is Estado.ACTIVA
    mostrador.consumir()
    mostrador.expirar()
    assert (mostrador.reserva.estado, mostrador.cuentas) == (Estado.CONSUMIDA, [(8, 0), (4, 0)])


@pytest.mark.parametrize("orden", list(product("hcse", repeat=5)), ids="".join)
def test_en_cualquier_orden_las_sumas_cuadran(orden: tuple[str, ...]) -> None:
    """Whatever comes, how often and in which order: nothing is below 0, lost, made, or counted twice."""
    mostrador = Mostrador()
    acciones: dict[str, Callable[[], None]] = {
        "h": lambda: mostrador.hacer((CAFE, 7)),
        "c": mostrador.consumir,
        "s": mostrador.soltar,
        "e": mostrador.expirar,
    }
    for letra in orden:
        with suppress(ReservaYaSoltada):
            acciones[letra]()
        total, reservado = mostrador.cuentas[0]
        consumido = 7 if mostrador.reserva.estado is Estado.CONSUMIDA else 0
        assert reservado == (7 if mostrador.reserva.estado is Estado.ACTIVA else 0)
        assert total + consumido == 10
        assert mostrador.existencias[CAFE].disponible >= 0


def test_el_stock_no_empieza_bajo_cero() -> None:
    """And it is opened once."""
    existencia = Existencia(CAFE)
    with pytest.raises(TotalInvalido):
        existencia.abrir("1", -1)
    existencia.abrir("1", 5)
    existencia.abrir("1", 500)
    assert (existencia.total, existencia.version) == (5, 1)
    otra = Existencia(CAFE)
    otra.restaurar(existencia.recordar())
    assert (otra.producto, otra.total, otra.reservado) == ("1", 5, 0)
