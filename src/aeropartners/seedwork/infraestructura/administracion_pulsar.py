"""Topics and subscriptions over Pulsar's admin REST: they exist before anyone writes to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpx

EARLIEST = {"ledgerId": -1, "entryId": -1}


class TemasIncompletos(Exception):
    """The broker lacks a topic, a subscription or a partition; `aeropartners migrar` makes them."""


@dataclass(frozen=True, slots=True)
class Tema:
    """How a topic must be: partitions, who subscribes, and what it keeps."""

    particiones: int
    suscripciones: tuple[str, ...] = ()
    retencion_minutos: int = 7 * 24 * 60
    retencion_mb: int = 1024


class AdministracionPulsar:
    """Creates and checks; both may run any number of times."""

    def __init__(
        self, url: str, tenant: str, namespace: str, ficha: str = "", confianza: SSLContext | bool = True
    ) -> None:
        cabeceras = {"Authorization": f"Bearer {ficha}"} if ficha else None
        self._cliente = httpx.Client(
            base_url=f"{url}/admin/v2", headers=cabeceras, verify=confianza, timeout=20
        )
        self._raiz = f"/persistent/{tenant}/{namespace}"
        self._espacio = f"/namespaces/{tenant}/{namespace}"

    def crear(self, temas: Mapping[str, Tema]) -> None:
        """Create what is missing, the namespace as well; raises TemasIncompletos for other partitions."""
        if self._cliente.get(self._espacio).status_code == httpx.codes.NOT_FOUND:
            self._pedir("PUT", self._espacio, {})
        mayor = max(temas.values(), key=lambda t: t.retencion_minutos)
        self._pedir(
            "POST",
            f"{self._espacio}/retention",
            {"retentionTimeInMinutes": mayor.retencion_minutos, "retentionSizeInMB": mayor.retencion_mb},
        )
        for nombre, tema in temas.items():
            self._pedir("PUT", f"{self._raiz}/{nombre}/partitions", tema.particiones)
            for suscripcion in tema.suscripciones:
                self._pedir("PUT", f"{self._raiz}/{nombre}/subscription/{suscripcion}", EARLIEST)
        self.comprobar(temas)

    def comprobar(self, temas: Mapping[str, Tema]) -> None:
        """Raise TemasIncompletos unless every topic is there as it must be; httpx.HTTPError: ask again."""
        for nombre, tema in temas.items():
            particiones = self._leer(f"{nombre}/partitions", {}).get("partitions", 0)
            if particiones != tema.particiones:
                raise TemasIncompletos(
                    f"{nombre} tiene {particiones} particiones y debe tener {tema.particiones}:"
                    " ejecute `aeropartners migrar`; para crecer, vacíe el tema o publique otra versión"
                )
            faltan = set(tema.suscripciones) - set(self._leer(f"{nombre}/subscriptions", ()))
            if faltan:
                raise TemasIncompletos(f"{nombre} no tiene {sorted(faltan)}: ejecute `aeropartners migrar`")

    def cerrar(self) -> None:
        """Close the connections."""
        self._cliente.close()

    def _leer(self, ruta: str, si_no_existe: Any) -> Any:
        respuesta = self._cliente.get(f"{self._raiz}/{ruta}")
        if respuesta.status_code == httpx.codes.NOT_FOUND:
            return si_no_existe
        return respuesta.raise_for_status().json()

    def _pedir(self, metodo: str, ruta: str, cuerpo: object) -> None:
        respuesta = self._cliente.request(metodo, ruta, json=cuerpo)
        if respuesta.status_code != httpx.codes.CONFLICT:  # it exists already
            respuesta.raise_for_status()
