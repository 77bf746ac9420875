"""How far the readers of a broker are, asked from outside: Pulsar's admin REST, or the embedded file."""

import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx
import structlog

from aeropartners.seedwork.aplicacion.puertos import Reloj

log = structlog.get_logger(__name__)

Lectores = Mapping[str, Sequence[str]]
PLAZO_S = 10.0
MUESTRAS = 100


class AtrasosPulsar:
    """Reads the publish time of the oldest message that each of our subscriptions has not confirmed."""

    def __init__(self, url: str, tenant: str, namespace: str, lectores: Lectores, reloj: Reloj) -> None:
        self._raiz = f"/admin/v2/persistent/{tenant}/{namespace}"
        self._cliente = httpx.Client(base_url=url, timeout=PLAZO_S)
        self._lectores = lectores
        self._reloj = reloj

    def despejado(self) -> datetime | None:
        """Return the publish time of the oldest unconfirmed message, or the present; None: it did not say."""
        momento = self._reloj.ahora()
        try:
            for tema, suscripciones in self._lectores.items():
                momento = min([momento, *self._viejos(tema, suscripciones)])
        except (httpx.HTTPError, KeyError) as error:
            log.warning("broker_no_dice_su_atraso", error=f"{type(error).__name__}: {error}"[:300])
            return None
        return momento

    def volver_a(self, tema: str, suscripcion: str, momento: datetime) -> str | None:
        """Topics keep what was confirmed, and inboxes drop what comes again."""
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


class AtrasosEmbebidos:
    """Remembers what was stored when it was asked; a moment is clear when all of that is confirmed."""

    def __init__(self, ruta: Path, reloj: Reloj) -> None:
        self._ruta = ruta
        self._reloj = reloj
        self._muestras: deque[tuple[datetime, int]] = deque(maxlen=MUESTRAS)
        self._despejado: datetime | None = None

    def despejado(self) -> datetime | None:
        """Return the newest moment at which nothing was stored that is not confirmed by now."""
        ahora = self._reloj.ahora()
        try:
            with closing(sqlite3.connect(f"file:{self._ruta}?mode=ro", uri=True)) as con:
                ultima = con.execute("SELECT COALESCE(max(posicion), 0) FROM mensajes").fetchone()[0]
                espera = con.execute(
                    "SELECT min(m.posicion) FROM mensajes m JOIN suscripciones s"
                    " ON s.tema = m.tema AND m.posicion > s.posicion"
                ).fetchone()[0]
        except sqlite3.Error as error:
            log.warning("broker_no_dice_su_atraso", error=str(error))
            return None
        if espera is None:
            self._muestras.clear()
            self._despejado = ahora
            return ahora
        self._muestras.append((ahora, ultima))
        while self._muestras and self._muestras[0][1] < espera:
            self._despejado = self._muestras.popleft()[0]
        return self._despejado

    def volver_a(self, _tema: str, _suscripcion: str, _momento: datetime) -> str | None:
        """It keeps nothing that all have read."""
        return None

    def cerrar(self) -> None:
        """Nothing is open."""
