"""The data service as a port."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class ServicioNoResponde(Exception):
    """The data service did not answer: a technical failure, worth another try."""


class SinServicio(Exception):
    """No data service is active."""


@dataclass(frozen=True, slots=True)
class Datos:
    """What a service gave, and its version."""

    datos: dict[str, Any]
    version: str


class FuenteDatos(Protocol):
    """Fetches the data of a report from the active service. Safe from several threads; changes nothing."""

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        """Return the data; raises ServicioNoResponde or SinServicio."""

    def verificar(self, url: str | None) -> tuple[str, str | None]:
        """Return (url, None) when that service, or the active one, answers; (url, error) otherwise."""
