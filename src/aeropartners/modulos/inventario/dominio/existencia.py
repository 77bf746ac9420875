"""The stock of one product: how many units there are, and how many of them are reserved."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.dominio.instantanea import ConInstantaneas


class TotalInvalido(ErrorDeDominio):
    """Stock cannot begin below 0."""

    codigo = "TOTAL_INVALIDO"


@evento("ExistenciaAbierta", 1)
@dataclass(frozen=True, slots=True)
class ExistenciaAbierta:
    """The stock was opened."""

    producto: str
    total: int


@evento("UnidadesReservadas", 1)
@dataclass(frozen=True, slots=True)
class UnidadesReservadas:
    """Units were set aside for a reservation."""

    cantidad: int
    reserva: UUID


@evento("UnidadesLiberadas", 1)
@dataclass(frozen=True, slots=True)
class UnidadesLiberadas:
    """Units that were set aside are free again."""

    cantidad: int
    reserva: UUID


@evento("UnidadesConsumidas", 1)
@dataclass(frozen=True, slots=True)
class UnidadesConsumidas:
    """Units that were set aside left the stock."""

    cantidad: int
    reserva: UUID


@evento("UnidadesDevueltas", 1)
@dataclass(frozen=True, slots=True)
class UnidadesDevueltas:
    """Units that had left the stock came back."""

    cantidad: int
    reserva: UUID


@dataclass(frozen=True, slots=True)
class EstadoExistencia:
    """What a snapshot of stock holds."""

    producto: str
    total: int
    reservado: int


class Existencia(ConInstantaneas):
    """The stock of one product. The reservation decides: it holds its lines, and asks here for each once."""

    tipo: ClassVar[str]
    memento: ClassVar[type[object]] = EstadoExistencia
    eventos: ClassVar[tuple[type[object], ...]] = (
        ExistenciaAbierta,
        UnidadesReservadas,
        UnidadesLiberadas,
        UnidadesConsumidas,
        UnidadesDevueltas,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.producto = ""
        self.total = 0
        self.reservado = 0

    @property
    def disponible(self) -> int:
        """How many units may be reserved."""
        return self.total - self.reservado

    def abrir(self, producto: str, total: int) -> None:
        """Open the stock; stock that is open is left as it is. Raises TotalInvalido below 0."""
        if total < 0:
            raise TotalInvalido(f"El stock de {producto} no puede ser negativo")
        if not self.existe:
            self.registrar(ExistenciaAbierta(producto, total))

    def recordar(self) -> EstadoExistencia:
        return EstadoExistencia(self.producto, self.total, self.reservado)

    def restaurar(self, memento: object) -> None:
        assert isinstance(memento, EstadoExistencia)
        self.producto, self.total, self.reservado = memento.producto, memento.total, memento.reservado

    def aplicar(self, evento: object) -> None:
        match evento:
            case ExistenciaAbierta(producto, total):
                self.producto, self.total = producto, total
            case UnidadesReservadas(cantidad):
                self.reservado += cantidad
            case UnidadesLiberadas(cantidad):
                self.reservado -= cantidad
            case UnidadesConsumidas(cantidad):
                self.reservado -= cantidad
                self.total -= cantidad
            case UnidadesDevueltas(cantidad):
                self.total += cantidad
