"""The settings that an operator may tune for all saga definitions (contracts README, section 2)."""

from dataclasses import dataclass

from saga_orchestrator.dominio.paso import Politica


@dataclass(frozen=True, slots=True)
class Ajustes:
    """Default deadline and retries of a step and of an undo.

    Read from `SAGA_STEP_TIMEOUT_S`, `SAGA_MAX_RETRIES`, `SAGA_BACKOFF_BASE_S` and
    `SAGA_COMPENSATION_MAX_RETRIES`. The names that end in `_s` are in seconds.
    """

    plazo_paso_s: float = 30.0
    reintentos: int = 3
    base_s: float = 1.0
    reintentos_compensacion: int = 10

    @property
    def politica(self) -> Politica:
        """The retry policy of a step: n retries are n + 1 attempts."""
        return Politica(self.reintentos + 1, self.base_s)

    @property
    def politica_compensacion(self) -> Politica:
        """The retry policy of an undo: n retries are n + 1 attempts, with waits of at most 60 s."""
        return Politica(self.reintentos_compensacion + 1, self.base_s, 60.0)
