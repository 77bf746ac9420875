"""Commands of the toy system."""

from dataclasses import dataclass
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS, TEMA_MUERTOS, SUSCRIPCION = "comandos-saludos", "dlq-saludos", "saludos"


@mensaje("Saludar", 1)
@dataclass(frozen=True, slots=True)
class Saludar:
    """Say something."""

    id: UUID
    texto: str


@mensaje("Callar", 1)
@dataclass(frozen=True, slots=True)
class Callar:
    """Take it back; as an undo it stands coming before its command."""

    id: UUID
