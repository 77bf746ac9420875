"""A saga as data: its steps in order, its words and its total deadline; checked when it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.paso import Clase, Paso, parte_de

if TYPE_CHECKING:
    from saga_orchestrator.dominio.saga import Saga


class DefinicionInvalida(Exception):
    """A definition that could leave a saga neither done nor undone; it is refused when it is loaded."""


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
    PARTE_LOGRADA = "PARTE_LOGRADA"
    PARTE_DESHECHA = "PARTE_DESHECHA"
    PLAZO_MOVIDO = "PLAZO_MOVIDO"
    EXITO_TARDIO = "EXITO_TARDIO"
    ORDEN_OPERADOR = "ORDEN_OPERADOR"
    CERRADA = "CERRADA"


# The events that a command goes out with. Where a system announces its steps, it is PASO_PEDIDO instead of
# the event before it.
ORDENAN = (
    Tipo.INICIADA,
    Tipo.PASO_LOGRADO,
    Tipo.COMPENSACION_INICIADA,
    Tipo.REINTENTADO,
    Tipo.PARTE_LOGRADA,
    Tipo.PARTE_DESHECHA,
)

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


# The fields of every event, which no step's event may give another meaning.
DE_TODO_EVENTO = frozenset({"id", "fecha_evento", "saga_id", "orden"})
DE_SERIE = Estados()
Datos = dict[str, Any]
Voz = Callable[["Saga", Tipo, int, Datos], tuple[str | None, Datos]]


@dataclass(frozen=True, slots=True)
class Definicion:
    """A version of a saga type; a saga runs to its end on the version that it began with.

    `voz`, when the words of a system depend on more than the kind of event, gives the public word of
    an event that is about to happen (None: it is internal) and its data. A step that nobody may give up
    asks for attention after `atencion_tras` failures, and goes on. `limite_s` is the total deadline in
    seconds; without it a saga has the minutes of its start.
    """

    tipo: str
    version: int
    pasos: tuple[Paso, ...]
    estados: Estados = DE_SERIE
    palabras: Mapping[Tipo, str] = field(default_factory=lambda: PALABRAS)
    voz: Voz | None = None
    atencion_tras: int = 11
    limite_s: float | None = None

    def __post_init__(self) -> None:
        for regla, cumple in self._reglas():
            if not cumple:
                raise DefinicionInvalida(f"{self.tipo} v{self.version}: {regla}")

    def decir(self, saga: "Saga", tipo: Tipo, indice: int, datos: Datos) -> tuple[str | None, Datos]:
        """Return the public word and the data of an event."""
        if self.voz:
            return self.voz(saga, tipo, indice, datos)
        logrado = tipo is Tipo.PASO_LOGRADO
        palabra = self.pasos[indice].presentacion.evento if logrado else self.palabras.get(tipo)
        return palabra or None, datos

    @property
    def nombres(self) -> tuple[str, ...]:
        """The names of its steps and undos, and of their parts."""
        return tuple(nombre for paso in self.pasos for nombre in paso.nombres)

    def paso_de(self, nombre: str) -> tuple[int, int] | None:
        """Return the step, and the part of it, that a reply with this name answers; None for an undo's."""
        for indice, paso in enumerate(self.pasos):
            if paso.tipo == nombre:
                return indice, 0
            if paso.luego and (parte := parte_de(paso.tipo, nombre, paso.cuantas_partes)) is not None:
                return indice, parte
        return None

    @property
    def en_marcha(self) -> tuple[str, ...]:
        """The words of a saga on its way forward, each once."""
        de_pasos = (p for paso in self.pasos for p in (paso.presentacion.estado_pedido, paso.estado) if p)
        return tuple(dict.fromkeys((self.estados.iniciada, *de_pasos)))

    @property
    def todos_los_estados(self) -> tuple[str, ...]:
        """Every word for where a saga of it may stand: on its way, then its ends, then while it is undone."""
        return tuple(dict.fromkeys((*self.en_marcha, *self.estados.todos)))

    def _reglas(self) -> list[tuple[str, bool]]:
        clases = [p.clase for p in self.pasos]
        pivote = clases.index(Clase.PIVOTE) if Clase.PIVOTE in clases else len(clases)
        plazos = [p.plazo_s for p in self.pasos]
        return [
            ("necesita al menos un paso", bool(self.pasos)),
            (
                "los nombres de pasos y compensaciones deben ser distintos",
                len(set(self.nombres)) == len(self.nombres),
            ),
            ("un solo pivote como máximo", clases.count(Clase.PIVOTE) <= 1),
            (
                "todo paso anterior al pivote debe ser COMPENSABLE y tener compensación, o SIN_EFECTO",
                all(_reversible(p) for p in self.pasos[:pivote]),
            ),
            (
                "un paso SIN_EFECTO no tiene compensación",
                not any(p.clase is Clase.SIN_EFECTO and p.compensacion for p in self.pasos),
            ),
            (
                "un paso de varias partes, o compensación, o ninguna de ellas se deshace",
                all(p.compensacion or not any(parte.deshacer for parte in p.luego) for p in self.pasos),
            ),
            (
                "todo paso posterior al pivote debe ser REINTENTABLE",
                all(c is Clase.REINTENTABLE for c in clases[pivote + 1 :]),
            ),
            (
                f"los campos de un paso logrado no pueden ser {', '.join(sorted(DE_TODO_EVENTO))}",
                not any(DE_TODO_EVENTO.intersection(p.presentacion.campos) for p in self.pasos),
            ),
            ("los plazos deben ser positivos", all(plazo > 0 for plazo in plazos)),
            ("hacen falta intentos", all(p.politica.intentos >= 1 for p in self.pasos)),
            (
                "las palabras de un final no pueden decir otra cosa",
                not self.estados.ambiguas and set(self.en_marcha).isdisjoint(self.estados.finales),
            ),
            ("el plazo total debe ser positivo", self.limite_s is None or self.limite_s > 0),
        ]


def _reversible(paso: Paso) -> bool:
    return paso.clase is Clase.SIN_EFECTO or bool(paso.clase is Clase.COMPENSABLE and paso.compensacion)
