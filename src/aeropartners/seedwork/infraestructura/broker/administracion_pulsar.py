"""Topics and subscriptions over Pulsar's admin REST, created and checked before the processes start."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import httpx

from aeropartners.seedwork.infraestructura.broker.token_pulsar import Portador

EARLIEST = {"ledgerId": -1, "entryId": -1}
# The broker compares a topic's retention with its quota of each kind; a missing quota gets the broker's
# default, which may be smaller.
CUOTAS = ("destination_storage", "message_age")
# A policy takes effect a moment after it was set, and setting one may depend on another: how long and how
# often to try again, in seconds.
POLITICAS_S, PAUSA_S = 30.0, 0.1


class TemasIncompletos(Exception):
    """The broker lacks a topic, a subscription or a partition; `aeropartners migrar` creates them."""


@dataclass(frozen=True, slots=True)
class Tema:
    """What a topic must have: partitions, subscriptions, and its retention in minutes and megabytes."""

    particiones: int
    suscripciones: tuple[str, ...] = ()
    retencion_minutos: int = 7 * 24 * 60
    retencion_mb: int = 1024


class AdministracionPulsar:
    """Creates and checks topics; both may run any number of times. Methods raise httpx.HTTPError."""

    def __init__(
        self,
        url: str,
        tenant: str,
        namespace: str,
        token: Callable[[], str] = str,
        confianza: SSLContext | bool = True,
    ) -> None:
        self._cliente = httpx.Client(
            base_url=f"{url}/admin/v2", auth=Portador(token), verify=confianza, timeout=20
        )
        self._raiz = f"/persistent/{tenant}/{namespace}"
        self._espacio = f"/namespaces/{tenant}/{namespace}"

    def crear(self, temas: Mapping[str, Tema]) -> None:
        """Create the namespace, topics and subscriptions that are missing, and set the topics' policies.

        Raises TemasIncompletos when a topic has another number of partitions.
        """
        if self._cliente.get(self._espacio).status_code == httpx.codes.NOT_FOUND:
            self._pedir("PUT", self._espacio, {})
        for nombre, tema in temas.items():
            self._pedir("PUT", f"{self._raiz}/{nombre}/partitions", tema.particiones)
            for suscripcion in tema.suscripciones:
                self._pedir("PUT", f"{self._raiz}/{nombre}/subscription/{suscripcion}", EARLIEST)
        for nombre, tema in temas.items():
            for clase in CUOTAS:
                self._acordar(f"{nombre}/backlogQuota?backlogQuotaType={clase}", _cuota(tema))
        for nombre, tema in temas.items():
            self._acordar(f"{nombre}/retention", _retencion(tema))
        self.comprobar(temas)

    def comprobar(self, temas: Mapping[str, Tema]) -> None:
        """Raise TemasIncompletos unless every topic has its partitions and subscriptions.

        httpx.HTTPError means that the broker did not answer: check again later.
        """
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

    def retencion(self, nombre: str) -> tuple[int, int]:
        """Return the retention of a topic by its own policy: minutes, megabytes."""
        dicha = self._leer(f"{nombre}/retention", None) or {}
        return dicha.get("retentionTimeInMinutes", 0), dicha.get("retentionSizeInMB", 0)

    def _acordar(self, ruta: str, cuerpo: object) -> None:
        """Set a policy of one topic, trying again for POLITICAS_S seconds.

        Not the namespace's policy, which has one value for all topics, also those of other owners.
        """
        limite = time.monotonic() + POLITICAS_S
        while True:
            respuesta = self._cliente.post(f"{self._raiz}/{ruta}", json=cuerpo)
            if respuesta.status_code == httpx.codes.METHOD_NOT_ALLOWED:
                raise TemasIncompletos(
                    "El broker no admite políticas por tema: ponga topicLevelPoliciesEnabled=true"
                    " y systemTopicEnabled=true"
                )
            if respuesta.is_success or time.monotonic() > limite:
                respuesta.raise_for_status()
                return
            time.sleep(PAUSA_S)

    def _leer(self, ruta: str, si_no_existe: Any) -> Any:
        respuesta = self._cliente.get(f"{self._raiz}/{ruta}")
        if respuesta.status_code == httpx.codes.NOT_FOUND:
            return si_no_existe
        return respuesta.raise_for_status().json()

    def _pedir(self, metodo: str, ruta: str, cuerpo: object) -> None:
        respuesta = self._cliente.request(metodo, ruta, json=cuerpo)
        if respuesta.status_code != httpx.codes.CONFLICT:  # exists already
            respuesta.raise_for_status()


def _retencion(tema: Tema) -> dict[str, object]:
    return {"retentionTimeInMinutes": tema.retencion_minutos, "retentionSizeInMB": tema.retencion_mb}


def _cuota(tema: Tema) -> dict[str, object]:
    """Return the backlog quota of a topic: less than its retention, or the broker refuses both.

    Beyond the quota a producer gets an error; by the broker's default it would hang.
    """
    bytes_ = tema.retencion_mb * 1024 * 1024 * 9 // 10
    return {"limitSize": bytes_, "limitTime": -1, "policy": "producer_exception"}
