"""The statement of one window of the audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo, resumen


@dataclass(slots=True)
class Parte:
    """The statement of one window; `visto` is how far into it the audit has come.

    `repetidos` are the calls of the gateway that were made again, for the sagas that moved in it.
    """

    desde: datetime
    hasta: datetime
    visto: datetime
    sagas: int = 0
    mensajes: int = 0
    repetidos: int = 0
    hallazgos: list[Hallazgo] = field(default_factory=list)

    @property
    def cuentas(self) -> Mapping[str, int]:
        """The findings by kind."""
        return resumen(self.hallazgos)

    def contar(self, sagas: int, mensajes: int, repetidos: int) -> None:
        """Add what was read."""
        self.sagas += sagas
        self.mensajes += mensajes
        self.repetidos += repetidos
