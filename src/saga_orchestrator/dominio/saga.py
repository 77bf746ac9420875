"""The saga: its state, and how each of its events changes it; `motor` decides which come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.derivados import id_de_paso
from aeropartners.seedwork.dominio.evento import evento
from saga_orchestrator.dominio.ajena import DefinicionAjena
from saga_orchestrator.dominio.definicion import Compensacion, Definicion, Paso, Tipo


class Fase(StrEnum):
    """Which way a saga walks."""

    ADELANTE = "ADELANTE"
    ATRAS = "ATRAS"
    FIN = "FIN"


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
    """How far a step or an undo is: attempts, outcome, deadline of the whole and time of the next try."""

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


@dataclass(slots=True)
class Memoria:
    """The whole state of a saga but its initial data: what its row keeps between two messages."""

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
    correlacion_id: str = ""
    ultima_fecha: datetime | None = None


class Saga(Agregado):
    """One business transaction. Its events are the truth; `memoria` is what they add up to."""

    tipo: ClassVar[str] = "saga"
    eventos: ClassVar[tuple[type[object], ...]] = (EventoSaga,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.definicion: Definicion
        self.datos_iniciales: dict[str, Any] = {}
        self.memoria = Memoria()
        self.pasos_tocados: set[int] = set()
        self.compensaciones_tocadas: set[int] = set()
        self.compensaciones_guardadas = 0
        self.revisar_en: datetime | None = None
        self.revisada = False
        self.plazo_desde: datetime | None = None
        self.aplazada = False

    @property
    def es_ajena(self) -> bool:
        """Whether this process can only look at it: another release began it, or its row cannot be read."""
        return isinstance(self.definicion, DefinicionAjena)

    @property
    def sucio(self) -> bool:
        """A wake-up that changed nothing still sets its clock again."""
        return self.revisada or super().sucio

    def id_de(self, paso: int) -> UUID:
        """The id of what a step creates: chosen here, so that a repeated command meets the same stream."""
        return id_de_paso(self.id, self.definicion.pasos[paso].tipo)

    def paso(self, indice: int) -> Paso:
        """The definition of a step."""
        return self.definicion.pasos[indice]

    def compensacion(self, indice: int) -> Compensacion:
        """The definition of an undo, by its position among the undos of this saga."""
        definida = self.paso(self.memoria.compensaciones[indice].paso).compensacion
        assert definida is not None
        return definida

    @property
    def abierto(self) -> Avance | None:
        """The step or undo that is under way, if any."""
        memoria = self.memoria
        if memoria.fase is Fase.ADELANTE:
            return memoria.pasos[memoria.actual]
        if memoria.fase is Fase.ATRAS and not memoria.requiere_atencion:
            return memoria.compensaciones[-1]
        return None

    @property
    def plazo(self) -> datetime | None:
        """The deadline of what is open: it does not run while its command cannot leave.

        `plazo_desde`, when it is set, is when a command left that had waited, or was seen to wait: no
        event of the saga, so it is kept beside its memory.
        """
        plazo = abierto.plazo if (abierto := self.abierto) else None
        if plazo is None or self.plazo_desde is None or self.es_ajena:
            return plazo
        return max(plazo, self.plazo_desde + timedelta(seconds=self.plazo_s))

    @property
    def plazo_s(self) -> float:
        """How long the step or undo that is open may take, in seconds."""
        atras = self.memoria.fase is Fase.ATRAS
        return self.compensacion(-1).plazo_s if atras else self.paso(self.memoria.actual).plazo_s

    def aplazar(self, ahora: datetime) -> None:
        """Have the deadline of what is open run from now."""
        self.plazo_desde, self.aplazada = ahora, True

    @property
    def sin_vuelta(self) -> bool:
        """Whether the open step is one that nobody may give up."""
        memoria = self.memoria
        return memoria.fase is Fase.ADELANTE and self.paso(memoria.actual).sin_vuelta

    @property
    def limite(self) -> datetime | None:
        """The total deadline, while there is something that it may stop."""
        return self.memoria.vence if self.memoria.fase is Fase.ADELANTE and not self.sin_vuelta else None

    @property
    def despertar(self) -> datetime | None:
        """The next moment at which the saga must be looked at; None when it waits for nobody."""
        abierto = self.abierto
        if abierto is None:
            return None
        return min(m for m in (self.plazo, abierto.reintentar_en, self.limite) if m is not None)

    @property
    def reintento(self) -> datetime | None:
        """The next try of what failed, if one is due some time: it waits for no reply."""
        return abierto.reintentar_en if (abierto := self.abierto) else None

    @property
    def por_deshacer(self) -> list[int]:
        """The steps that may have had an effect and are not undone yet, in undo order."""
        hechas = {c.paso for c in self.memoria.compensaciones if c.exitoso}
        return [
            i
            for i in reversed(range(len(self.memoria.pasos)))
            if i not in hechas
            and (self.memoria.pasos[i].exitoso or self.memoria.pasos[i].incierto)
            and self.paso(i).compensacion
        ]

    def aplicar(self, evento: object) -> None:
        assert isinstance(evento, EventoSaga)
        self.memoria.estado = evento.estado
        self.memoria.ultima_fecha = evento.fecha
        if evento.orden:
            self.memoria.publicos = evento.orden
        _APLICAR[evento.tipo](self, evento)

    def pedir(self, indice: int, fecha: datetime) -> None:
        """Open a step: its first attempt is on its way and its deadline runs."""
        avance = self.memoria.pasos[indice]
        avance.intentos = 1
        avance.solicitado_en = fecha
        avance.plazo = fecha + timedelta(seconds=self.paso(indice).plazo_s)
        inicial = self.paso(indice).presentacion.resultado_inicial
        avance.resultado = dict(inicial) if inicial else None
        self.memoria.actual = indice
        self.pasos_tocados.add(indice)

    def tocar(self, avance: Avance) -> None:
        """Remember that the row of a step or undo must be written."""
        if avance in self.memoria.compensaciones:
            self.compensaciones_tocadas.add(self.memoria.compensaciones.index(avance))
        else:
            self.pasos_tocados.add(avance.paso)


def _iniciada(saga: Saga, evento: EventoSaga) -> None:
    memoria, datos = saga.memoria, evento.datos
    saga.datos_iniciales = datos["datos_iniciales"]
    memoria.timeout_minutos = datos["timeout_minutos"]
    memoria.correlacion_id = datos["correlation_id"]
    memoria.fecha_inicio = evento.fecha
    memoria.vence = evento.fecha + timedelta(minutes=memoria.timeout_minutos)
    memoria.pasos = [Avance(uuid5(saga.id, f"paso:{i}"), i) for i in range(len(saga.definicion.pasos))]
    saga.pedir(0, evento.fecha)


def _paso_ejecutado(saga: Saga, evento: EventoSaga) -> None:
    avance = saga.memoria.pasos[evento.indice]
    _cerrar(avance, evento)
    saga.memoria.requiere_atencion = False
    avance.incierto = bool(evento.datos.get("incierto"))
    saga.tocar(avance)


def _paso_logrado(saga: Saga, evento: EventoSaga) -> None:
    if (siguiente := evento.indice + 1) < len(saga.definicion.pasos):
        saga.pedir(siguiente, evento.fecha)


def _completada(saga: Saga, evento: EventoSaga) -> None:
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha


def _fallida(saga: Saga, evento: EventoSaga) -> None:
    saga.memoria.error = evento.datos["error"]
    abierto = saga.memoria.pasos[saga.memoria.actual]
    if abierto.exitoso is None and abierto.intentos:
        abierto.incierto = True
        saga.tocar(abierto)
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha


def _compensacion_iniciada(saga: Saga, evento: EventoSaga) -> None:
    memoria = saga.memoria
    memoria.fase, memoria.fecha_fin = Fase.ATRAS, None
    avance = Avance(UUID(str(evento.datos["compensacion_id"])), int(evento.datos["indice_paso"]), intentos=1)
    memoria.compensaciones.append(avance)
    _abrir(saga, avance, evento)


def _compensacion_ejecutada(saga: Saga, evento: EventoSaga) -> None:
    avance = saga.memoria.compensaciones[evento.indice]
    _cerrar(avance, evento)
    saga.tocar(avance)


def _compensacion_completada(saga: Saga, evento: EventoSaga) -> None:
    saga.memoria.requiere_atencion = False
    if not saga.por_deshacer:
        saga.memoria.fase = Fase.FIN
        saga.memoria.fecha_fin = evento.fecha


def _compensacion_fallida(saga: Saga, evento: EventoSaga) -> None:
    avance = saga.memoria.compensaciones[evento.indice]
    avance.exitoso, avance.error, avance.fecha_fin = False, evento.datos["error"], evento.fecha
    avance.plazo = avance.reintentar_en = None
    saga.memoria.requiere_atencion = True
    saga.tocar(avance)


def _fallo_tecnico(saga: Saga, evento: EventoSaga) -> None:
    avance = saga.abierto
    assert avance is not None
    avance.error = evento.datos["error"]
    avance.reintentar_en = evento.fecha + timedelta(seconds=evento.datos["espera_s"])
    avance.incierto = avance.incierto or bool(evento.datos.get("incierto"))
    if saga.memoria.fase is Fase.ATRAS or saga.sin_vuelta:
        # Where nothing is given up the deadline is each attempt's: the next one brings its own.
        avance.plazo = None
    if evento.datos.get("atencion"):
        saga.memoria.requiere_atencion = True
    saga.tocar(avance)


def _reintentado(saga: Saga, evento: EventoSaga) -> None:
    memoria = saga.memoria
    atras = memoria.fase is Fase.ATRAS
    avance = memoria.compensaciones[-1] if atras else memoria.pasos[memoria.actual]
    if atras:
        memoria.requiere_atencion = False
    avance.intentos = evento.datos["intento"]
    avance.reintentar_en = avance.error = avance.exitoso = avance.fecha_fin = None
    if atras:
        _abrir(saga, avance, evento)
    elif saga.sin_vuelta:
        avance.plazo = evento.fecha + timedelta(seconds=saga.paso(avance.paso).plazo_s)
    saga.tocar(avance)


def _plazo_movido(saga: Saga, evento: EventoSaga) -> None:
    """What moved deadlines once said; no saga says it any more."""
    avance = saga.abierto
    assert avance is not None
    avance.plazo = evento.fecha + timedelta(seconds=evento.datos["plazo_s"])
    saga.tocar(avance)


def _exito_tardio(saga: Saga, evento: EventoSaga) -> None:
    avance = saga.memoria.pasos[evento.indice]
    avance.incierto = True
    avance.resultado = evento.datos["resultado"]
    saga.tocar(avance)


def _cerrada(saga: Saga, evento: EventoSaga) -> None:
    saga.memoria.requiere_atencion = False
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha
    saga.memoria.error = f"{saga.memoria.error}; cerrada: {evento.datos['motivo']}"


def _sin_efecto(_saga: Saga, _evento: EventoSaga) -> None:
    """An event that only records."""


def _cerrar(avance: Avance, evento: EventoSaga) -> None:
    avance.error = evento.datos.get("error")
    avance.exitoso = avance.error is None
    avance.resultado = evento.datos.get("resultado")
    avance.fecha_fin = evento.fecha
    avance.plazo = avance.reintentar_en = None


def _abrir(saga: Saga, avance: Avance, evento: EventoSaga) -> None:
    definida = saga.paso(avance.paso).compensacion
    assert definida is not None
    avance.solicitado_en = avance.solicitado_en or evento.fecha
    avance.plazo = evento.fecha + timedelta(seconds=definida.plazo_s)
    saga.tocar(avance)


_APLICAR = {
    Tipo.INICIADA: _iniciada,
    Tipo.PASO_PEDIDO: _sin_efecto,
    Tipo.PASO_EJECUTADO: _paso_ejecutado,
    Tipo.PASO_LOGRADO: _paso_logrado,
    Tipo.COMPLETADA: _completada,
    Tipo.FALLIDA: _fallida,
    Tipo.COMPENSACION_INICIADA: _compensacion_iniciada,
    Tipo.COMPENSACION_EJECUTADA: _compensacion_ejecutada,
    Tipo.COMPENSACION_COMPLETADA: _compensacion_completada,
    Tipo.COMPENSACION_FALLIDA: _compensacion_fallida,
    Tipo.TIEMPO_AGOTADO: _sin_efecto,
    Tipo.FALLO_TECNICO: _fallo_tecnico,
    Tipo.REINTENTADO: _reintentado,
    Tipo.PLAZO_MOVIDO: _plazo_movido,
    Tipo.EXITO_TARDIO: _exito_tardio,
    Tipo.ORDEN_OPERADOR: _sin_efecto,
    Tipo.CERRADA: _cerrada,
}
