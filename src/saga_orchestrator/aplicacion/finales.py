"""Which sagas a commit settled, so that whoever waits for them in this process wakes at once."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol
from uuid import UUID

from aeropartners.seedwork.aplicacion.puertos import Cambios, Registrado
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga

# A saga is settled when it has ended, or when its undo is left to an operator. It is when the last event of a
# transaction is one of these: a next undo would begin in the transaction of FALLIDA, or of the last undo.
ASIENTAN = frozenset(
    {Tipo.COMPLETADA, Tipo.FALLIDA, Tipo.COMPENSACION_COMPLETADA, Tipo.COMPENSACION_FALLIDA, Tipo.CERRADA}
)


class QuienesEsperan(Protocol):
    """Who waits for sagas in this process; see `EsperaDeFinales`. Safe from any thread."""

    @property
    def alguien(self) -> bool:
        """Whether anybody waits."""

    def avisar(self, ids: Collection[UUID]) -> None:
        """Wake whoever waits for these sagas."""


Confirmar = Callable[[Cambios], None]


def asentadas(registrados: Sequence[Registrado]) -> Collection[UUID]:
    """Return the sagas that these events settled.

    One whose last event came later in the same batch, from another message, is left out: it is found by the
    query of those who wait.
    """
    ultimos = {registrado.flujo: registrado.evento for registrado in registrados}
    return [id for id, e in ultimos.items() if isinstance(e, EventoSaga) and e.tipo in ASIENTAN]


def y_avisar(confirmar: Confirmar, esperan: QuienesEsperan) -> Confirmar:
    """Return what does `confirmar` after a commit, and then tells those who wait which sagas were settled.

    Nothing is looked for while nobody waits: this is done at every commit.
    """

    def confirmar_y_avisar(cambios: Cambios) -> None:
        confirmar(cambios)
        if esperan.alguien:
            esperan.avisar(asentadas(cambios.registrados))

    return confirmar_y_avisar
