"""What an operator may tune in every definition (contracts README, section 2)."""

from dataclasses import dataclass

from saga_orchestrator.dominio.paso import Politica


@dataclass(frozen=True, slots=True)
class Ajustes:
    """`SAGA_STEP_TIMEOUT_S`, `SAGA_MAX_RETRIES`, `SAGA_BACKOFF_BASE_S`, `SAGA_COMPENSATION_MAX_RETRIES`."""

    plazo_paso_s: float = 30.0
    reintentos: int = 3
    base_s: float = 1.0
    reintentos_compensacion: int = 10

    @property
    def politica(self) -> Politica:
        """Retries of a step: n retries are n + 1 attempts."""
        return Politica(self.reintentos + 1, self.base_s)

    @property
    def politica_compensacion(self) -> Politica:
        """Retries of an undo, its waits capped at 60 s."""
        return Politica(self.reintentos_compensacion + 1, self.base_s, 60.0)
