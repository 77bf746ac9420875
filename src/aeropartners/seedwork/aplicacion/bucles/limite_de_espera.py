"""Estimates how long a write would wait for its turn, and refuses one that would wait too long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones

# Half of the BFF's timeout: the client of a write that begins later has gone.
ESPERA_MAXIMA_S = 5.0


class LimiteDeEspera:
    """Times the groups of one writer, which takes up to `grupo` requests at once. Safe from any thread."""

    def __init__(self, grupo: int, reloj: Callable[[], float] = monotonic) -> None:
        self._grupo = grupo
        self._reloj = reloj
        self._ultimo_s = 0.0
        self._desde: float | None = None

    @contextmanager
    def un_grupo(self) -> Iterator[None]:
        """Time the group that runs inside the `with`."""
        self._desde = self._reloj()
        try:
            yield
        finally:
            self._ultimo_s = self._reloj() - self._desde
            self._desde = None

    def exigir(self, delante: int) -> None:
        """Raise DemasiadasPeticiones when the `delante` requests ahead would take longer than JUSTA_S.

        Each group is taken to last as long as the last one, or as the present one has so far, if longer.
        """
        desde = self._desde
        en_mano_s = 0.0 if desde is None else self._reloj() - desde
        grupos = delante // self._grupo + (desde is not None)
        espera_s = grupos * max(self._ultimo_s, en_mano_s)
        if espera_s > ESPERA_MAXIMA_S:
            raise DemasiadasPeticiones(
                "cola", "Hay demasiadas escrituras en espera; intente más tarde", espera_s
            )
