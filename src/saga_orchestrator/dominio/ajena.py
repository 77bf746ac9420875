"""A definition that this process does not know, as the rows of a saga tell it: good for being looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Compensacion, Paso, Presentacion

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


def _paso(contado: PasoContado) -> Paso:
    undo = Compensacion(contado.compensacion, _sin_comando) if contado.compensacion else None
    return Paso(contado.tipo, DESCONOCIDO, _sin_comando, compensacion=undo, presentacion=SIN_PALABRAS)


def _sin_comando(_saga: object, _id: object) -> object:
    raise NotImplementedError("nothing can be asked by a definition that this process does not know")


SIN_PALABRAS = Presentacion(evento="", campos=("", ""), datos=lambda _iniciales: None)
