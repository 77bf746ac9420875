"""The test language of sagas: facts in, what the real engine asks for and records out; no database."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.finales import ASIENTAN
from saga_orchestrator.dominio import adelante, comandos, reacciones
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.memoria import EventoSaga, Fase
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.campanas.definicion import crear_campana_completa
from tests.datos import cuerpo_de_saga

SAGA = UUID("0190a5a0-0000-7000-8000-000000000001")
DEFINICION = crear_campana_completa(Ajustes())


class Escenario:
    """One saga on a virtual clock; each method returns the scenario, so that a test reads as a story."""

    def __init__(
        self,
        definicion: Definicion = DEFINICION,
        timeout_minutos: int = 30,
        datos: dict[str, Any] | None = None,
    ) -> None:
        self.ahora = datetime(2026, 1, 1, tzinfo=UTC)
        self.saga = Saga(SAGA)
        self.antes = (0, False)
        self.ultimas = adelante.iniciar(
            self.saga,
            definicion,
            datos or cuerpo_de_saga("ref"),
            timeout_minutos,
            "correlacion",
            self.ahora,
        )

    # Facts

    def exito(self, paso: str, intento: int | None = None, **resultado: Any) -> "Escenario":
        """A participant did what it was asked."""
        return self._responde(paso, intento, True, resultado or {"id": "x", "estado": "BIEN"}, "", False)

    def rechazo(self, paso: str, error: str, intento: int | None = None) -> "Escenario":
        """A participant refuses for good."""
        return self._responde(paso, intento, False, {}, error, False)

    def averia(self, paso: str, intento: int | None = None, *, incierta: bool = False) -> "Escenario":
        """A participant reports a technical failure, which may have had its effect all the same."""
        return self._responde(paso, intento, False, {}, "avería", True, incierta)

    def pasan(self, segundos: float, *, en_salida: bool = False, demora_s: float = 0) -> "Escenario":
        """Time goes by, and the saga's wake-up rings, while replies may be so late."""
        self.ahora += timedelta(seconds=segundos)
        self.antes = (len(self.eventos), self.asentada)
        self.ultimas = reacciones.vencer(self.saga, self.ahora, en_salida, timedelta(seconds=demora_s))
        return self

    # What must hold

    def pide(self, *pasos: str) -> "Escenario":
        """The last fact made the engine send exactly these commands."""
        assert [o.paso for o in self.ultimas] == list(pasos)
        return self

    def en(self, estado: str) -> "Escenario":
        """The saga stands there."""
        assert self.saga.memoria.estado == estado
        return self

    def publica(self, *palabras: str) -> "Escenario":
        """These are all its public events, in order, numbered without a gap."""
        publicos = [e for e in self.eventos if e.orden]
        assert [e.palabra for e in publicos] == list(palabras)
        assert [e.orden for e in publicos] == list(range(1, len(publicos) + 1))
        return self

    def pide_atencion(self) -> "Escenario":
        """It is stuck: it wakes up no more by itself."""
        assert self.saga.memoria.requiere_atencion
        assert self.saga.despertar is None
        return self

    def coherente(self) -> "Escenario":
        """Folding its events gives the same saga, and it has a wake-up exactly when it waits for one.

        Whoever waits for it is told when the last fact settled it, and not before.
        """
        otra = Saga(SAGA)
        otra.definicion = self.saga.definicion
        otra.reproducir(list(self.eventos))
        assert asdict(otra.memoria) == asdict(self.saga.memoria)
        memoria = self.saga.memoria
        atascada = memoria.fase is Fase.ATRAS and memoria.requiere_atencion
        espera = memoria.fase is not Fase.FIN and not atascada
        assert (self.saga.despertar is not None) is espera
        cuantos, antes = self.antes
        avisa = [e.tipo in ASIENTAN for e in self.eventos[cuantos:]][-1:] == [True]
        assert self.asentada if avisa else self.asentada <= antes
        return self

    @property
    def asentada(self) -> bool:
        """Whether it has ended, or its undo is left to an operator."""
        memoria = self.saga.memoria
        return memoria.fase is Fase.FIN or (memoria.fase is Fase.ATRAS and memoria.requiere_atencion)

    @property
    def eventos(self) -> list[EventoSaga]:
        """All events, internal ones included."""
        return [e for e in self.saga.pendientes if isinstance(e, EventoSaga)]

    @property
    def deshechos(self) -> list[str]:
        """The undos begun, in order."""
        return [self.saga.compensacion(i).tipo for i in range(len(self.saga.memoria.compensaciones))]

    def _responde(
        self,
        paso: str,
        intento: int | None,
        exito: bool,
        resultado: dict[str, Any],
        error: str,
        otra_vez: bool,
        incierta: bool = False,
    ) -> "Escenario":
        self.antes = (len(self.eventos), self.asentada)
        replica = comandos.Replica(paso, intento, exito, resultado, error, otra_vez, incierta)
        self.ultimas = reacciones.responder(self.saga, replica, self.ahora)
        return self
