"""The commands of reports, and the order to the caller of the data service."""

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
    """Generate a report from a saga's initial data, which are not validated yet."""

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
    """Store a report with its data; a `codigo` tells why there are none."""

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
    """Cancel a report; as an undo of a saga it may come before its command."""

    id: UUID
    motivo: str = ""
    saga_id: UUID | None = None


@mensaje("CambiarServicioDatos", 1)
@dataclass(frozen=True, slots=True)
class CambiarServicioDatos:
    """Switch the data service, from the next report on."""

    url: str
    version: str
