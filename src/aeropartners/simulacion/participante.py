"""Simulated participants: a module that does what a script says, over the same loops as real modules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from aeropartners.contratos.saga import TEMA_RESPUESTAS
from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador, Modulo
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.simulacion.broker_simulado import ESPERA, TEMA_TARDIAS
from aeropartners.simulacion.guion import Acto, Desenlace, Encomienda, Guion, id_de_parte
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Comandar, Compensacion, Parte, Paso, nombre_de_parte
from saga_orchestrator.dominio.saga import Saga

NOMBRE = "participante"
TEMA = "comandos-participante"


@mensaje("Encargo", 1)
@dataclass(frozen=True, slots=True)
class Encargo:
    """The command of a simulated step or undo; `pedido` names the definition's own command in the story."""

    id: UUID
    paso: str
    plazo_s: float
    deshace: bool = False
    reversible: bool = True
    pedido: str = ""


@evento("EncargoAtendido", 1)
@dataclass(frozen=True, slots=True)
class EncargoAtendido:
    """A message was handled; each handled message leaves exactly one of these events."""

    mensaje: UUID
    fecha: datetime


@evento("TrabajoHecho", 1)
@dataclass(frozen=True, slots=True)
class TrabajoHecho:
    """The effect of a step."""


@evento("TrabajoDeshecho", 1)
@dataclass(frozen=True, slots=True)
class TrabajoDeshecho:
    """The effect was undone, or forbidden before it existed."""


class Trabajo(Agregado):
    """The work of one step of a saga."""

    tipo: ClassVar[str] = "trabajo"
    eventos: ClassVar[tuple[type[object], ...]] = (EncargoAtendido, TrabajoHecho, TrabajoDeshecho)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.hecho = False
        self.deshecho = False

    def atender(self, mensaje: UUID, fecha: datetime) -> None:
        """Record that a message was handled."""
        self.registrar(EncargoAtendido(mensaje, fecha))

    def hacer(self) -> None:
        """Do the work; a second call does nothing."""
        if not self.hecho:
            self.registrar(TrabajoHecho())

    def deshacer(self) -> None:
        """Undo the work; without any work, leave the mark by which a later command is refused."""
        if not self.deshecho:
            self.registrar(TrabajoDeshecho())

    def aplicar(self, evento: object) -> None:
        match evento:
            case TrabajoHecho():
                self.hecho = True
            case TrabajoDeshecho():
                self.deshecho = True


class Participante:
    """Handles every step of a definition by the script; `al_actuar` is called with each act."""

    def __init__(self, guion: Guion, al_actuar: Callable[[Encomienda, Acto], None]) -> None:
        self._guion = guion
        self._al_actuar = al_actuar

    def atender(self, encargo: Encargo, contexto: Contexto) -> Decision:
        """Do what the script says of this attempt; refuse a command that comes after its undo."""
        sobre = contexto.sobre
        assert sobre.saga_id is not None
        pedida = Encomienda(
            sobre.saga_id, encargo.paso, sobre.intento, encargo.plazo_s, encargo.deshace, encargo.reversible
        )
        trabajo = contexto.flujo(Trabajo, encargo.id)
        trabajo.atender(sobre.id, contexto.ahora)
        if trabajo.deshecho and not encargo.deshace:
            return Decision(respuesta=Respuesta(exito=False, codigo="ANULADO", error="Se anuló antes"))
        acto = self._guion.acto(pedida)
        if acto.efecto:
            trabajo.deshacer() if encargo.deshace else trabajo.hacer()
        self._al_actuar(pedida, acto)
        return _contestar(acto, encargo, contexto)

    def modulo(self) -> Modulo:
        """Return the participant's module."""
        return Modulo(
            nombre=NOMBRE,
            suscripcion=NOMBRE,
            temas=(TEMA,),
            tema_muertos=f"dlq-{NOMBRE}",
            manejadores=(Manejador(Encargo, self.atender, _flujo),),
            agregados=(Trabajo,),
        )


