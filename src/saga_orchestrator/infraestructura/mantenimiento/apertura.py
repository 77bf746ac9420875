"""Which versions of the saga definitions may begin: those that all living orchestrators know."""

from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.censo import Censo
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from saga_orchestrator.infraestructura.mantenimiento.definiciones import DefinicionesSQL


class Apertura:
    """A version is open when all living orchestrators know it, or when an operator allows it."""

    def __init__(self, censo: Censo, definiciones: DefinicionesSQL) -> None:
        self._censo = censo
        self._definiciones = definiciones
        self._permitidas: frozenset[Conocida] = frozenset()

    def una_ronda(self) -> int:
        """Read again the versions that operators allow; one round of its loop."""
        self._permitidas = self._definiciones.permitidas()
        return 0

    def abierta(self, tipo: str, version: int) -> bool:
        """Whether a saga may begin with this version."""
        return (tipo, version) in self._permitidas or self._censo.todos_conocen(SUSCRIPCION, tipo, version)
