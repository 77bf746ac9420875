"""What a saga remembers: its events, how far each step and undo is, and the state that they add up to."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento
from saga_orchestrator.dominio.definicion import Tipo


class Fase(StrEnum):
    """Which way a saga walks."""

    ADELANTE = "ADELANTE"
    ATRAS = "ATRAS"
    FIN = "FIN"


class Causa(StrEnum):
    """Why a saga failed, beside the words of its error."""

    RECHAZO = "RECHAZO"
    INTENTOS = "INTENTOS"
    PLAZO = "PLAZO"
    TOTAL = "TOTAL"
    CANCELADA = "CANCELADA"


@evento("EventoSaga", 1)
@dataclass(frozen=True, slots=True)
class EventoSaga:
    """One row of `saga_eventos`; `orden` counts the public ones from 1, and is 0 for an internal one.

    `indice` is the position of the step or undo that it is about.
    """

    tipo: Tipo
    palabra: str
    estado: str
    fecha: datetime
    datos: dict[str, Any]
    indice: int = 0
    orden: int = 0


@dataclass(slots=True)
class Avance:
    """How far a step or an undo is: attempts, outcome, deadline of the whole and time of the next try.

    `parte` is the part of the step that was asked last, or that is being undone.
    """

    id: UUID
    paso: int
    intentos: int = 0
    exitoso: bool | None = None
    error: str | None = None
    resultado: dict[str, Any] | None = None
    solicitado_en: datetime | None = None
    fecha_fin: datetime | None = None
    plazo: datetime | None = None
    reintentar_en: datetime | None = None
    incierto: bool = False
    parte: int = 0


@dataclass(frozen=True, slots=True)
class Final:
    """When a saga ended, and whether it had succeeded."""

    fecha: datetime
    exito: bool


@dataclass(slots=True)
class Memoria:
    """The whole state of a saga but its initial data: what its row keeps between two messages.

    `primer_final` is set once something happens after the first end: counters count that end alone.
    """

    fase: Fase = Fase.ADELANTE
    estado: str = ""
    actual: int = 0
    publicos: int = 0
    pasos: list[Avance] = field(default_factory=list)
    compensaciones: list[Avance] = field(default_factory=list)
    fecha_inicio: datetime | None = None
    fecha_fin: datetime | None = None
    vence: datetime | None = None
    error: str | None = None
    requiere_atencion: bool = False
    timeout_minutos: int = 30
    timeout_s: float | None = None
    causa: Causa | None = None
    correlacion_id: str = ""
    ultima_fecha: datetime | None = None
    primer_final: Final | None = None
