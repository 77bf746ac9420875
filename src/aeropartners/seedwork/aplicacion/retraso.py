"""How far behind the loops of a process are: the age of the median message in hand."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from aeropartners.seedwork.aplicacion.puertos import Reloj, TablonDeRetrasos

SOSIEGO = timedelta(seconds=1)
# What lies on a topic may take so long to be handed over: Pulsar's own delay of a hand-over is 1 s.
ENTREGA = timedelta(seconds=3)
# What a loop that has caught up has in hand is younger, and it says something more often.
RECIENTE = timedelta(seconds=2)
CALLADO = timedelta(seconds=5)
# Below this nobody is behind: not worth a row.
MATERIAL_S = 0.5
# A transaction may have waited for its start; a clock that differs by more is wrong.
DESVIO = timedelta(seconds=5)
# Whatever a date says: nothing waits for longer than its topic keeps it.
MAXIMO_S = timedelta(days=8).total_seconds()


class Situacion(StrEnum):
    """Whether a loop has read what lay on its topics."""

    SIN_CONEXION = "SIN_CONEXION"
    PONIENDOSE_AL_DIA = "PONIENDOSE_AL_DIA"
    CALLADO = "CALLADO"
    AL_DIA = "AL_DIA"


class Lectura:
    """How far a loop has read on its present connection.

    It has caught up once it had, for ENTREGA, nothing in hand or nothing old: a broker may take that long to
    hand over what lies there. From then on only the age of the oldest message in hand tells: a loop
    that never rests is not behind.
    """

    def __init__(self) -> None:
        self._conexion = 0
        self._mas_vieja: datetime | None = None
        self.empezar()

    def empezar(self) -> None:
        """Believe nothing that was read by another connection, or by another clock."""
        self._al_dia = False
        self._sereno: datetime | None = None
        self._dicho: datetime | None = None
        self._peor = timedelta(0)

    def anotar(self, mas_vieja: datetime | None, conexion: int, ahora: datetime) -> None:
        """Take in a round: since when its oldest message waits."""
        if conexion != self._conexion:
            self._conexion, self._al_dia, self._sereno = conexion, False, None
        self._mas_vieja, self._dicho = mas_vieja, ahora
        espera = ahora - mas_vieja if mas_vieja else timedelta(0)
        self._peor = max(self._peor, espera)
        if espera > RECIENTE:
            self._sereno = None
            return
        self._sereno = self._sereno or ahora
        self._al_dia = self._al_dia or ahora - self._sereno >= ENTREGA

    def decir(self, ahora: datetime) -> tuple[Situacion, float]:
        """Return where it is, and the longest wait since this was asked; what is in hand goes on waiting."""
        peor, self._peor = self._peor, timedelta(0)
        if self._mas_vieja:
            peor = max(peor, ahora - self._mas_vieja)
        return self._situacion(ahora), min(max(peor.total_seconds(), 0.0), MAXIMO_S)

    def _situacion(self, ahora: datetime) -> Situacion:
        if not self._conexion or self._dicho is None:
            return Situacion.SIN_CONEXION
        if self._mas_vieja is None and ahora - self._dicho > CALLADO:
            return Situacion.CALLADO
        return Situacion.AL_DIA if self._al_dia else Situacion.PONIENDOSE_AL_DIA


class Retraso:
    """The delay of one loop; the loop tells what it receives, others ask.

    The median stands for its batch: a few messages that were sent again are old without being late.
    What comes to a loop that had nothing to do for a second cannot have waited for it longer than that.
    Dates are of the database's clock, and so is the present, once the loop has told it.
    """

    def __init__(self, reloj: Reloj) -> None:
        self._reloj = reloj
        self._cerrojo = Lock()
        self._peor = 0.0
        self.ultimo = 0.0
        self._mediana: datetime | None = None
        self._ocioso: datetime | None = None
        self._sosegado: datetime | None = None
        self._desvio = timedelta()
        self._lectura = Lectura()

    def ajustar(self, en_la_base: datetime) -> None:
        """Take in the database's clock: a copy whose own is wrong makes nobody late."""
        with self._cerrojo:
            desvio = en_la_base - self._reloj.ahora()
            if abs(desvio - self._desvio) > DESVIO:
                self._desvio, self._ocioso, self._sosegado = desvio, None, None
                self._peor = self._edad(self._ahora())
                self._lectura.empezar()

    def recibido(self, fechas: Sequence[datetime], conexion: int = 1) -> None:
        """Take in the dates of a batch, and the connection that it came by; none is an idle round."""
        with self._cerrojo:
            ahora, ordenadas = self._ahora(), sorted(fechas)
            if not fechas:
                self._mediana = None
                self._ocioso = self._ocioso or ahora
            else:
                if self._ocioso and ahora - self._ocioso >= SOSIEGO:
                    self._sosegado = ahora
                self._mediana, self._ocioso = ordenadas[len(fechas) // 2], None
                self._peor = max(self._peor, self._edad(ahora))
            self._lectura.anotar(self._desde(ordenadas[0]) if fechas else None, conexion, ahora)

    def desconectado(self) -> None:
        """The loop fell: whatever comes meanwhile lies unread."""
        self.recibido((), conexion=0)

    def lectura(self) -> tuple["Situacion", float]:
        """Say whether all that came is read or in hand, and how long the oldest of it has waited."""
        with self._cerrojo:
            return self._lectura.decir(self._ahora())

    def peor(self) -> float:
        """Return the longest delay since the last time this was asked; a batch in hand goes on aging."""
        with self._cerrojo:
            self.ultimo = max(self._peor, self._edad(self._ahora()))
            self._peor = 0.0
            return self.ultimo

    def _ahora(self) -> datetime:
        return self._reloj.ahora() + self._desvio

    def _edad(self, ahora: datetime) -> float:
        if self._mediana is None:
            return 0.0
        return min(max((ahora - self._desde(self._mediana)).total_seconds(), 0.0), MAXIMO_S)

    def _desde(self, fecha: datetime) -> datetime:
        return max(fecha, self._sosegado) if self._sosegado else fecha


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

    def lectura_de(self, bucle: str) -> Callable[[], tuple[Situacion, float]]:
        """Return what tells how far a loop has read, whichever object it is by then."""

        def leer() -> tuple[Situacion, float]:
            retraso = self._bucles.get(bucle)
            return retraso.lectura() if retraso else (Situacion.SIN_CONEXION, 0.0)

        return leer

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
