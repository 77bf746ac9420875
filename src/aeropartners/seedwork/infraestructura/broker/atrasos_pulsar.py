"""The backlog of our subscriptions, read over Pulsar's admin REST."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ssl import SSLContext

import httpx
import structlog

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.broker.token_pulsar import Portador

log = structlog.get_logger(__name__)

Lectores = Mapping[str, Sequence[str]]
PLAZO_S = 10.0


class AtrasosPulsar:
    """Reads the publish time of the oldest message that each of our subscriptions has not confirmed."""

    def __init__(
        self,
        url: str,
        tenant: str,
        namespace: str,
        lectores: Lectores,
        reloj: Reloj,
        token: Callable[[], str] = str,
        confianza: SSLContext | bool = True,
    ) -> None:
        self._raiz = f"/admin/v2/persistent/{tenant}/{namespace}"
        self._cliente = httpx.Client(base_url=url, auth=Portador(token), verify=confianza, timeout=PLAZO_S)
        self._lectores = lectores
        self._reloj = reloj

    def despejado(self) -> datetime | None:
        """Return the publish time of the oldest unconfirmed message; the present time if there is none.

        None when the broker does not answer.
        """
        momento = self._reloj.ahora()
        try:
            for tema, suscripciones in self._lectores.items():
                momento = min([momento, *self._viejos(tema, suscripciones)])
        except (httpx.HTTPError, KeyError) as error:
            log.warning("broker_no_dice_su_atraso", error=f"{type(error).__name__}: {error}"[:300])
            return None
        return momento

    def volver_a(self, tema: str, suscripcion: str, momento: datetime) -> str | None:
        """Return the command that has a subscription read again from `momento`.

        Topics keep confirmed messages for their retention, and inboxes drop the repeats.
        """
        ruta = f"{self._raiz}/{tema}/subscription/{suscripcion}/resetcursor"
        return f"curl -X POST {self._cliente.base_url}{ruta}/{int(momento.timestamp() * 1000)}"

    def cerrar(self) -> None:
        """Close the connections."""
        self._cliente.close()

    def _viejos(self, tema: str, suscripciones: Sequence[str]) -> list[datetime]:
        consulta = {"perPartition": "true", "getEarliestTimeInBacklog": "true"}
        respuesta = self._cliente.get(f"{self._raiz}/{tema}/partitioned-stats", params=consulta)
        momentos = []
        for estado in respuesta.raise_for_status().json()["partitions"].values():
            for nombre in suscripciones:
                suscripcion = estado["subscriptions"][nombre]
                if suscripcion["msgBacklog"]:
                    milisegundos = suscripcion["earliestMsgPublishTimeInBacklog"]
                    momentos.append(datetime.fromtimestamp(milisegundos / 1000, UTC))
        return momentos
