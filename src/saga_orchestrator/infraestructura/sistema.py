"""What one system brings to the orchestrator, as one object."""

from collections.abc import Sequence
from dataclasses import dataclass

from aeropartners.seedwork.infraestructura.pieza import Llamada
from saga_orchestrator.aplicacion.borde import SIN_BORDE, Borde
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas


@dataclass(frozen=True, slots=True)
class SagasDeSistema:
    """Its definitions, their edge, their read tables, and the calls of those steps that go over HTTP.

    Old versions of a definition stay as long as a saga runs under them.
    """

    definiciones: tuple[Definicion, ...]
    borde: Borde = SIN_BORDE
    lecturas: Sequence[LecturaSagas] = ()
    llamadas: Sequence[Llamada] = ()
