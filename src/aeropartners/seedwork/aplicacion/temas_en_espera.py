"""The topics that take nothing for now, as the relay knows them: since which row, and what then."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from aeropartners.seedwork.aplicacion.puertos import Rechazo
from aeropartners.seedwork.aplicacion.salida import Salida

log = structlog.get_logger(__name__)

REINTENTO_S, REINTENTO_MAXIMO_S = 1.0, 30.0
# Publishers go on leaving a topic to the relay until it has caught up with them: for so long it sends the
# young rows of a topic that is well again, too.
RECUPERADO_S = 30.0


@dataclass(slots=True)
class Espera:
    """Why a topic waits, its first row in the outbox, and when it is tried again."""

    causa: str
    primera: int
    proximo: float
    espera_s: float = REINTENTO_S


class TemasEnEspera:
    """Which topics wait; which are well again and have yet to catch up; which have, a moment ago."""

    def __init__(self, salida: Salida, cronometro: Callable[[], float]) -> None:
        self._salida = salida
        self._cronometro = cronometro
        self._esperas: dict[str, Espera] = {}
        self._vaciando: dict[str, str] = {}
        self._recuperados: dict[str, float] = {}
        self._contado: dict[str, str] | None = None

    def __contains__(self, tema: str) -> bool:
        return tema in self._esperas

    def __bool__(self) -> bool:
        return bool(self._esperas)

    @property
    def proximo(self) -> float | None:
        """When the next one is tried again."""
        return min((espera.proximo for espera in self._esperas.values()), default=None)

    @property
    def que_vuelven(self) -> Collection[str]:
        """Those of which young rows are sent, too."""
        ahora = self._cronometro()
        self._recuperados = {t: hasta for t, hasta in self._recuperados.items() if hasta > ahora}
        return self._vaciando.keys() | self._recuperados.keys()

    def vencidos(self) -> list[tuple[str, Espera]]:
        """Return those that are to be tried now."""
        ahora = self._cronometro()
        return [(tema, espera) for tema, espera in self._esperas.items() if espera.proximo <= ahora]

    def detener(self, rechazo: Rechazo, posicion: int) -> None:
        """Let a topic wait that refused a row, or, when it was tried again, wait longer."""
        tema, causa, ahora = rechazo.tema, rechazo.causa, self._cronometro()
        espera = self._esperas.get(tema)
        if espera is None:
            log.error("tema_detenido", tema=tema, causa=causa)
            self._vaciando.pop(tema, None)
            self._esperas[tema] = Espera(causa, posicion, ahora + REINTENTO_S)
        elif espera.proximo <= ahora:
            espera.espera_s = min(espera.espera_s * 2, REINTENTO_MAXIMO_S)
            espera.proximo, espera.causa = ahora + espera.espera_s, causa

    def soltar(self, tema: str) -> None:
        """Send to it again; for others it waits until all that waited is sent."""
        causa = self._vaciando[tema] = self._esperas.pop(tema).causa
        log.warning("tema_recuperado", tema=tema, causa=causa)

    def al_dia(self) -> None:
        """Note that nothing is left of what waited, but of those that still do."""
        self._recuperados |= dict.fromkeys(self._vaciando, self._cronometro() + RECUPERADO_S)
        self._vaciando = {}

    def heredar(self) -> None:
        """Take over from whoever was the relay before: they are tried at once."""
        if self._contado is None:
            ahora = self._cronometro()
            self._contado = {d.tema: d.causa for d in self._salida.detenidos()}
            self._esperas |= {t: Espera(causa, 1, ahora) for t, causa in self._contado.items()}

    def ceder(self) -> None:
        """Another is the relay, and tells."""
        self._contado = None

    def contar(self) -> None:
        """Tell everybody, when something has changed."""
        causas = self._vaciando | {tema: espera.causa for tema, espera in self._esperas.items()}
        if causas != self._contado:
            self._salida.contar_detenidos(causas)
            self._contado = causas
