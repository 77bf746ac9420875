"""A definition that this process does not know, as the rows of a saga tell it: good for being looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from saga_orchestrator.dominio.definicion import Comando, Compensacion, Definicion, Paso, Presentacion

if TYPE_CHECKING:
    from saga_orchestrator.dominio.saga import Saga

DESCONOCIDO = "desconocido"


@dataclass(frozen=True, slots=True)
class PasoContado:
    """A step and its undo, if it has one, by their words."""

    tipo: str
    compensacion: str | None


class DefinicionAjena(Definicion):
    """Nothing can be decided by it: what it does not tell is left out, and no rule is asked of it."""

    @classmethod
    def contada(cls, tipo: str, version: int, pasos: Sequence[PasoContado]) -> "DefinicionAjena":
        """Make one of what the rows of a saga tell."""
        return cls(tipo, version, tuple(_paso(p) for p in pasos))

    def _reglas(self) -> list[tuple[str, bool]]:
        return []


class DefinicionIlegible(DefinicionAjena):
    """That of a saga whose memory cannot be decoded, which a rebuild from its events repairs."""


def tema_de(saga: "Saga", paso: int, definida: Paso | Compensacion) -> str:
    """Return the topic that a step or its undo is asked by; a builder that fails is no reason not to look."""
    try:
        return definida.comando(saga, saga.id_de(paso)).tema
    except Exception:
        return DESCONOCIDO


def _paso(contado: PasoContado) -> Paso:
    undo = Compensacion(contado.compensacion, _comando) if contado.compensacion else None
    return Paso(contado.tipo, _comando, compensacion=undo, presentacion=SIN_PALABRAS)


def _comando(_saga: "Saga", _id: UUID) -> Comando:
    return Comando(DESCONOCIDO, None)


SIN_PALABRAS = Presentacion(evento="", campos=("", ""), datos=lambda _iniciales: None)
