"""Measures how far behind the loops of a process are: the age of the median message of the last batch."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from aeropartners.seedwork.aplicacion.puertos import Reloj, TablonDeRetrasos

SOSIEGO = timedelta(seconds=1)
# A stored message may take this long to reach a consumer: Pulsar's own delay of a failover is 1 s.
ENTREGA = timedelta(seconds=3)
# A loop that has caught up holds only messages younger than RECIENTE, and reports at least every CALLADO.
RECIENTE = timedelta(seconds=2)
CALLADO = timedelta(seconds=5)
# A smaller delay is not published: it is not worth a row.
MATERIAL_S = 0.5
# Smaller differences between the clocks are ignored: a transaction may have waited before it began.
DESVIO = timedelta(seconds=5)
# Upper bound, whatever date a message carries: no topic keeps a message for longer.
MAXIMO_S = timedelta(days=8).total_seconds()


class Situacion(StrEnum):
    """Whether a loop has read all messages of its topics."""

    SIN_CONEXION = "SIN_CONEXION"
    PONIENDOSE_AL_DIA = "PONIENDOSE_AL_DIA"
    CALLADO = "CALLADO"
    AL_DIA = "AL_DIA"


class AvanceDeLectura:
    """How far a loop has read on its present connection to the broker.

    A loop has caught up (AL_DIA) after it held no message older than RECIENTE for the time ENTREGA, because
    the broker may take that long to hand stored messages over. From then on only the age of the oldest
    message in hand counts: a loop that is always busy is not behind.
    """

    def __init__(self) -> None:
        self._conexion = 0
        self._mas_vieja: datetime | None = None
        self.empezar()

    def empezar(self) -> None:
        """Forget all measures: they belong to another connection or another clock."""
        self._al_dia = False
        self._sereno: datetime | None = None
        self._dicho: datetime | None = None
        self._peor = timedelta(0)

    def anotar(self, mas_vieja: datetime | None, conexion: int, ahora: datetime) -> None:
        """Take in one round. `mas_vieja`: since when the oldest message in hand waits; None without one."""
        if conexion != self._conexion:
            self._conexion, self._al_dia, self._sereno = conexion, False, None
        if self._dicho and not timedelta(0) <= ahora - self._dicho <= CALLADO:
            # The clock was set, or the round took long: quiet time is counted anew. Of a clock that was set
            # back it would not be over for as long, and no deadline would come due.
            self._sereno = None
        self._mas_vieja, self._dicho = mas_vieja, ahora
        espera = ahora - mas_vieja if mas_vieja else timedelta(0)
        self._peor = max(self._peor, espera)
        if espera > RECIENTE:
            self._sereno = None
            return
        self._sereno = self._sereno or ahora
        self._al_dia = self._al_dia or ahora - self._sereno >= ENTREGA

    def decir(self, ahora: datetime) -> tuple[Situacion, float]:
        """Return the situation, and the longest wait in seconds since the last call; waits in hand go on."""
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
    """The delay of one loop. The loop reports what it receives; other threads read the delay.

    The delay is the age of a batch's median message: a few messages that were sent again are old, but the
    loop is not late. A message that comes after the loop was idle for SOSIEGO cannot have waited for the loop
    before that moment. Ages are by the database's clock, once the loop has reported it.
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
        self._lectura = AvanceDeLectura()

    def ajustar(self, en_la_base: datetime) -> None:
        """Take in the database's clock, so that a wrong clock of this process makes no message look late."""
        with self._cerrojo:
            desvio = en_la_base - self._reloj.ahora()
            if abs(desvio - self._desvio) > DESVIO:
                self._desvio, self._ocioso, self._sosegado = desvio, None, None
                self._peor = self._edad(self._ahora())
                self._lectura.empezar()

    def recibido(self, fechas: Sequence[datetime], conexion: int = 1) -> None:
        """Take in the dates of a batch and its connection; no dates mean an idle round."""
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
        """Report that the loop has no connection: messages that arrive meanwhile stay unread."""
        self.recibido((), conexion=0)

    def lectura(self) -> tuple["Situacion", float]:
        """Return whether all messages are read or in hand, and the wait of the oldest one in seconds."""
        with self._cerrojo:
            return self._lectura.decir(self._ahora())

    def peor(self) -> float:
        """Return the longest delay in seconds since the last call; a batch in hand goes on aging."""
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
    """The delays of all loops of a process; `una_ronda` publishes the worst one while it matters."""

    def __init__(self, tablon: TablonDeRetrasos, reloj: Reloj) -> None:
        self._tablon = tablon
        self._reloj = reloj
        self._bucles: dict[str, Retraso] = {}
        self._dicho = False

    def nuevo(self, bucle: str) -> Retraso:
        """Return a new delay for a loop that starts; it replaces the delay of the loop that fell."""
        self._bucles[bucle] = Retraso(self._reloj)
        return self._bucles[bucle]

    def lectura_de(self, bucle: str) -> Callable[[], tuple[Situacion, float]]:
        """Return a function that tells how far the loop has read, also after the loop was made again."""

        def leer() -> tuple[Situacion, float]:
            retraso = self._bucles.get(bucle)
            return retraso.lectura() if retraso else (Situacion.SIN_CONEXION, 0.0)

        return leer

    def ultimos(self) -> dict[str, float]:
        """Return the last measured delay of each loop, in seconds."""
        return {nombre: retraso.ultimo for nombre, retraso in tuple(self._bucles.items())}

    def una_ronda(self) -> int:
        """Publish the worst delay, or remove the published one when it is below MATERIAL_S. Return 0."""
        medidos = [(retraso.peor(), nombre) for nombre, retraso in tuple(self._bucles.items())]
        segundos, bucle = max(medidos, default=(0.0, ""))
        if segundos >= MATERIAL_S:
            self._tablon.decir(bucle, segundos)
            self._dicho = True
        else:
            self.terminar()
        return 0

    def terminar(self) -> None:
        """Remove the delay that was published, if any."""
        if self._dicho:
            self._tablon.callar()
            self._dicho = False
