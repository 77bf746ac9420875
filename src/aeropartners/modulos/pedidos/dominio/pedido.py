"""The order: created, confirmed, cancelled and removed by its saga, each once, and in any order."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, EstadoNoPermite
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.dominio.valores import MONTO_MAXIMO


class Estado(StrEnum):
    """Where an order stands. ELIMINADO: it was removed, perhaps before it came, and no list shows it."""

    PENDIENTE = "pendiente"
    CONFIRMADO = "confirmado"
    CANCELADO = "cancelado"
    FALLIDO = "fallido"
    ELIMINADO = "eliminado"


VISIBLES = tuple(e for e in Estado if e is not Estado.ELIMINADO)


class PedidoYaEliminado(ErrorDeDominio):
    """The order was removed before the command came."""

    codigo = "PEDIDO_ELIMINADO"


class PedidoNoEncontrado(ErrorDeDominio):
    """No order was created."""

    codigo = "PEDIDO_NO_ENCONTRADO"


class TotalInvalido(ErrorDeDominio):
    """The items are worth more than any amount may be, or less than nothing."""

    codigo = "TOTAL_INVALIDO"


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of one product, at one price."""

    producto_id: int
    nombre: str
    cantidad: int
    precio_unitario: Decimal

    @property
    def subtotal(self) -> Decimal:
        """What the units cost together."""
        return self.precio_unitario * self.cantidad


@evento("PedidoCreado", 1)
@dataclass(frozen=True, slots=True)
class PedidoCreado:
    """The order was created; clients know it by `numero`."""

    saga_id: UUID
    numero: int
    cliente: str
    items: tuple[Item, ...]
    fecha: datetime

    @property
    def total(self) -> Decimal:
        """What all items cost together."""
        return sum((item.subtotal for item in self.items), Decimal("0.00"))


@evento("PedidoConfirmado", 1)
@dataclass(frozen=True, slots=True)
class PedidoConfirmado:
    """The order was confirmed."""

    fecha: datetime


@evento("PedidoCancelado", 1)
@dataclass(frozen=True, slots=True)
class PedidoCancelado:
    """Its confirmation was undone, whether it had come or not."""

    fecha: datetime


@evento("PedidoMarcadoFallido", 1)
@dataclass(frozen=True, slots=True)
class PedidoMarcadoFallido:
    """Its saga could not be undone."""

    fecha: datetime


@evento("PedidoEliminado", 1)
@dataclass(frozen=True, slots=True)
class PedidoEliminado:
    """Its creation was undone; before it came, this is the mark by which the late command is refused."""

    fecha: datetime


class Pedido(Agregado):
    """One order, of one saga."""

    tipo: ClassVar[str] = "cafeteria-pedido"
    eventos: ClassVar[tuple[type[object], ...]] = (
        PedidoCreado,
        PedidoConfirmado,
        PedidoCancelado,
        PedidoMarcadoFallido,
        PedidoEliminado,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: PedidoCreado | None = None
        self.estado: Estado | None = None
        self.actualizado: datetime | None = None

    def crear(self, ficha: PedidoCreado) -> PedidoCreado:
        """Create it and return what it is; one that was created stays as it is.

        Raises PedidoYaEliminado, and TotalInvalido for an amount that no table holds.
        """
        if self.estado is Estado.ELIMINADO:
            raise PedidoYaEliminado("El pedido fue eliminado")
        if self.ficha:
            return self.ficha
        if not 0 <= ficha.total < MONTO_MAXIMO:
            raise TotalInvalido("El total del pedido no es válido")
        self.registrar(ficha)
        return ficha

    def confirmar(self, ahora: datetime) -> None:
        """Confirm it, once; raises the rule by which an order in its state cannot be."""
        match self.estado:
            case Estado.PENDIENTE:
                self.registrar(PedidoConfirmado(ahora))
            case None:
                raise PedidoNoEncontrado("Pedido no encontrado")
            case Estado.ELIMINADO:
                raise PedidoYaEliminado("El pedido fue eliminado")
            case Estado.CANCELADO | Estado.FALLIDO:
                raise EstadoNoPermite(f"Un pedido {self.estado} no se confirma")

    def cancelar(self, ahora: datetime) -> None:
        """Cancel it, once; one that was not created or was removed has nothing to cancel."""
        if self.estado in (Estado.PENDIENTE, Estado.CONFIRMADO, Estado.FALLIDO):
            self.registrar(PedidoCancelado(ahora))

    def eliminar(self, ahora: datetime) -> None:
        """Remove it from any state, once; before it was created, leave a mark."""
        if self.estado is not Estado.ELIMINADO:
            self.registrar(PedidoEliminado(ahora))

    def marcar_fallido(self, ahora: datetime) -> None:
        """Mark that its saga could not be undone; nothing if it is not there, or is marked already."""
        if self.estado in (Estado.PENDIENTE, Estado.CONFIRMADO, Estado.CANCELADO):
            self.registrar(PedidoMarcadoFallido(ahora))

    def aplicar(self, evento: object) -> None:
        match evento:
            case PedidoCreado():
                self.ficha, self.estado = evento, Estado.PENDIENTE
            case PedidoConfirmado():
                self.estado = Estado.CONFIRMADO
            case PedidoCancelado():
                self.estado = Estado.CANCELADO
            case PedidoMarcadoFallido():
                self.estado = Estado.FALLIDO
            case PedidoEliminado():
                self.estado = Estado.ELIMINADO
        self.actualizado = getattr(evento, "fecha", None)
