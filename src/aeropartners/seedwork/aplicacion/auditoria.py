"""What the audit records of an operation: who asked for what, when, from where, and how it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Resultado(StrEnum):
    """How an operation ended. INICIADA: a compensation that the system began by itself; it ends later."""

    HECHA = "hecha"
    RECHAZADA = "rechazada"
    INICIADA = "iniciada"
    FALLIDA = "fallida"


@dataclass(frozen=True, slots=True)
class Firma:
    """What is known of an operation before it runs; `rol` is None where no key is required."""

    actor: str
    rol: str | None
    operacion: str
    recurso: str
    origen: str = ""
    motivo: str = ""
    saga_id: UUID | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Anotacion:
    """One row of the audit; `detalle` says what the operation changed, or why it was refused."""

    id: UUID
    momento: datetime
    firma: Firma
    resultado: Resultado
    detalle: dict[str, Any] = field(default_factory=dict)

    @property
    def quien(self) -> str:
        """The person who gave the order, for operators: the name in the order, or else the caller's."""
        return str(self.detalle.get("quien") or self.firma.actor)
