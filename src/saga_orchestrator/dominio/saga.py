"""The saga: its state, and what follows from it; `efectos` has what each kind of event does to it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from saga_orchestrator.dominio.ajena import DefinicionAjena
from saga_orchestrator.dominio.definicion import Definicion, Tipo
from saga_orchestrator.dominio.efectos import aplicar
from saga_orchestrator.dominio.memoria import Avance, EventoSaga, Fase, Final, Memoria
from saga_orchestrator.dominio.paso import Compensacion, Paso


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
    def primer_final(self) -> Final | None:
        """How it ended the first time, whatever was undone since; None before."""
        memoria = self.memoria
        if memoria.primer_final or memoria.fecha_fin is None:
            return memoria.primer_final
        return Final(memoria.fecha_fin, self.tiene_exito)

    @property
    def tiene_exito(self) -> bool:
        """Whether it stands in the word of success, which means nothing else."""
        return self.memoria.estado == self.definicion.estados.completada

    @property
    def por_deshacer(self) -> list[int]:
        """The steps that may have had an effect and are not undone yet, in undo order."""
        hechas = {c.paso for c in self.memoria.compensaciones if c.exitoso}
        return [
            i
            for i in reversed(range(len(self.memoria.pasos)))
            if i not in hechas and self._tuvo_efecto(self.memoria.pasos[i]) and self.paso(i).compensacion
        ]

    @property
    def hay_que_deshacer(self) -> bool:
        """Whether anything would be undone if the saga failed now: the open step may have had an effect."""
        abierto = self.memoria.pasos[self.memoria.actual]
        en_duda = abierto.exitoso is None and abierto.intentos and self.paso(abierto.paso).compensacion
        return bool(en_duda or self.por_deshacer)

    @property
    def partes_de_compensacion(self) -> int:
        """How many parts the undo that is open may have."""
        return self.paso(self.memoria.compensaciones[-1].paso).cuantas_partes

    def parte_por_deshacer(self, paso: int) -> int:
        """Return the part of a step that is undone first: the last one that was asked and has an undo."""
        return self.parte_anterior(paso, self.memoria.pasos[paso].parte + 1)

    def parte_anterior(self, paso: int, parte: int) -> int:
        """Return the part that is undone after this one: the next one down that has an undo."""
        partes = self.paso(paso).partes
        return next((i for i in range(parte - 1, 0, -1) if partes[i].deshacer), 0)

    def _tuvo_efecto(self, avance: Avance) -> bool:
        return bool(avance.exitoso or avance.incierto or avance.parte)

    def aplicar(self, evento: object) -> None:
        assert isinstance(evento, EventoSaga)
        if self.memoria.fecha_fin is not None:
            self._recordar_el_final(evento)
        self.memoria.estado = evento.estado
        self.memoria.ultima_fecha = evento.fecha
        if evento.orden:
            self.memoria.publicos = evento.orden
        aplicar(self, evento)

    def _recordar_el_final(self, evento: EventoSaga) -> None:
        """Keep how it ended, now that something follows; a failure that an undo follows was no end."""
        if self.tiene_exito or evento.tipo is not Tipo.COMPENSACION_INICIADA:
            self.memoria.primer_final = self.primer_final

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
