"""The stream of saga events for a few slow readers: in commit order, from any position."""

import threading
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import structlog
from sqlalchemy import Row, Text, cast, select
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.infraestructura.base.dialecto import Posicion
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.aplicacion.publicos import sobre_publico
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

log = structlog.get_logger(__name__)

LECTORES = 16
PAGINA = 500
PAUSA_S = 0.5
LATIDO_S = 5.0
_datos = msgspec.json.Decoder(float_hook=Decimal).decode
_e = saga_eventos.alias("e")


class Emitido(NamedTuple):
    """A public event's body, and its place in the commit order."""

    posicion: Posicion
    cuerpo: bytes


class LecturaEventos:
    """Reads `saga_eventos` in commit order: an older event that commits late is never skipped."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)

    def ultima(self) -> Posicion:
        """Return the position of the newest settled event."""
        with self._motor.lectura() as con:
            return self._sql.ultima(con, saga_eventos)

    def siguientes(self, desde: Posicion) -> tuple[Sequence[Emitido], Posicion]:
        """Return the public events of the next page, and the position where that page ends."""
        with self._motor.lectura() as con:
            hasta = self._sql.ventana(con, saga_eventos, desde, PAGINA, self._sql.asentado(con))
            if hasta is None:
                return (), desde
            lugar = self._sql.lugar()
            filas = con.execute(
                select(
                    *lugar,
                    _e.c.saga_id,
                    _e.c.orden,
                    _e.c.evento_tipo,
                    cast(_e.c.evento_datos, Text).label("datos"),
                    sagas.c.tipo,
                    sagas.c.definicion,
                    sagas.c.correlation_id,
                )
                .join(sagas, sagas.c.id == _e.c.saga_id)
                .where(self._sql.tramo(desde, hasta), _e.c.orden > 0)
                .order_by(*lugar)
            ).all()
        return [Emitido(Posicion(int(f[0]), f[1]), _cuerpo(f)) for f in filas], hasta


class Flujo:
    """Gives out readers, at most `maximo` at once; safe from several threads.

    `pausa_s`: seconds between two looks for new events. `latido_s`: seconds after which a silent stream gets
    a comment line, so that a lost client is noticed.
    """

    def __init__(
        self,
        lecturas: LecturaEventos,
        maximo: int = LECTORES,
        pausa_s: float = PAUSA_S,
        latido_s: float = LATIDO_S,
    ) -> None:
        self.maximo = maximo
        self._lecturas = lecturas
        self._lugares = threading.BoundedSemaphore(maximo)
        self._fin = threading.Event()
        self._pausa_s, self._latido_s = pausa_s, latido_s

    def abrir(self, desde: Posicion | None) -> "Lector | None":
        """Return a reader from `desde` (None: from now on); None when all are taken or this is closed.

        A position after the newest event comes from another server, or its events were removed: the reader
        starts from now on.
        """
        ultima = self._lecturas.ultima()
        if self._fin.is_set() or not self._lugares.acquire(blocking=False):
            return None
        return Lector(self, ultima if desde is None else min(desde, ultima))

    def cerrar(self) -> None:
        """End every reader now and give out no more."""
        self._fin.set()

    def tramas(self, desde: Posicion) -> Iterator[bytes]:
        """Yield events as they commit, as server-sent events, until this is closed or the database fails."""
        yield b"retry: 2000\n\n"
        dicho = time.monotonic()
        while not self._fin.is_set():
            antes = desde
            try:
                emitidos, desde = self._lecturas.siguientes(antes)
            except SQLAlchemyError as error:
                # The client reconnects with its last position, and gets 503 until the database answers.
                log.warning("flujo_sin_base", error=str(error))
                return
            if emitidos or time.monotonic() - dicho >= self._latido_s:
                yield b"".join(map(_trama, emitidos)) or b": latido\n\n"
                dicho = time.monotonic()
            if desde == antes:
                self._fin.wait(self._pausa_s)

    def soltar(self) -> None:
        """Give a reader's place back."""
        self._lugares.release()


class Lector:
    """One reader; its place must be given back by `soltar`, even if the reader was never read."""

    def __init__(self, flujo: Flujo, desde: Posicion) -> None:
        self.tramas = flujo.tramas(desde)
        self._flujo = flujo
        self._suelto = False

    def soltar(self) -> None:
        """Give its place back; a second call does nothing."""
        if not self._suelto:
            self._suelto = True
            self._flujo.soltar()


def leer_posicion(texto: str) -> Posicion:
    """Return the position in an event's id of the stream; raises ValueError."""
    tx, _, posicion = texto.partition("-")
    leida = Posicion(int(tx), int(posicion))
    if not (texto == f"{leida.tx}-{leida.posicion}" and min(leida) >= 0 and max(leida) < 2**63):
        raise ValueError(texto)
    return leida


def _trama(e: Emitido) -> bytes:
    return b"id: %d-%d\ndata: %s\n\n" % (*e.posicion, e.cuerpo)


def _cuerpo(f: Row[Any]) -> bytes:
    saga = (str(f.saga_id), f.tipo, f.definicion, f.correlation_id)
    return sobre_publico(saga, f.evento_tipo, f.orden, _datos(f.datos))
