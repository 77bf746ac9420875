"""The report: made once from fetched data, cancelled at most once, or called off before it was made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento

PREFIJOS = {"pagos_por_periodo": "pagos", "campanas_activas": "campanas", "metricas_generales": "metricas"}
COMPLETA = "CAMPAÑA_COMPLETA"
TIPOS = (*PREFIJOS, COMPLETA)


class Estado(StrEnum):
    """The contract's words (001, section 6)."""

    GENERADO = "GENERADO"
    CANCELADO = "CANCELADO"


class ReporteYaAnulado(ErrorDeDominio):
    """It was called off: a command that comes late is refused."""

    codigo = "ANULADO"


@evento("ReporteGenerado", 1)
@dataclass(frozen=True, slots=True)
class ReporteGenerado:
    """A report was made; `id_publico` is the name that clients know it by."""

    id_publico: str
    tipo: str
    filtros: dict[str, str]
    datos: dict[str, object]
    version_servicio_datos: str
    fecha: datetime


@evento("ReporteCancelado", 1)
@dataclass(frozen=True, slots=True)
class ReporteCancelado:
    """It is no longer wanted."""

    motivo: str
    fecha: datetime


@evento("ReporteAnulado", 1)
@dataclass(frozen=True, slots=True)
class ReporteAnulado:
    """The undo came before the command: the mark that refuses it."""

    motivo: str
    fecha: datetime


@dataclass(frozen=True, slots=True)
class Pedido:
    """What a report is asked for: one of `TIPOS`, and the filters that were given."""

    tipo: str
    filtros: dict[str, str]


class Reporte(Agregado):
    """One report."""

    tipo: ClassVar[str] = "reporte"
    eventos: ClassVar[tuple[type[object], ...]] = (ReporteGenerado, ReporteCancelado, ReporteAnulado)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: ReporteGenerado | None = None
        self.estado = Estado.GENERADO

    def exigir_vigente(self) -> None:
        """Refuse what comes after the undo, whether or not the report had been made."""
        if self.estado is Estado.CANCELADO:
            raise ReporteYaAnulado("El reporte fue cancelado")

    def generar(self, pedido: Pedido, datos: dict[str, object], version: str, ahora: datetime) -> None:
        """Keep the data; a report that is there already stays as it is."""
        self.exigir_vigente()
        if not self.existe:
            id_publico = _id_publico(self.id, pedido.tipo, ahora)
            self.registrar(
                ReporteGenerado(id_publico, pedido.tipo, pedido.filtros, datos, version, ahora),
            )

    def cancelar(self, motivo: str, ahora: datetime) -> None:
        """Call it off; one that is not there yet is marked, so that its late command is refused."""
        if not self.existe:
            self.registrar(ReporteAnulado(motivo, ahora))
        elif self.estado is not Estado.CANCELADO:
            self.registrar(ReporteCancelado(motivo, ahora))

    def aplicar(self, evento: object) -> None:
        match evento:
            case ReporteGenerado():
                self.ficha = evento
            case ReporteCancelado() | ReporteAnulado():
                self.estado = Estado.CANCELADO


def _id_publico(id: UUID, tipo: str, ahora: datetime) -> str:
    prefijo = PREFIJOS.get(tipo)
    return f"{prefijo}_{ahora:%Y%m%d_%H%M%S}_{id.hex[-12:]}" if prefijo else str(id)
