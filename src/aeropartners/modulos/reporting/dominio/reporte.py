"""The report: created once from fetched data, and cancelled at most once, perhaps before it was created."""

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
    """The states of a report (001, section 6)."""

    GENERADO = "GENERADO"
    CANCELADO = "CANCELADO"


class ReporteYaAnulado(ErrorDeDominio):
    """The report was cancelled before, so the command is refused."""

    codigo = "ANULADO"


@evento("ReporteGenerado", 1)
@dataclass(frozen=True, slots=True)
class ReporteGenerado:
    """The report was created; clients know it by `id_publico`."""

    id_publico: str
    tipo: str
    filtros: dict[str, str]
    datos: dict[str, object]
    version_servicio_datos: str
    fecha: datetime


@evento("ReporteCancelado", 1)
@dataclass(frozen=True, slots=True)
class ReporteCancelado:
    """The report was cancelled."""

    motivo: str
    fecha: datetime


@evento("ReporteAnulado", 1)
@dataclass(frozen=True, slots=True)
class ReporteAnulado:
    """The undo came before the command: a mark, by which the late command is refused."""

    motivo: str
    fecha: datetime


@dataclass(frozen=True, slots=True)
class Pedido:
    """A request for a report: one of `TIPOS`, and the given filters."""

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
        """Raise ReporteYaAnulado if the report was cancelled, whether it had been created or not."""
        if self.estado is Estado.CANCELADO:
            raise ReporteYaAnulado("El reporte fue cancelado")

    def generar(self, pedido: Pedido, datos: dict[str, object], version: str, ahora: datetime) -> None:
        """Create the report with its data; one that exists is left as it is."""
        self.exigir_vigente()
        if not self.existe:
            id_publico = _id_publico(self.id, pedido.tipo, ahora)
            self.registrar(
                ReporteGenerado(id_publico, pedido.tipo, pedido.filtros, datos, version, ahora),
            )

    def cancelar(self, motivo: str, ahora: datetime) -> None:
        """Cancel the report; an unknown one gets a mark, by which its late command is refused."""
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
