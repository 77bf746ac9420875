"""A step as data: what is asked of a participant, how it is undone, its deadline and its retries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from saga_orchestrator.dominio.saga import Saga

# Builds the message for a participant, given the id that the orchestrator chose for what the step creates.
Comandar = Callable[["Saga", UUID], object]


class Clase(StrEnum):
    """What a step is to the transaction.

    COMPENSABLE: an undo takes its effect back. SIN_EFECTO: it only looks, and leaves nothing to undo.
    PIVOTE: the point of no return. REINTENTABLE: behind the pivot, bound to succeed.
    """

    COMPENSABLE = "COMPENSABLE"
    SIN_EFECTO = "SIN_EFECTO"
    PIVOTE = "PIVOTE"
    REINTENTABLE = "REINTENTABLE"


@dataclass(frozen=True, slots=True)
class Politica:
    """Retries of technical failures: how many attempts in all, and waits base x1, x2, x4 ... to a cap."""

    intentos: int = 4
    base_s: float = 1.0
    tope_s: float = 60.0

    def espera(self, intento: int, azar: float) -> float:
        """Seconds to wait after the given failed attempt; `azar` in [0, 1) adds up to a quarter."""
        exponente = min(intento - 1, 30)
        return float(min(self.base_s * 2**exponente, self.tope_s) * (1 + azar / 4))


@dataclass(frozen=True, slots=True)
class Compensacion:
    """How a step is undone. Its command must stand coming before the step's command, or without it.

    `tema` is the topic of the command; without one, the step's topic.
    """

    tipo: str
    comando: Comandar
    plazo_s: float = 30.0
    politica: Politica = Politica(intentos=11)
    tema: str = ""


@dataclass(frozen=True, slots=True)
class Parte:
    """A further command of a step, asked when the one before it has succeeded, with its own undo, if any.

    The undo goes to the same topic.
    """

    tema: str
    comando: Comandar
    deshacer: Comandar | None = None


@dataclass(frozen=True, slots=True)
class Presentacion:
    """How a step is told, in the words of its contract; the engine goes on without any of it.

    `estado` is where the saga stands when the step is done, and `evento` says so in public; without them
    they are the step's type, and `SagaPasoLogrado`. `campos` names that event's fields for the id of what the
    step created, which `identificador` finds in its result, and for the result. `datos` picks from the
    initial data what the step is about. `resultado_inicial` is shown while the step is under way;
    `estado_pedido` is the state then, for a system that has a word for it: the request is then an event too.
    """

    estado: str = ""
    evento: str = "SagaPasoLogrado"
    campos: tuple[str, str] = ("creado", "resultado")
    datos: Callable[[Mapping[str, Any]], Any] = field(default=lambda datos: datos)
    resultado_inicial: Mapping[str, Any] | None = None
    estado_pedido: str | None = None
    identificador: Callable[[Mapping[str, Any]], Any] = field(default=lambda resultado: resultado.get("id"))


@dataclass(frozen=True, slots=True)
class Paso:
    """One step: what is asked, by which topic, how it is undone, and how long and how often it is tried.

    `luego` are further commands of the step. Its row, attempts and deadline are those of all of them, and
    it has succeeded when the last one has. Its undo undoes the parts that were asked, the last one first.
    `sin_flujo`: it changes what earlier steps created, and creates nothing itself.
    """

    tipo: str
    tema: str
    comando: Comandar
    clase: Clase = Clase.COMPENSABLE
    compensacion: Compensacion | None = None
    plazo_s: float = 30.0
    politica: Politica = Politica()
    presentacion: Presentacion = Presentacion()
    luego: tuple[Parte, ...] = ()
    sin_flujo: bool = False

    @property
    def crea_flujo(self) -> bool:
        """Whether a participant has a stream of this step alone, by the id that the saga gives it."""
        return not self.sin_flujo and self.clase is not Clase.SIN_EFECTO

    @property
    def partes(self) -> tuple[Parte, ...]:
        """All that is asked, in order; the first one's undo is the step's."""
        return Parte(self.tema, self.comando), *self.luego

    @property
    def cuantas_partes(self) -> int:
        """How many commands the step has."""
        return 1 + len(self.luego)

    @property
    def estado(self) -> str:
        """Where the saga stands when the step is done."""
        return self.presentacion.estado or self.tipo

    @property
    def tema_compensacion(self) -> str:
        """The topic of the undo's command; empty when nothing undoes the step."""
        return (self.compensacion.tema or self.tema) if self.compensacion else ""

    @property
    def firme(self) -> bool:
        """Whether a saga that has come to this step can only go on: the pivot is behind it."""
        return self.clase is Clase.REINTENTABLE

    @property
    def sin_vuelta(self) -> bool:
        """Whether the step may not be given up while its effect is unknown: nothing would undo it."""
        return self.firme or (self.clase is Clase.PIVOTE and self.compensacion is None)

    @property
    def nombres(self) -> tuple[str, ...]:
        """The names by which replies tell what they answer: of each part, and of each part's undo."""
        partes = range(len(self.partes))
        undo = self.compensacion
        undos = [nombre_de_parte(undo.tipo, i) for i in partes] if undo else []
        return *(nombre_de_parte(self.tipo, i) for i in partes), *undos


def nombre_de_parte(tipo: str, parte: int) -> str:
    """Return the name of a part of a step or undo in its command, and in the reply to it."""
    return f"{tipo}#{parte + 1}" if parte else tipo


def parte_de(tipo: str, nombre: str, cuantas: int) -> int | None:
    """Return which of so many parts of a step or undo has this name; None when none has."""
    return next((i for i in range(cuantas) if nombre_de_parte(tipo, i) == nombre), None)
