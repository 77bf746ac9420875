"""The data service as a port."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aeropartners.seedwork.dominio.errores import ErrorDeDominio


class ServicioNoResponde(Exception):
    """The data service did not give data: an outage, worth another try."""

    codigo = "SERVICIO_DATOS"


class SinServicio(ErrorDeDominio):
    """No data service is active: a refusal."""

    codigo = "SIN_SERVICIO"


@dataclass(frozen=True, slots=True)
class Datos:
    """What a service gave, and its version."""

    datos: dict[str, object]
    version: str


class FuenteDatos(Protocol):
    """Fetches the data of reports from the service that is active when the call begins.

    Safe from several threads; changes nothing, so that a call may be repeated; ends within seconds,
    whatever the service does. Never called inside a transaction.
    """

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        """Return the data of one type; raises ServicioNoResponde or SinServicio."""

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        """Return (url, None) when that service, or the active one, is healthy; (url, error) otherwise."""
