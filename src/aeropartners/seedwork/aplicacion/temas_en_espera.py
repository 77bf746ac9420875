"""The relay's list of topics that refuse messages: their first waiting row, and when each is tried again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from aeropartners.seedwork.aplicacion.puertos import Rechazo
from aeropartners.seedwork.aplicacion.salida import Salida

log = structlog.get_logger(__name__)

REINTENTO_S, REINTENTO_MAXIMO_S = 1.0, 30.0
# Publishers leave a recovered topic to the relay until the relay has sent all that waited for it. For this
# many seconds the relay therefore also sends the topic's young rows.
RECUPERADO_S = 30.0


@dataclass(slots=True)
class TemaEnEspera:
    """Why a topic refuses messages, its first waiting outbox row, and when it is tried again.

    `proximo` is a time of the stopwatch; `espera_s` the present pause in seconds.
    """

    causa: str
    primera: int
    proximo: float
    espera_s: float = REINTENTO_S


class TemasEnEspera:
    """The state of each topic that refused messages: waiting, being emptied, or recovered a moment ago.

    `_esperas` are the topics that still refuse. `_vaciando` accept messages again, but older ones still wait
    in the outbox. `_recuperados` have none waiting; each stays in the list for RECUPERADO_S.
    """

    def __init__(self, salida: Salida, cronometro: Callable[[], float]) -> None:
        self._salida = salida
        self._cronometro = cronometro
        self._esperas: dict[str, TemaEnEspera] = {}
        self._vaciando: dict[str, str] = {}
        self._recuperados: dict[str, float] = {}
        self._contado: dict[str, str] | None = None

    def __contains__(self, tema: str) -> bool:
        return tema in self._esperas

    def __bool__(self) -> bool:
        return bool(self._esperas)

    @property
    def proximo(self) -> float | None:
        """When the next topic is tried again, by the stopwatch; None when no topic waits."""
        return min((espera.proximo for espera in self._esperas.values()), default=None)

    @property
    def que_vuelven(self) -> Collection[str]:
        """The topics that work again and of which the relay also sends young rows."""
        ahora = self._cronometro()
        self._recuperados = {t: hasta for t, hasta in self._recuperados.items() if hasta > ahora}
        return self._vaciando.keys() | self._recuperados.keys()

    def vencidos(self) -> list[tuple[str, TemaEnEspera]]:
        """Return the waiting topics whose next try is due."""
        ahora = self._cronometro()
        return [(tema, espera) for tema, espera in self._esperas.items() if espera.proximo <= ahora]

    def detener(self, rechazo: Rechazo, posicion: int) -> None:
        """Record that a topic refused the row at `posicion`; after a new try the next pause is double."""
        tema, causa, ahora = rechazo.tema, rechazo.causa, self._cronometro()
        espera = self._esperas.get(tema)
        if espera is None:
            log.error("tema_detenido", tema=tema, causa=causa)
            self._vaciando.pop(tema, None)
            self._esperas[tema] = TemaEnEspera(causa, posicion, ahora + REINTENTO_S)
        elif espera.proximo <= ahora:
            espera.espera_s = min(espera.espera_s * 2, REINTENTO_MAXIMO_S)
            espera.proximo, espera.causa = ahora + espera.espera_s, causa

    def soltar(self, tema: str) -> None:
        """Record that a topic accepts messages again; it is listed as waiting until its old rows are sent."""
        causa = self._vaciando[tema] = self._esperas.pop(tema).causa
        log.warning("tema_recuperado", tema=tema, causa=causa)

    def al_dia(self) -> None:
        """Record that all waiting rows are sent, but those of topics that still refuse."""
        self._recuperados |= dict.fromkeys(self._vaciando, self._cronometro() + RECUPERADO_S)
        self._vaciando = {}

    def heredar(self) -> None:
        """Take over the list that the last relay stored; each of its topics is tried at once."""
        if self._contado is None:
            ahora = self._cronometro()
            self._contado = {d.tema: d.causa for d in self._salida.detenidos()}
            self._esperas |= {t: TemaEnEspera(causa, 1, ahora) for t, causa in self._contado.items()}

    def ceder(self) -> None:
        """Forget what this relay stored: another process holds the lock and maintains the list now."""
        self._contado = None

    def contar(self) -> None:
        """Store the list for all processes, if it has changed."""
        causas = self._vaciando | {tema: espera.causa for tema, espera in self._esperas.items()}
        if causas != self._contado:
            self._salida.contar_detenidos(causas)
            self._contado = causas
