"""Clocks that a test moves or bends, and ids that are the same in every run."""

from datetime import UTC, datetime, timedelta
from threading import Condition
from uuid import UUID

from aeropartners.seedwork.infraestructura.base.relojes import RelojReal


class Reloj:
    """See the port: a clock that the test moves."""

    def __init__(self, momento: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.momento = momento

    def ahora(self) -> datetime:
        return self.momento

    def pasar(self, segundos: float) -> datetime:
        """Move it on."""
        self.momento += timedelta(seconds=segundos)
        return self.momento

    def hace(self, *segundos: float) -> list[datetime]:
        """Return instants that lie so far back."""
        return [self.momento - timedelta(seconds=s) for s in segundos]


class RelojTorcido:
    """See the port `Reloj`: the real clock, wrong by `desvio`."""

    def __init__(self, desvio: timedelta) -> None:
        self.desvio = desvio

    def ahora(self) -> datetime:
        return RelojReal().ahora() + self.desvio


class Cronometro:
    """The seconds of a process (`time.monotonic`), which the test moves."""

    def __init__(self, segundos: float = 0.0) -> None:
        self.segundos = segundos

    def __call__(self) -> float:
        return self.segundos


class Numerados:
    """See the port `Identificadores`; those of one `serie` are the same in every run."""

    def __init__(self, serie: str = "9000") -> None:
        self._serie = serie
        self._ultimo = 0

    def nuevo(self) -> UUID:
        self._ultimo += 1
        return UUID(f"0190a5a0-0000-7000-{self._serie}-{self._ultimo:012d}")


class TiempoDeHilos:
    """See the ports of `EsperaDeFinales`: threads wait on a clock that the test moves."""

    def __init__(self) -> None:
        self.segundos = 0.0
        self.cambio = Condition()
        self.esperas: dict[object, tuple[float, AvisoDeTiempo]] = {}

    def __call__(self) -> float:
        return self.segundos

    def aviso(self) -> "AvisoDeTiempo":
        """Return something to wait for on this clock."""
        return AvisoDeTiempo(self)

    def dormidos(self, cuantos: int) -> None:
        """Wait until so many threads sleep."""
        with self.cambio:
            if not self.cambio.wait_for(lambda: len(self._despertares()) == cuantos, 20):
                raise AssertionError(f"Duermen {len(self._despertares())} hilos, no {cuantos}")

    def siguiente(self, dormidos: int) -> float:
        """Once so many threads sleep, move the clock to the first that wakes, and return it."""
        self.dormidos(dormidos)
        with self.cambio:
            self._mover(min(self._despertares()))
        return self.segundos

    def pasar(self, segundos: float) -> None:
        """Move the clock on."""
        with self.cambio:
            self._mover(self.segundos + segundos)

    def _mover(self, segundos: float) -> None:
        self.segundos = segundos
        self.cambio.notify_all()

    def _despertares(self) -> list[float]:
        return [h for h, a in self.esperas.values() if h > self.segundos and not a.dado]


class AvisoDeTiempo:
    """See the port `Aviso`."""

    def __init__(self, tiempo: TiempoDeHilos) -> None:
        self._tiempo, self.dado = tiempo, False

    def set(self) -> None:
        with self._tiempo.cambio:
            self.dado = True
            self._tiempo.cambio.notify_all()

    def clear(self) -> None:
        self.dado = False

    def wait(self, timeout: float, /) -> bool:
        tiempo, espera = self._tiempo, object()
        with tiempo.cambio:
            hasta = tiempo.segundos + timeout
            tiempo.esperas[espera] = (hasta, self)
            tiempo.cambio.notify_all()
            tiempo.cambio.wait_for(lambda: self.dado or tiempo.segundos >= hasta)
            del tiempo.esperas[espera]
            return self.dado
