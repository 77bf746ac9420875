"""A read table that one saga type owns, written in the saga's own transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Table

from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from saga_orchestrator.dominio.saga import Saga


@dataclass(frozen=True, slots=True)
class LecturaSagas:
    """One row a saga of the type, keyed by `saga_id`; a function of the saga, so that it can be rebuilt."""

    tipo: str
    tabla: Table
    fila: Callable[[Saga], Fila]

    def filas(self, sagas: Sequence[Saga]) -> list[Fila]:
        """Return the rows of those that are of the type."""
        return [self.fila(saga) for saga in sagas if saga.definicion.tipo == self.tipo]
