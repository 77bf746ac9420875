"""A saga as data: its steps, their undos, deadlines, policies and words; checked when it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from saga_orchestrator.dominio.saga import Saga


class DefinicionInvalida(Exception):
    """A definition that could leave a saga neither done nor undone; it is refused when it is loaded."""


class Clase(StrEnum):
    """What a step is to the transaction: undoable, the point of no return, or bound to succeed."""

    COMPENSABLE = "COMPENSABLE"
    PIVOTE = "PIVOTE"
    REINTENTABLE = "REINTENTABLE"


class Tipo(StrEnum):
    """The engine's own kinds of events; each definition gives the public ones its system's words."""

    INICIADA = "INICIADA"
    PASO_EJECUTADO = "PASO_EJECUTADO"
    PASO_LOGRADO = "PASO_LOGRADO"
    COMPLETADA = "COMPLETADA"
    FALLIDA = "FALLIDA"
    COMPENSACION_INICIADA = "COMPENSACION_INICIADA"
    COMPENSACION_EJECUTADA = "COMPENSACION_EJECUTADA"
    COMPENSACION_COMPLETADA = "COMPENSACION_COMPLETADA"
    COMPENSACION_FALLIDA = "COMPENSACION_FALLIDA"
    TIEMPO_AGOTADO = "TIEMPO_AGOTADO"
    PASO_PEDIDO = "PASO_PEDIDO"
    # Internal: stored, never published.
    FALLO_TECNICO = "FALLO_TECNICO"
    REINTENTADO = "REINTENTADO"
    PLAZO_MOVIDO = "PLAZO_MOVIDO"
    EXITO_TARDIO = "EXITO_TARDIO"
    ORDEN_OPERADOR = "ORDEN_OPERADOR"
    CERRADA = "CERRADA"


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
class Comando:
    """A command for a participant."""

    tema: str
    mensaje: object


@dataclass(frozen=True, slots=True)
class Compensacion:
    """How a step is undone. It must stand coming before its command, or without it."""

    tipo: str
    comando: Callable[["Saga", UUID], Comando]
    plazo_s: float = 30.0
    politica: Politica = Politica(intentos=11)


@dataclass(frozen=True, slots=True)
class Presentacion:
    """How a step is told, in the words of its contract; the engine goes on without any of it.

    `estado` is where the saga stands when the step is done, and `evento` says so in public; without them
    they are the step's type, and `SagaPasoLogrado`. `campos` names that event's fields for the id of what the
    step created, which `identificador` finds in its result, and for the result. `datos` picks from the
    initial data what the step is about. `resultado_inicial` is shown while the step is under way; `anuncio`
    is the state then, for a system that has a word for it: its request is an event of its own.
    """

    estado: str = ""
    evento: str = "SagaPasoLogrado"
    campos: tuple[str, str] = ("id", "resultado")
    datos: Callable[[Mapping[str, Any]], Any] = field(default=lambda datos: datos)
    resultado_inicial: Mapping[str, Any] | None = None
    anuncio: str | None = None
    identificador: Callable[[Mapping[str, Any]], Any] = field(default=lambda resultado: resultado.get("id"))


@dataclass(frozen=True, slots=True)
class Paso:
    """One step: what is asked, of whom, how it is undone, and how long and how often it is tried.

    `comando` builds the command, given the id that the orchestrator chose for what the step creates.
    """

    tipo: str
    comando: Callable[["Saga", UUID], Comando]
    clase: Clase = Clase.COMPENSABLE
    compensacion: Compensacion | None = None
    plazo_s: float = 30.0
    politica: Politica = Politica()
    presentacion: Presentacion = Presentacion()

    @property
    def estado(self) -> str:
        """Where the saga stands when the step is done."""
        return self.presentacion.estado or self.tipo

    @property
    def firme(self) -> bool:
        """Whether a saga that has come to it can only go on: the pivot is behind it."""
        return self.clase is Clase.REINTENTABLE

    @property
    def sin_vuelta(self) -> bool:
        """Whether nobody may give it up while its effect is unknown: nothing would undo it."""
        return self.firme or (self.clase is Clase.PIVOTE and self.compensacion is None)


@dataclass(frozen=True, slots=True)
class Estados:
    """The system's words for where a saga stands.

    None tells that a saga has ended: `fallida` is also said while its undos begin. `fecha_fin` does.
    """

    iniciada: str = "INICIADA"
    completada: str = "COMPLETADA"
    fallida: str = "FALLIDA"
    compensando: str = "COMPENSANDO"
    compensada: str = "COMPENSADA"

    @property
    def finales(self) -> tuple[str, str, str]:
        """The words that a saga may end in."""
        return self.completada, self.fallida, self.compensada

    @property
    def ambiguas(self) -> bool:
        """Whether a success, or a saga that is undone, has a word that also means something else."""
        en_curso = (self.iniciada, self.compensando)
        return self.completada in (*en_curso, self.fallida, self.compensada) or self.compensada in en_curso


PALABRAS: Mapping[Tipo, str] = {
    Tipo.INICIADA: "SagaIniciada",
    Tipo.PASO_EJECUTADO: "SagaPasoEjecutado",
    Tipo.COMPLETADA: "SagaCompletada",
    Tipo.FALLIDA: "SagaFallida",
    Tipo.COMPENSACION_INICIADA: "SagaCompensacionIniciada",
    Tipo.COMPENSACION_EJECUTADA: "SagaCompensacionEjecutada",
    Tipo.COMPENSACION_COMPLETADA: "SagaCompensacionCompletada",
    Tipo.COMPENSACION_FALLIDA: "SagaCompensacionFallida",
    Tipo.TIEMPO_AGOTADO: "SagaTimeout",
}


Datos = dict[str, Any]
Voz = Callable[["Saga", Tipo, int, Datos], tuple[str | None, Datos]]


@dataclass(frozen=True, slots=True)
class Definicion:
    """A version of a saga type; a saga runs to its end on the version that it began with.

    `voz`, when the words of a system depend on more than the kind of event, gives the public word of
    an event that is about to happen (None: it is internal) and its data. A step that nobody may give up
    asks for attention after `atencion_tras` failures, and goes on.
    """

    tipo: str
    version: int
    pasos: tuple[Paso, ...]
    estados: Estados = Estados()
    palabras: Mapping[Tipo, str] = field(default_factory=lambda: PALABRAS)
    voz: Voz | None = None
    atencion_tras: int = 11

    def __post_init__(self) -> None:
        for regla, cumple in self._reglas():
            if not cumple:
                raise DefinicionInvalida(f"{self.tipo} v{self.version}: {regla}")

    def decir(self, saga: "Saga", tipo: Tipo, indice: int, datos: Datos) -> tuple[str | None, Datos]:
        """Return the public word and the data of an event."""
        if self.voz:
            return self.voz(saga, tipo, indice, datos)
        logrado = tipo is Tipo.PASO_LOGRADO
        return (self.pasos[indice].presentacion.evento if logrado else self.palabras.get(tipo)), datos

    @property
    def nombres(self) -> tuple[str, ...]:
        """The names of its steps and undos."""
        undos = (p.compensacion.tipo for p in self.pasos if p.compensacion)
        return *(p.tipo for p in self.pasos), *undos

    @property
    def todos_los_estados(self) -> tuple[str, ...]:
        """Every word for where a saga of it may stand: on its way, then its ends, then while it is undone."""
        en_marcha = (palabra for p in self.pasos for palabra in (p.presentacion.anuncio, p.estado) if palabra)
        return self.estados.iniciada, *en_marcha, *self.estados.finales, self.estados.compensando

    def _reglas(self) -> list[tuple[str, bool]]:
        clases = [p.clase for p in self.pasos]
        pivote = clases.index(Clase.PIVOTE) if Clase.PIVOTE in clases else len(clases)
        plazos = [p.plazo_s for p in self.pasos]
        anuncios = (p.presentacion.anuncio for p in self.pasos)
        en_marcha = {self.estados.iniciada, *(p.estado for p in self.pasos), *anuncios}
        return [
            ("necesita al menos un paso", bool(self.pasos)),
            (
                "los nombres de pasos y compensaciones deben ser distintos",
                len(set(self.nombres)) == len(self.nombres),
            ),
            ("un solo pivote como máximo", clases.count(Clase.PIVOTE) <= 1),
            (
                "todo paso anterior al pivote debe ser COMPENSABLE y tener compensación",
                all(p.clase is Clase.COMPENSABLE and p.compensacion for p in self.pasos[:pivote]),
            ),
            (
                "todo paso posterior al pivote debe ser REINTENTABLE",
                all(c is Clase.REINTENTABLE for c in clases[pivote + 1 :]),
            ),
            ("los plazos deben ser positivos", all(plazo > 0 for plazo in plazos)),
            ("hacen falta intentos", all(p.politica.intentos >= 1 for p in self.pasos)),
            (
                "las palabras de un final no pueden decir otra cosa",
                not self.estados.ambiguas and en_marcha.isdisjoint(self.estados.finales),
            ),
        ]


def siempre(_tipo: str, _version: int) -> bool:
    """Whatever this process knows may be started."""
    return True


class Registro:
    """The known definitions, by type and version.

    A new saga begins with the newest that `abierta` lets begin: all who may have to go on with it know it.
    """

    def __init__(
        self, definiciones: tuple[Definicion, ...], abierta: Callable[[str, int], bool] = siempre
    ) -> None:
        self._todas = {(d.tipo, d.version): d for d in definiciones}
        self._nombres = frozenset(nombre for d in definiciones for nombre in d.nombres)
        self._abierta = abierta
        if len(self._todas) != len(definiciones):
            raise DefinicionInvalida("dos definiciones con el mismo tipo y versión")
        for d in definiciones:
            if d.estados != self.estados(d.tipo):
                raise DefinicionInvalida(f"{d.tipo}: todas sus versiones deben tener los mismos estados")

    def vigente(self, tipo: str) -> Definicion | None:
        """Return the newest version of a type, or None."""
        return max(self._versiones(tipo), key=lambda d: d.version, default=None)

    def de_inicio(self, tipo: str) -> Definicion | None:
        """Return the version that a saga begins with now; of none that may, the oldest, which most know."""
        versiones = sorted(self._versiones(tipo), key=lambda d: d.version)
        abiertas = [d for d in versiones if self._abierta(tipo, d.version)]
        if abiertas:
            return abiertas[-1]
        return versiones[0] if versiones else None

    def conocida(self, tipo: str, version: int) -> Definicion | None:
        """Return one version, or None when this process does not know it."""
        return self._todas.get((tipo, version))

    @property
    def conocidas(self) -> frozenset[tuple[str, int]]:
        """The known types with their versions."""
        return frozenset(self._todas)

    @property
    def definiciones(self) -> tuple[Definicion, ...]:
        """All of them."""
        return tuple(self._todas.values())

    def _versiones(self, tipo: str) -> list[Definicion]:
        return [d for d in self._todas.values() if d.tipo == tipo]

    def estados(self, tipo: str) -> Estados:
        """Return the words of a type for where a saga stands; every version of it has the same."""
        definicion = self.vigente(tipo)
        return definicion.estados if definicion else Estados()

    def pasos(self, tipo: str) -> frozenset[str]:
        """Return the names of the steps that any version of a type has."""
        return frozenset(p.tipo for d in self._todas.values() if d.tipo == tipo for p in d.pasos)

    def conoce_paso(self, nombre: str) -> bool:
        """Return whether a step or an undo of any type has this name."""
        return nombre in self._nombres

    @property
    def palabras_de_estado(self) -> tuple[str, ...]:
        """The words for where a saga of any type may stand, each once."""
        return tuple(dict.fromkeys(e for d in self._todas.values() for e in d.todos_los_estados))

    @property
    def tipos(self) -> tuple[str, ...]:
        """The saga types, each once."""
        return tuple(dict.fromkeys(tipo for tipo, _ in self._todas))
