"""Participants that do what a script says, with the machine that real modules stand on."""

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
from aeropartners.simulacion.correo import ESPERA, TEMA_TARDIAS
from aeropartners.simulacion.guion import Acto, Desenlace, Encomienda, Guion, id_de_parte
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Comandar, Compensacion, Parte, Paso, nombre_de_parte
from saga_orchestrator.dominio.saga import Saga

NOMBRE = "participante"
TEMA = "comandos-participante"


@mensaje("Encargo", 1)
@dataclass(frozen=True, slots=True)
class Encargo:
    """Do the work of a step, or undo it; `pedido` is the user's own command, for whoever reads the story."""

    id: UUID
    paso: str
    plazo_s: float
    deshace: bool = False
    reversible: bool = True
    pedido: str = ""


@evento("EncargoAtendido", 1)
@dataclass(frozen=True, slots=True)
class EncargoAtendido:
    """A message was handled: each one leaves exactly one of these."""

    mensaje: UUID
    fecha: datetime


@evento("TrabajoHecho", 1)
@dataclass(frozen=True, slots=True)
class TrabajoHecho:
    """The effect of the step."""


@evento("TrabajoDeshecho", 1)
@dataclass(frozen=True, slots=True)
class TrabajoDeshecho:
    """The effect is undone, and will not be there again."""


class Trabajo(Agregado):
    """The work of one step of one saga."""

    tipo: ClassVar[str] = "trabajo"
    eventos: ClassVar[tuple[type[object], ...]] = (EncargoAtendido, TrabajoHecho, TrabajoDeshecho)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.hecho = False
        self.deshecho = False

    def atender(self, mensaje: UUID, fecha: datetime) -> None:
        """Note that a message was handled."""
        self.registrar(EncargoAtendido(mensaje, fecha))

    def hacer(self) -> None:
        """Do it once."""
        if not self.hecho:
            self.registrar(TrabajoHecho())

    def deshacer(self) -> None:
        """Undo it, or leave the mark that refuses the command, should it come."""
        if not self.deshecho:
            self.registrar(TrabajoDeshecho())

    def aplicar(self, evento: object) -> None:
        match evento:
            case TrabajoHecho():
                self.hecho = True
            case TrabajoDeshecho():
                self.deshecho = True


class Participante:
    """Handles every step of a definition by the script; `al_actuar` hears what it does."""

    def __init__(self, guion: Guion, al_actuar: Callable[[Encomienda, Acto], None]) -> None:
        self._guion = guion
        self._al_actuar = al_actuar

    def atender(self, encargo: Encargo, contexto: Contexto) -> Decision:
        """Do what the script says of this attempt; a command after its undo is refused."""
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
        """Return the table."""
        return Modulo(
            nombre=NOMBRE,
            suscripcion=NOMBRE,
            temas=(TEMA,),
            tema_muertos=f"dlq-{NOMBRE}",
            manejadores=(Manejador(Encargo, self.atender, _flujo),),
            agregados=(Trabajo,),
        )


def persistencia() -> AlmacenEventos:
    """Return how the work is stored: by its events alone."""
    return AlmacenEventos((Trabajo,), {})


def ensayable(definicion: Definicion) -> Definicion:
    """Return the definition with its commands, which are made all the same, sent to the participant."""
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
    """The user's command must be one that can be sent."""
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
