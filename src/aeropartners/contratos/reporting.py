"""Commands that reports take, and the order to the caller of the data service."""

from dataclasses import dataclass, field
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "comandos-reporting"
TEMA_LLAMADAS = "llamadas-reporting"
TEMA_MUERTOS = "dlq-reporting"
SUSCRIPCION = "reporting"
SUSCRIPCION_LLAMADAS = "reporting-datos"


@mensaje("GenerarReporteDeSaga", 1)
@dataclass(frozen=True, slots=True)
class GenerarReporteDeSaga:
    """Generate a report from the body that a client gave a saga: anything may be wrong in it."""

    id: UUID
    datos: dict[str, object]


@mensaje("FormarReporte", 1)
@dataclass(frozen=True, slots=True)
class FormarReporte:
    """Order to the caller: fetch the data of a valid request."""

    id: UUID
    tipo: str
    filtros: dict[str, str] = field(default_factory=dict)


@mensaje("RegistrarReporte", 1)
@dataclass(frozen=True, slots=True)
class RegistrarReporte:
    """Store a report with its data; `codigo` tells why there are none."""

    id: UUID
    tipo: str
    filtros: dict[str, str]
    datos: dict[str, object] = field(default_factory=dict)
    version_servicio_datos: str = ""
    codigo: str = ""
    error: str = ""


@mensaje("CancelarReporte", 1)
@dataclass(frozen=True, slots=True)
class CancelarReporte:
    """Cancel a report; from a saga it is an undo, which stands coming before its command."""

    id: UUID
    motivo: str = ""
    saga_id: UUID | None = None


@mensaje("CambiarServicioDatos", 1)
@dataclass(frozen=True, slots=True)
class CambiarServicioDatos:
    """Point the reports at another data service, from the next report on."""

    url: str
    version: str
