"""The careful start: a message that kills the process that handles it must be counted too.

The broker does not help: on a Failover subscription its redelivery count stays 0 after a takeover.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import UnidadDeTrabajo

CUIDADOS = 1_000


class Cuidado:
    """Knows whether the predecessor of a loop stopped cleanly, and counts its first messages if not."""

    def __init__(self, ejecutor: Ejecutor, consumidor: str) -> None:
        self._ejecutor = ejecutor
        self._consumidor = consumidor
        self._faltan = 0

    def empezar(self) -> None:
        """Note that the loop runs, and learn how the one before it ended."""
        self._faltan = 0 if self._anotar(limpio=False) else CUIDADOS

    def terminar(self) -> None:
        """Note that the loop stopped cleanly."""
        self._anotar(limpio=True)

    def contar(self, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Commit one more attempt of a whole batch and return the counts; nothing once care is over."""
        cuentas: dict[UUID, int] = {}
        if self._faltan <= 0 or not ids:
            return cuentas

        def sumar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            cuentas.update(uow.sumar_intento(self._consumidor, ids))
            return ()

        self._ejecutor.ejecutar(sumar)
        self._faltan -= len(ids)
        return cuentas

    def _anotar(self, *, limpio: bool) -> bool:
        antes = True

        def anotar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            nonlocal antes
            antes = uow.turno(self._consumidor, limpio)
            return ()

        self._ejecutor.ejecutar(anotar)
        return antes
