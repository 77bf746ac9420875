"""The port of the data service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aeropartners.seedwork.dominio.errores import ErrorDeDominio


class ServicioNoResponde(Exception):
    """The data service gave no data: an outage, to be tried again."""

    codigo = "SERVICIO_DATOS"


class SinServicio(ErrorDeDominio):
    """No data service is configured: a refusal."""

    codigo = "SIN_SERVICIO"


@dataclass(frozen=True, slots=True)
class Datos:
    """The data of a report, and the version of the service that gave them."""

    datos: dict[str, object]
    version: str


class FuenteDatos(Protocol):
    """Fetches the data of reports from the data service that is active when the call begins.

    Safe from several threads. It changes nothing, so a call may be repeated, and it ends within seconds.
    Never called inside a transaction.
    """

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        """Return the data of a type of report; raises ServicioNoResponde or SinServicio."""

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        """Return (url, None) if the service at `url` (None: the active one) is healthy, else (url, error)."""
