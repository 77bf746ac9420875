"""Suspicions: what looks wrong becomes a finding when nothing that is under way can explain it any more.

A message is in one place at a time: in the outbox, on the broker, or handled. A turn is complete when
all that was in outbox and broker at its beginning has left: then every message of that time has moved on
by one place at least. Between a command and the end of its step there are six places (outbox and broker
for the command, for the call and for the reply). What is the same after seven turns waits for nothing.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from saga_orchestrator.dominio.hallazgo import Hallazgo

VUELTAS = 7
# Of the broker's clients and of the database.
ENTRE_RELOJES = timedelta(seconds=1)
RECORDADOS = 10_000
Clave = tuple[str, str, str]


@dataclass(slots=True)
class Sospecha:
    """A finding that is not sure yet; `ventana` is the end of the window that it was seen in."""

    hallazgo: Hallazgo
    ventana: datetime
    desde: datetime
    corte: datetime
    vueltas: int = 0


class Sospechas:
    """Keeps them from look to look, and says each finding once; used by one thread."""

    def __init__(self, reposo: timedelta) -> None:
        self._reposo = reposo
        self._todas: dict[Clave, Sospecha] = {}
        self._dichos: OrderedDict[Clave, None] = OrderedDict()

    @property
    def pendientes(self) -> Sequence[Hallazgo]:
        """What is not decided yet."""
        return [s.hallazgo for s in self._todas.values()]

    def primera_ventana(self) -> datetime | None:
        """Return the oldest window that is not decided yet."""
        return min((s.ventana for s in self._todas.values()), default=None)

    def mirar(
        self,
        vistos: Iterable[Hallazgo],
        ventana: datetime,
        ahora: datetime,
        despejado: datetime | None,
        apartados: Collection[str],
        por_leer: Collection[str] = (),
    ) -> list[tuple[Hallazgo, datetime]]:
        """Take all that was seen in one look, old and new; return what is sure now, with its window.

        `despejado`: all that was sent before it has been handled; None when nobody can tell. `apartados`
        are sagas and messages that wait for another try, for an operator, or were discarded by one;
        `por_leer` are messages of which what explains them may be there, and was not read yet.
        """
        de_ahora = {h.clave: h for h in vistos if h.clave not in self._dichos}
        self._todas = {c: self._una(h, c, ventana, ahora) for c, h in de_ahora.items()}
        seguras = []
        for clave, s in list(self._todas.items()):
            if self._segura(s, ahora, despejado, apartados) and s.hallazgo.mensaje not in por_leer:
                del self._todas[clave]
                self._recordar(clave)
                seguras.append((s.hallazgo, s.ventana))
        return seguras

    def _una(self, hallazgo: Hallazgo, clave: Clave, ventana: datetime, ahora: datetime) -> Sospecha:
        antes = self._todas.get(clave)
        if antes is None:
            return Sospecha(hallazgo, ventana, ahora, ahora)
        if antes.hallazgo.huella != hallazgo.huella:
            return Sospecha(hallazgo, antes.ventana, ahora, ahora)
        antes.hallazgo = hallazgo
        return antes

    def _segura(
        self, s: Sospecha, ahora: datetime, despejado: datetime | None, apartados: Collection[str]
    ) -> bool:
        if not s.hallazgo.broker:
            return ahora - s.desde >= self._reposo
        if s.hallazgo.saga_id in apartados or s.hallazgo.mensaje in apartados:
            s.vueltas, s.corte = 0, ahora
        elif despejado is not None and despejado > s.corte + ENTRE_RELOJES:
            s.vueltas, s.corte = s.vueltas + 1, ahora
        return s.vueltas >= VUELTAS

    def _recordar(self, clave: Clave) -> None:
        self._dichos[clave] = None
        while len(self._dichos) > RECORDADOS:
            self._dichos.popitem(last=False)
