"""What one system adds to the orchestrator, as one object."""

from collections.abc import Sequence
from dataclasses import dataclass

from aeropartners.seedwork.infraestructura.pieza import Llamada
from saga_orchestrator.aplicacion.borde import SIN_BORDE, Borde
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas


@dataclass(frozen=True, slots=True)
class SagasDeSistema:
    """A system's definitions, their edge, their read tables, and the callers of its steps over HTTP.

    An old version of a definition stays in `definiciones` as long as a saga has it.
    """

    definiciones: tuple[Definicion, ...]
    borde: Borde = SIN_BORDE
    lecturas: Sequence[LecturaSagas] = ()
    llamadas: Sequence[Llamada] = ()
