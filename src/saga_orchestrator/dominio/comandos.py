"""What goes between the engine and the participants: commands of steps and undos, and the replies to them."""

from dataclasses import dataclass
from typing import Any

from saga_orchestrator.dominio.paso import Parte, Paso, nombre_de_parte
from saga_orchestrator.dominio.saga import Saga


@dataclass(frozen=True, slots=True)
class ComandoDePaso:
    """A command for a participant, with the words that its reply comes back with.

    `paso` is the name of a part of a step or undo. `version` is that of the event that orders the command;
    no other command has it.
    """

    tema: str
    mensaje: object
    paso: str
    intento: int
    version: int


@dataclass(frozen=True, slots=True)
class Replica:
    """A participant's reply as the engine sees it; `intento` None for a foreign message.

    `incierto`: the failure is technical and may have had its effect all the same.
    """

    paso: str
    intento: int | None
    exito: bool
    resultado: dict[str, Any]
    error: str
    reintentable: bool
    incierto: bool = False


Comandos = list[ComandoDePaso]


def comando_de_paso(saga: Saga) -> ComandoDePaso:
    """Return the command of the step that is open, or of the part of it that is next."""
    actual = saga.memoria.actual
    paso, avance = saga.paso(actual), saga.memoria.pasos[actual]
    parte: Paso | Parte = paso.luego[avance.parte - 1] if avance.parte else paso
    mensaje = parte.comando(saga, saga.id_de(actual))
    nombre = nombre_de_parte(paso.tipo, avance.parte)
    return ComandoDePaso(parte.tema, mensaje, nombre, avance.intentos, saga.version)


def comando_de_compensacion(saga: Saga) -> ComandoDePaso:
    """Return the command of the undo that is open, or of the part of it that is next."""
    avance = saga.memoria.compensaciones[-1]
    paso, definida = saga.paso(avance.paso), saga.compensacion(-1)
    tema, construir = paso.tema_compensacion, definida.comando
    if avance.parte:
        parte = paso.partes[avance.parte]
        assert parte.deshacer is not None
        tema, construir = parte.tema, parte.deshacer
    mensaje = construir(saga, saga.id_de(avance.paso))
    nombre = nombre_de_parte(definida.tipo, avance.parte)
    return ComandoDePaso(tema, mensaje, nombre, avance.intentos, saga.version)
