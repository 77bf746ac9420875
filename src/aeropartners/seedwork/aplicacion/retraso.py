"""How far behind the loops of a process are: the age of the median message in hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from aeropartners.seedwork.aplicacion.puertos import Reloj, TablonDeRetrasos

SOSIEGO = timedelta(seconds=1)
# Below this nobody is behind: not worth a row.
MATERIAL_S = 0.5


class Retraso:
    """The delay of one loop; the loop tells what it receives, others ask.

    The median stands for its batch: a few messages that were sent again are old without being late.
    What comes to a loop that had nothing to do for a second cannot have waited for it longer than that.
    """

    def __init__(self, reloj: Reloj) -> None:
        self._reloj = reloj
        self._cerrojo = Lock()
        self._peor = 0.0
        self.ultimo = 0.0
        self._mediana: datetime | None = None
        self._ocioso: datetime | None = None
        self._sosegado: datetime | None = None

    def recibido(self, fechas: Sequence[datetime]) -> None:
        """Take in the dates of a batch; none is an idle round."""
        ahora = self._reloj.ahora()
        with self._cerrojo:
            if not fechas:
                self._mediana = None
                self._ocioso = self._ocioso or ahora
                return
            if self._ocioso and ahora - self._ocioso >= SOSIEGO:
                self._sosegado = ahora
            self._mediana, self._ocioso = sorted(fechas)[len(fechas) // 2], None
            self._peor = max(self._peor, self._edad(ahora))

    def peor(self) -> float:
        """Return the longest delay since the last time this was asked; a batch in hand goes on aging."""
        with self._cerrojo:
            self.ultimo = max(self._peor, self._edad(self._reloj.ahora()))
            self._peor = 0.0
            return self.ultimo

    def _edad(self, ahora: datetime) -> float:
        if self._mediana is None:
            return 0.0
        desde = max(self._mediana, self._sosegado) if self._sosegado else self._mediana
        return max((ahora - desde).total_seconds(), 0.0)


class Retrasos:
    """The delays of a process's loops; `una_ronda` tells the others the worst one, while it matters."""

    def __init__(self, tablon: TablonDeRetrasos, reloj: Reloj) -> None:
        self._tablon = tablon
        self._reloj = reloj
        self._bucles: dict[str, Retraso] = {}
        self._dicho = False

    def nuevo(self, bucle: str) -> Retraso:
        """Return the delay of a loop that is made, in place of the one that it had before it fell."""
        self._bucles[bucle] = Retraso(self._reloj)
        return self._bucles[bucle]

    def ultimos(self) -> dict[str, float]:
        """Return each loop's delay as it was told last."""
        return {nombre: retraso.ultimo for nombre, retraso in tuple(self._bucles.items())}

    def una_ronda(self) -> int:
        """Tell the worst one; nothing while there is nothing to tell."""
        medidos = [(retraso.peor(), nombre) for nombre, retraso in tuple(self._bucles.items())]
        segundos, bucle = max(medidos, default=(0.0, ""))
        if segundos >= MATERIAL_S:
            self._tablon.decir(bucle, segundos)
            self._dicho = True
        else:
            self.terminar()
        return 0

    def terminar(self) -> None:
        """Take back what was told."""
        if self._dicho:
            self._tablon.callar()
            self._dicho = False
