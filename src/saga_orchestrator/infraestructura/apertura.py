"""Which versions of the definitions sagas may begin with, as the living processes are known to be."""

from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.censo import Censo
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from saga_orchestrator.infraestructura.definiciones import DefinicionesSQL


class Apertura:
    """A version is open when all living orchestrators know it, or an operator says so."""

    def __init__(self, censo: Censo, definiciones: DefinicionesSQL) -> None:
        self._censo = censo
        self._definiciones = definiciones
        self._permitidas: frozenset[Conocida] = frozenset()

    def una_ronda(self) -> int:
        """Read again what operators say; a round of its loop."""
        self._permitidas = self._definiciones.permitidas()
        return 0

    def abierta(self, tipo: str, version: int) -> bool:
        """Whether a saga may begin with it."""
        return (tipo, version) in self._permitidas or self._censo.todos_conocen(SUSCRIPCION, tipo, version)
