"""Suspicions: a disagreement becomes a finding when no message under way can still explain it.

A message is in one place at a time: in the outbox, on the broker, or handled. A turn is complete when all
messages that were in outbox and broker at its beginning have left them: each of these messages has then moved
on by one place at least. Between a command and the end of its step there are six places (outbox and broker
for the command, for the call and for the reply). So what is the same after seven turns waits for no message.
A dead message needs no turn: it is seen in its table.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from saga_orchestrator.aplicacion.espera import Lugar, Paradero
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, ENVIO, ClaseDeHallazgo, Hallazgo

VUELTAS = 7
# Most that the clocks of the broker's clients and of the database may differ.
ENTRE_RELOJES = timedelta(seconds=1)
RECORDADOS = 10_000
Clave = tuple[str, str, str]
# The checks whose findings a message set aside explains: it did not arrive, or it was not answered.
_POR_FALTA = (CALLADA, ENVIO, AJENO)
# The reasons why a suspicion is not decided.
REINTENTO = "su mensaje espera otro intento en `reintentos` (`aeropartners saga ver`)"
SIN_BROKER = "el broker no dice por dónde va"
EN_CAMINO = "lo que estaba en camino aún puede explicarla (dé más `--espera`)"


@dataclass(slots=True)
class Sospecha:
    """A finding that is not sure yet; `ventana` is the end of the window in which it was first seen."""

    hallazgo: Hallazgo
    ventana: datetime
    desde: datetime
    corte: datetime
    vueltas: int = 0
    espera: str = EN_CAMINO


class Sospechas:
    """Keeps the suspicions between rounds, and reports each finding once; used by one thread."""

    def __init__(self, reposo: timedelta) -> None:
        self._reposo = reposo
        self._todas: dict[Clave, Sospecha] = {}
        self._dichos: OrderedDict[Clave, None] = OrderedDict()

    @property
    def pendientes(self) -> Sequence[Hallazgo]:
        """The findings that are not decided yet."""
        return [s.hallazgo for s in self._todas.values()]

    def primera_ventana(self) -> datetime | None:
        """Return the end of the oldest window with an undecided suspicion; None when there is none."""
        return min((s.ventana for s in self._todas.values()), default=None)

    def esperas(self) -> Mapping[str, int]:
        """Return the number of undecided suspicions by the reason why they are undecided."""
        return Counter(s.espera for s in self._todas.values())

    def mirar(
        self,
        vistos: Iterable[Hallazgo],
        ventana: datetime,
        ahora: datetime,
        despejado: datetime | None,
        apartados: Mapping[str, Paradero],
        por_leer: Collection[str] = (),
    ) -> list[tuple[Hallazgo, datetime]]:
        """Take all findings of one round, old and new; return those that are sure now, each with its window.

        `despejado`: each message sent before it has been handled; None when the broker does not say.
        `apartados`: where messages set aside are, by id of saga or message. `por_leer`: ids of messages whose
        event may be stored but not read yet; they are not decided.
        """
        explicados = filter(None, (_explicado(h, _apartado(h, apartados)) for h in vistos))
        de_ahora = {h.clave: h for h in explicados if h.clave not in self._dichos}
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
        self, s: Sospecha, ahora: datetime, despejado: datetime | None, apartados: Mapping[str, Paradero]
    ) -> bool:
        s.espera = EN_CAMINO
        if not s.hallazgo.broker:
            return ahora - s.desde >= self._reposo
        parado = _apartado(s.hallazgo, apartados)
        if parado and parado.lugar is Lugar.REINTENTOS:
            s.vueltas, s.corte, s.espera = 0, ahora, REINTENTO
        elif despejado is None:
            s.espera = SIN_BROKER
        elif despejado > s.corte + ENTRE_RELOJES:
            s.vueltas, s.corte = s.vueltas + 1, ahora
        return s.vueltas >= VUELTAS

    def _recordar(self, clave: Clave) -> None:
        self._dichos[clave] = None
        while len(self._dichos) > RECORDADOS:
            self._dichos.popitem(last=False)


def _apartado(h: Hallazgo, apartados: Mapping[str, Paradero]) -> Paradero | None:
    """Return where a finding's message is set aside, or else its saga's, unless that message is older."""
    if suyo := apartados.get(h.mensaje):
        return suyo
    de_saga = apartados.get(h.saga_id)
    enviado = _hora_de(h.mensaje)
    return None if de_saga is None or (enviado and de_saga.momento < enviado) else de_saga


def _explicado(h: Hallazgo, parado: Paradero | None) -> Hallazgo | None:
    """Return the finding as a message set aside explains it; None when an operator discarded that message.

    A dead message becomes ATASCADO: it waits for an operator.
    """
    if parado is None or h.origen not in _POR_FALTA or parado.lugar is Lugar.REINTENTOS:
        return h
    if parado.lugar is Lugar.DESCARTADO:
        return None
    error = parado.error.partition("\n")[0]
    texto = (
        f"{parado.tipo} murió en {parado.consumidor} a las {parado.momento:%H:%M:%S} UTC ({error}) y nadie lo"
        " tratará sin un operador"
    )
    repara = f"aeropartners muertos reencolar {parado.id} --quien … --motivo …"
    return replace(
        h,
        clase=ClaseDeHallazgo.ATASCADO,
        mensaje=str(parado.id),
        texto=texto,
        repara=repara,
        huella="",
        broker=False,
    )


def _hora_de(mensaje: str) -> datetime | None:
    """Return the time in a message's id; None when the id is no UUIDv7."""
    try:
        id = UUID(mensaje)
    except ValueError:
        return None
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC) if id.version == 7 else None
