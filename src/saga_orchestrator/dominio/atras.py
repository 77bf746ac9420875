"""The engine on the way back: a saga fails, and what its steps did is undone in reverse order."""

from datetime import datetime
from typing import Any
from uuid import uuid5

from saga_orchestrator.dominio.comandos import Comandos, Replica, comando_de_compensacion
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.historia import registrar
from saga_orchestrator.dominio.memoria import Avance, Causa, Fase
from saga_orchestrator.dominio.paso import Politica
from saga_orchestrator.dominio.saga import Saga


def fallar(saga: Saga, error: str, causa: Causa, ahora: datetime) -> Comandos:
    """Give the open step up, and begin to undo."""
    paso_fallido = saga.paso(saga.memoria.actual).tipo
    datos = {"error": error, "paso_fallido": paso_fallido, "causa": causa}
    estados = saga.definicion.estados
    estado = estados.fallando if estados.fallando and saga.hay_que_deshacer else estados.fallida
    registrar(saga, Tipo.FALLIDA, ahora, datos, estado=estado)
    return deshacer(saga, ahora)


def exito_tardio(saga: Saga, indice: int, replica: Replica, ahora: datetime) -> Comandos:
    """A success of a step that was given up has an effect: it is undone, whatever the saga did since."""
    avance = saga.memoria.pasos[indice]
    if not replica.exito or avance.exitoso or avance.incierto or avance.parte or not avance.intentos:
        return []
    registrar(saga, Tipo.EXITO_TARDIO, ahora, {"resultado": replica.resultado}, indice=indice)
    return deshacer(saga, ahora) if saga.memoria.fase is Fase.FIN else []


def responder_compensacion(saga: Saga, parte: int, replica: Replica, ahora: datetime) -> Comandos:
    """Take the reply to a part of the undo that is open: go on, try again, or ask for attention."""
    avance = saga.memoria.compensaciones[-1]
    if avance.exitoso or parte != avance.parte:
        return []
    if replica.exito:
        return compensado(saga, replica.resultado, ahora)
    if saga.memoria.requiere_atencion or avance.reintentar_en:
        return []
    if replica.intento is not None and replica.intento != avance.intentos:
        return []
    return fallo_de_compensacion(saga, replica.error or "La compensación falló", ahora)


def deshacer(saga: Saga, ahora: datetime) -> Comandos:
    """Begin the next undo, if anything is left to undo."""
    if not saga.por_deshacer:
        return []
    paso = saga.por_deshacer[0]
    numero = len(saga.memoria.compensaciones)
    datos: dict[str, Any] = {
        "paso_a_compensar": saga.paso(paso).tipo,
        "compensacion_id": str(uuid5(saga.id, f"compensacion:{numero}")),
        "indice_paso": paso,
    }
    if parte := saga.parte_por_deshacer(paso):
        datos["parte"] = parte
    estado = saga.definicion.estados.compensando
    registrar(saga, Tipo.COMPENSACION_INICIADA, ahora, datos, indice=numero, estado=estado)
    return [comando_de_compensacion(saga)]


def compensado(saga: Saga, resultado: dict[str, Any], ahora: datetime) -> Comandos:
    """Go on after a part of an undo was done or skipped: with its next part, the next undo, or the end."""
    indice = len(saga.memoria.compensaciones) - 1
    avance = saga.memoria.compensaciones[indice]
    resultado = {**(avance.resultado or {}), **resultado}
    if avance.parte:
        datos = {"parte": saga.parte_anterior(avance.paso, avance.parte), "resultado": resultado}
        estado = saga.definicion.estados.compensando
        registrar(saga, Tipo.PARTE_DESHECHA, ahora, datos, indice=indice, estado=estado)
        return [comando_de_compensacion(saga)]
    ejecutada = _datos_compensacion(saga, avance) | {"resultado": resultado}
    registrar(saga, Tipo.COMPENSACION_EJECUTADA, ahora, ejecutada, indice=indice)
    estados = saga.definicion.estados
    estado = estados.compensando if saga.por_deshacer else estados.compensada
    completada = {"compensacion_id": str(avance.id), "resultado": resultado}
    registrar(saga, Tipo.COMPENSACION_COMPLETADA, ahora, completada, indice=indice, estado=estado)
    return deshacer(saga, ahora)


def fallo_de_compensacion(saga: Saga, error: str, ahora: datetime) -> Comandos:
    """Try the undo again later, or ask for attention when its attempts are used up."""
    indice = len(saga.memoria.compensaciones) - 1
    avance = saga.memoria.compensaciones[indice]
    politica = saga.compensacion(indice).politica
    if avance.intentos < politica.intentos:
        fallo_tecnico(saga, avance, politica, error, ahora)
        return []
    datos = {"compensacion_id": str(avance.id), "error": error}
    estado = saga.definicion.estados.atascada
    registrar(saga, Tipo.COMPENSACION_FALLIDA, ahora, datos, indice=indice, estado=estado)
    return []


def fallo_tecnico(
    saga: Saga, avance: Avance, politica: Politica, error: str, ahora: datetime, *, incierto: bool = False
) -> None:
    """Record that an attempt of a step or undo failed, and when the next one is due."""
    espera = politica.espera(avance.intentos, saga.id.int % 1_000 / 1_000)
    datos: dict[str, Any] = {"error": error, "intento": avance.intentos, "espera_s": espera}
    if incierto:
        datos["incierto"] = True
    if saga.sin_vuelta and avance.intentos >= saga.definicion.atencion_tras:
        datos["atencion"] = True
    registrar(saga, Tipo.FALLO_TECNICO, ahora, datos, indice=avance.paso)


def _datos_compensacion(saga: Saga, avance: Avance) -> dict[str, Any]:
    paso = saga.paso(avance.paso)
    assert paso.compensacion is not None
    return {
        "compensacion_id": str(avance.id),
        "tipo_compensacion": paso.compensacion.tipo,
        "datos": {"paso": paso.tipo, "id": str(saga.id_de(avance.paso))},
    }
