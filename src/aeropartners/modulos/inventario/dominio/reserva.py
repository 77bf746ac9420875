"""A reservation: all its lines or none, held until it is consumed, released or expires."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.modulos.inventario.dominio.existencia import (
    Existencia,
    UnidadesConsumidas,
    UnidadesDevueltas,
    UnidadesLiberadas,
    UnidadesReservadas,
)
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento

Existencias = Mapping[UUID, Existencia]


class Estado(StrEnum):
    """Where a reservation stands. ANULADA: it was released before it was made, and no list shows it."""

    ACTIVA = "ACTIVA"
    CONSUMIDA = "CONSUMIDA"
    LIBERADA = "LIBERADA"
    EXPIRADA = "EXPIRADA"
    DEVUELTA = "DEVUELTA"
    ANULADA = "ANULADA"


class StockInsuficiente(ErrorDeDominio):
    """Fewer units are free than a line wants, or the product has no stock."""

    codigo = "STOCK_INSUFICIENTE"


class CantidadInvalida(ErrorDeDominio):
    """A line asks for no unit, or for fewer."""

    codigo = "CANTIDAD_INVALIDA"


class ReservaYaSoltada(ErrorDeDominio):
    """The reservation was released, or expired, before the command came."""

    codigo = "RESERVA_SOLTADA"


@dataclass(frozen=True, slots=True)
class Partida:
    """So many units of the stock that is this stream."""

    existencia: UUID
    producto: str
    cantidad: int


@evento("ReservaHecha", 1)
@dataclass(frozen=True, slots=True)
class ReservaHecha:
    """The units of all lines were set aside, until `expira_en`; the system knows it by `referencia`."""

    partidas: tuple[Partida, ...]
    expira_en: datetime
    referencia: str = ""


@evento("ReservaConsumida", 1)
@dataclass(frozen=True, slots=True)
class ReservaConsumida:
    """Its units left the stock."""


@evento("ReservaLiberada", 1)
@dataclass(frozen=True, slots=True)
class ReservaLiberada:
    """Its units were set free."""


@evento("ReservaExpirada", 1)
@dataclass(frozen=True, slots=True)
class ReservaExpirada:
    """Its time was over, and its units were set free."""


@evento("ReservaDevuelta", 1)
@dataclass(frozen=True, slots=True)
class ReservaDevuelta:
    """Its units had left the stock, and came back."""


@evento("ReservaAnulada", 1)
@dataclass(frozen=True, slots=True)
class ReservaAnulada:
    """It was released before it was made: a mark, by which the late command is refused."""


class Reserva(Agregado):
    """One reservation, of one saga."""

    tipo: ClassVar[str]
    eventos: ClassVar[tuple[type[object], ...]] = (
        ReservaHecha,
        ReservaConsumida,
        ReservaLiberada,
        ReservaExpirada,
        ReservaDevuelta,
        ReservaAnulada,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.estado: Estado | None = None
        self.partidas: tuple[Partida, ...] = ()
        self.expira_en: datetime | None = None
        self.referencia = ""

    def hacer(
        self,
        lineas: Sequence[tuple[Partida, str]],
        existencias: Existencias,
        hasta: datetime,
        referencia: str = "",
    ) -> None:
        """Set the units of all lines aside; `lineas` has the name of each product for the error.

        Lines of one product are added up before they are compared with what is free. A reservation that was
        made is left as it is. Raises StockInsuficiente or CantidadInvalida, with the name of the first
        product with too few units or without a quantity, and ReservaYaSoltada.
        """
        if self.estado is Estado.ACTIVA or self.estado is Estado.CONSUMIDA:
            return
        if self.estado is not None:
            raise ReservaYaSoltada("La reserva ya se soltó")
        if not lineas:
            raise CantidadInvalida("La reserva no tiene líneas")
        suma: dict[UUID, Partida] = {}
        for partida, nombre in lineas:
            if partida.cantidad < 1:
                raise CantidadInvalida(f"Cantidad inválida para {nombre}")
            antes = suma.get(partida.existencia)
            cantidad = partida.cantidad + (antes.cantidad if antes else 0)
            suma[partida.existencia] = Partida(partida.existencia, partida.producto, cantidad)
            if existencias[partida.existencia].disponible < cantidad:
                raise StockInsuficiente(f"Stock insuficiente para {nombre}")
        partidas = tuple(suma.values())
        self.registrar(ReservaHecha(partidas, hasta, referencia))
        self._mover(UnidadesReservadas, existencias)

    def consumir(self, existencias: Existencias, ahora: datetime) -> None:
        """Take its units out of stock, once; raises ReservaYaSoltada, also from the moment it expires at."""
        if self.estado is Estado.CONSUMIDA:
            return
        if self.estado is not Estado.ACTIVA or self.vencida(ahora):
            raise ReservaYaSoltada("La reserva ya se soltó o ha expirado")
        self.registrar(ReservaConsumida())
        self._mover(UnidadesConsumidas, existencias)

    def soltar(self, existencias: Existencias) -> None:
        """Give its units back, whatever came of it, once; before it was made, leave a mark."""
        match self.estado:
            case None:
                self.registrar(ReservaAnulada())
            case Estado.ACTIVA:
                self.registrar(ReservaLiberada())
                self._mover(UnidadesLiberadas, existencias)
            case Estado.CONSUMIDA:
                self.registrar(ReservaDevuelta())
                self._mover(UnidadesDevueltas, existencias)

    def expirar(self, existencias: Existencias, ahora: datetime) -> None:
        """Set its units free if its time is over; nothing if it is not held any more."""
        if self.estado is Estado.ACTIVA and self.vencida(ahora):
            self.registrar(ReservaExpirada())
            self._mover(UnidadesLiberadas, existencias)

    def vencida(self, ahora: datetime) -> bool:
        """Whether its time is over."""
        return self.expira_en is not None and self.expira_en <= ahora

    def aplicar(self, evento: object) -> None:
        match evento:
            case ReservaHecha(partidas, expira_en, referencia):
                self.estado, self.partidas = Estado.ACTIVA, partidas
                self.expira_en, self.referencia = expira_en, referencia
            case ReservaConsumida():
                self.estado = Estado.CONSUMIDA
            case ReservaLiberada():
                self.estado = Estado.LIBERADA
            case ReservaExpirada():
                self.estado = Estado.EXPIRADA
            case ReservaDevuelta():
                self.estado = Estado.DEVUELTA
            case ReservaAnulada():
                self.estado = Estado.ANULADA

    def _mover(self, como: Callable[[int, UUID], object], existencias: Existencias) -> None:
        for partida in self.partidas:
            existencias[partida.existencia].registrar(como(partida.cantidad, self.id))
