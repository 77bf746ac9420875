"""The report and the data service that it is made from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento

TIPOS = ("pagos_por_periodo", "campanas_activas", "metricas_generales", "CAMPAÑA_COMPLETA")
PREFIJOS = {"pagos_por_periodo": "pagos", "campanas_activas": "campanas", "metricas_generales": "metricas"}
SERVICIO = UUID("5e4c1d36-6f3c-5f0e-8a59-6d7a0c2b9f10")


class Estado(StrEnum):
    """The contract's words."""

    GENERADO = "GENERADO"
    CANCELADO = "CANCELADO"


class TipoDeReporteDesconocido(ErrorDeDominio):
    """The type is none of the contract's."""

    codigo = "VALIDACION"


class ReporteYaAnulado(ErrorDeDominio):
    """Its undo came first: the late command is refused."""

    codigo = "ANULADO"


@evento("ReporteGenerado", 1)
@dataclass(frozen=True, slots=True)
class ReporteGenerado:
    """A report was made; `id_publico` is the name that clients know it by."""

    id_publico: str
    tipo: str
    filtros: dict[str, str]
    datos: dict[str, Any]
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


@evento("ServicioDatosCambiado", 1)
@dataclass(frozen=True, slots=True)
class ServicioDatosCambiado:
    """Reports are made from another service from now on."""

    url: str
    version: str
    fecha: datetime


class Reporte(Agregado):
    """One report."""

    tipo: ClassVar[str] = "reporte"
    eventos: ClassVar[tuple[type[object], ...]] = (ReporteGenerado, ReporteCancelado, ReporteAnulado)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: ReporteGenerado | None = None
        self.estado = Estado.GENERADO

    def exigir_vivo(self) -> None:
        """Refuse what comes after the undo."""
        if self.existe and self.ficha is None:
            raise ReporteYaAnulado("El reporte fue anulado antes de generarse")

    def generar(self, ficha: ReporteGenerado) -> None:
        """Keep a report; an equal command met again changes nothing."""
        self.exigir_vivo()
        if not self.existe:
            self.registrar(ficha)

    def cancelar(self, motivo: str, ahora: datetime) -> None:
        """Call it off; an unknown one is marked, so that its late command is refused."""
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


class ServicioDatos(Agregado):
    """Which service reports are made from; one stream, `SERVICIO`."""

    tipo: ClassVar[str] = "servicio_datos"
    eventos: ClassVar[tuple[type[object], ...]] = (ServicioDatosCambiado,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.actual: ServicioDatosCambiado | None = None

    def cambiar(self, url: str, version: str, ahora: datetime) -> None:
        """Point at another service."""
        self.registrar(ServicioDatosCambiado(url, version, ahora))

    def aplicar(self, evento: object) -> None:
        assert isinstance(evento, ServicioDatosCambiado)
        self.actual = evento


def id_publico(id: UUID, tipo: str, ahora: datetime) -> str:
    """Return the name of a report: unique, by its type and time; a uuid for CAMPAÑA_COMPLETA."""
    prefijo = PREFIJOS.get(tipo)
    return f"{prefijo}_{ahora:%Y%m%d_%H%M%S}_{id.hex[-12:]}" if prefijo else str(id)
