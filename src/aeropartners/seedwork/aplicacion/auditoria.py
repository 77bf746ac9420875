"""What the audit keeps of an operation: who asked for what, when, from where, and how it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Resultado(StrEnum):
    """How an operation ended. INICIADA: an undo that the system began by itself, and that ends later."""

    HECHA = "hecha"
    RECHAZADA = "rechazada"
    INICIADA = "iniciada"
    FALLIDA = "fallida"


@dataclass(frozen=True, slots=True)
class Firma:
    """What is known of an operation before its outcome; `rol` None where no key is asked for."""

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
    """One row of the audit; `detalle` says what it changed, or why it was refused."""

    id: UUID
    momento: datetime
    firma: Firma
    resultado: Resultado
    detalle: dict[str, Any] = field(default_factory=dict)

    @property
    def quien(self) -> str:
        """Who ordered it, as an operator reads it: the name that was given with the order, or the caller."""
        return str(self.detalle.get("quien") or self.firma.actor)
