"""The backlog of our subscriptions, read from the file of the embedded broker."""

import sqlite3
from collections import deque
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog

from aeropartners.seedwork.aplicacion.puertos import Reloj

log = structlog.get_logger(__name__)

MUESTRAS = 100


class AtrasosEmbebidos:
    """Remembers the newest message at each reading; that time is clear once the message is confirmed."""

    def __init__(self, ruta: Path, reloj: Reloj) -> None:
        self._ruta = ruta
        self._reloj = reloj
        self._muestras: deque[tuple[datetime, int]] = deque(maxlen=MUESTRAS)
        self._despejado: datetime | None = None

    def despejado(self) -> datetime | None:
        """Return the newest time before which all messages are confirmed; None if it cannot be read."""
        ahora = self._reloj.ahora()
        try:
            with closing(sqlite3.connect(f"{self._ruta.absolute().as_uri()}?mode=ro", uri=True)) as con:
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
        """Return None: the embedded broker deletes what all subscriptions have confirmed."""
        return None

    def cerrar(self) -> None:
        """Nothing to close."""
