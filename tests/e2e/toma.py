"""Takeover: from the kill -9 of a process to the next step of each saga that it had in hand."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil

from aeropartners.contratos import campanas, pagos, reporting, saga
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from tests.e2e.invariantes import PASOS
from tests.e2e.sistema import Sistema
from tests.red import RED

# For each step: the topic of its commands, keyed by the saga, and of its calls, keyed by what it creates.
TEMAS = (
    (campanas.TEMA_COMANDOS, ""),
    (pagos.TEMA_COMANDOS, pagos.TEMA_LLAMADAS),
    (reporting.TEMA_COMANDOS, reporting.TEMA_LLAMADAS),
)
PARTICIONES = 4
ABIERTAS = "SELECT CAST(id AS text), memoria FROM sagas WHERE fecha_fin IS NULL AND NOT requiere_atencion"
SIGUIENTE = (
    "SELECT CAST(saga_id AS text), min(fecha_creacion) FROM saga_eventos"
    " WHERE fecha_creacion > '{momento}' GROUP BY saga_id"
)
Particion = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Muerte:
    """A process that died, when, and the sagas whose next step it would have made."""

    victima: str
    momento: datetime
    sagas: frozenset[str]


def matar(sistema: Sistema, victima: str) -> Muerte:
    """kill -9, and note which sagas wait on partitions that were the victim's."""
    suyas = _particiones_de(sistema, victima)
    momento = sistema.valor("SELECT clock_timestamp()")
    sistema.matar(victima)
    abiertas = sistema.sql(ABIERTAS)
    return Muerte(victima, momento, frozenset(id for id, memoria in abiertas if suyas & _espera(id, memoria)))


def tomas(sistema: Sistema, muertes: Sequence[Muerte]) -> dict[str, list[float]]:
    """Return for each service how many seconds each saga of each death waited for its next step."""
    segundos: dict[str, list[float]] = {}
    for muerte in muertes:
        siguiente = dict(sistema.sql(SIGUIENTE.format(momento=muerte.momento.isoformat())))
        esperas = [(siguiente[id] - muerte.momento).total_seconds() for id in muerte.sagas if id in siguiente]
        segundos.setdefault(muerte.victima.partition("@")[0], []).extend(esperas)
    return {servicio: esperas for servicio, esperas in segundos.items() if esperas}


def percentil(valores: Sequence[float], cuota: float) -> float:
    """Return the value that this share of the others does not exceed."""
    return sorted(valores)[max(math.ceil(cuota * len(valores)) - 1, 0)] if valores else 0.0


def _espera(id: str, memoria: dict[str, Any]) -> set[Particion]:
    """The partitions that a message which moves this saga on may come by."""
    atras = memoria["fase"] == "ATRAS"
    paso = memoria["compensaciones"][-1]["paso"] if atras else memoria["actual"]
    comandos, llamadas = TEMAS[paso]
    claves = [(saga.TEMA_RESPUESTAS, id), (comandos, id), (llamadas, str(id_de_paso(UUID(id), PASOS[paso])))]
    return {(tema, zlib.crc32(clave.encode()) % PARTICIONES) for tema, clave in claves if tema}


def _particiones_de(sistema: Sistema, nombre: str) -> set[Particion]:
    """The partitions whose active consumer is this process, told by the ports of its connections."""
    conexiones = psutil.Process(sistema.pid(nombre)).net_connections("tcp")
    puertos = {c.laddr.port for c in conexiones if c.laddr}
    temas = {tema for par in TEMAS for tema in par if tema} | {saga.TEMA_RESPUESTAS}
    raiz = f"{sistema.entorno['PULSAR_ADMIN_URL']}/admin/v2/persistent/public"
    suyas = set()
    for tema in temas:
        ruta = f"{raiz}/{sistema.entorno['PULSAR_NAMESPACE']}/{tema}/partitioned-stats?perPartition=true"
        for nombre_particion, estado in RED.get(ruta, timeout=20).json()["partitions"].items():
            if any(_activo(s) in puertos for s in estado["subscriptions"].values()):
                suyas.add((tema, int(nombre_particion.rpartition("-")[2])))
    return suyas


def _activo(suscripcion: dict[str, Any]) -> int | None:
    """The port of the consumer that gets the messages."""
    nombre = suscripcion.get("activeConsumerName")
    puertos = [
        urlsplit(f"tcp:/{c['address']}").port for c in suscripcion["consumers"] if c["consumerName"] == nombre
    ]
    return puertos[0] if puertos else None