def persistencia() -> AlmacenEventos:
    """Return the store of the works: their events, without a read table."""
    return AlmacenEventos((Trabajo,), {})


def ensayable(definicion: Definicion) -> Definicion:
    """Return the definition with all commands sent to the simulated participant.

    The definition's own commands are still made and encoded, so that their errors are found.
    """
    return replace(definicion, pasos=tuple(_ensayable(paso) for paso in definicion.pasos))


def _ensayable(paso: Paso) -> Paso:
    undo = paso.compensacion
    return replace(
        paso,
        tema=TEMA,
        comando=_encargar(paso, 0),
        compensacion=undo and replace(undo, tema=TEMA, comando=_desencargar(paso, undo, undo.comando, 0)),
        luego=tuple(
            Parte(
                TEMA,
                _encargar(paso, i),
                _desencargar(paso, undo, parte.deshacer, i) if undo and parte.deshacer else None,
            )
            for i, parte in enumerate(paso.luego, 1)
        ),
    )


def _encargar(paso: Paso, parte: int) -> Comandar:
    """Return what asks the participant for a part of a step: each part is a work of its own."""
    suya = paso.partes[parte]
    deshacer = suya.deshacer if parte else paso.compensacion
    nombre = nombre_de_parte(paso.tipo, parte)

    def comando(saga: Saga, id: UUID) -> object:
        pedido = _pedido(suya.comando(saga, id), suya.tema)
        encargo = id_de_parte(id, parte)
        return Encargo(encargo, nombre, paso.plazo_s, reversible=deshacer is not None, pedido=pedido)

    return comando


def _desencargar(paso: Paso, undo: Compensacion, construir: Comandar, parte: int) -> Comandar:
    nombre = nombre_de_parte(undo.tipo, parte)

    def comando(saga: Saga, id: UUID) -> object:
        pedido = _pedido(construir(saga, id), paso.partes[parte].tema)
        return Encargo(id_de_parte(id, parte), nombre, undo.plazo_s, deshace=True, pedido=pedido)

    return comando


def _pedido(mensaje: object, tema: str) -> str:
    """Return a command's name and topic; raises if the command cannot be encoded."""
    codificar(mensaje)
    return f"{type(mensaje).__name__} a {tema}"


def _contestar(acto: Acto, encargo: Encargo, contexto: Contexto) -> Decision:
    respuestas: Mapping[Desenlace, Respuesta] = {
        Desenlace.EXITO: Respuesta(exito=True, resultado={"id": str(encargo.id)}),
        Desenlace.RECHAZO: Respuesta(exito=False, codigo="RECHAZO", error="No puede ser"),
        Desenlace.AVERIA: Respuesta(exito=False, codigo="AVERIA", error="Ahora no", reintentable=True),
        Desenlace.DUDA: Respuesta(
            exito=False, codigo="DUDA", error="No se sabe", reintentable=True, incierto=True
        ),
    }
    respuesta = respuestas.get(acto.desenlace)
    tardias = [(s, respuesta) for s in (acto.espera_s, acto.otra_s) if s and respuesta]
    if acto.tarde_s:
        tardias.append((acto.tarde_s, respuestas[Desenlace.EXITO]))
    return Decision(
        respuesta=None if acto.espera_s else respuesta,
        envios=[_tardia(*tardia, contexto) for tardia in tardias],
    )


def _tardia(segundos: float, respuesta: Respuesta, contexto: Contexto) -> Envio:
    saga = contexto.sobre.saga_id
    assert saga is not None
    envio = contexto.comando(TEMA_RESPUESTAS, respuesta, saga)
    return msgspec.structs.replace(envio, tema=TEMA_TARDIAS, propiedades={ESPERA: str(segundos)})


def _flujo(encargo: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (encargo.id,)
