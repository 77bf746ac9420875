"""A read table of one saga type, written in the transaction of the saga."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Table

from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from saga_orchestrator.dominio.saga import Saga


@dataclass(frozen=True, slots=True)
class LecturaSagas:
    """The read table of a saga type: one row a saga, keyed by `saga_id`.

    The row depends on the saga alone, so that it can be rebuilt.
    """

    tipo: str
    tabla: Table
    fila: Callable[[Saga], Fila]

    def filas(self, sagas: Sequence[Saga]) -> list[Fila]:
        """Return the rows of the sagas of this type."""
        return [self.fila(saga) for saga in sagas if saga.definicion.tipo == self.tipo]
