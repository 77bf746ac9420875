"""The engine's two ears: a reply of a participant, and the clock. Given a fact, what the saga does; pure."""

from datetime import datetime, timedelta

from saga_orchestrator.dominio.adelante import ejecutado, responder_paso
from saga_orchestrator.dominio.atras import (
    exito_tardio,
    fallar,
    fallo_de_compensacion,
    fallo_tecnico,
    responder_compensacion,
)
from saga_orchestrator.dominio.comandos import (
    Comandos,
    Replica,
    comando_de_compensacion,
    comando_de_paso,
)
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.historia import registrar
from saga_orchestrator.dominio.memoria import Avance, Causa, Fase
from saga_orchestrator.dominio.paso import parte_de
from saga_orchestrator.dominio.saga import Saga

SIN_RESPUESTA = "Tiempo de espera agotado"
A_TIEMPO = timedelta(0)


def responder(saga: Saga, replica: Replica, ahora: datetime) -> Comandos:
    """Take a reply: close the open step or undo, retry it, or undo what came too late."""
    memoria = saga.memoria
    if (lugar := saga.definicion.paso_de(replica.paso)) is not None:
        indice, parte = lugar
        if memoria.fase is Fase.ADELANTE and indice == memoria.actual:
            return responder_paso(saga, parte, replica, ahora)
        return exito_tardio(saga, indice, replica, ahora)
    if memoria.fase is not Fase.ATRAS:
        return []
    deshecho = parte_de(saga.compensacion(-1).tipo, replica.paso, saga.partes_de_compensacion)
    return [] if deshecho is None else responder_compensacion(saga, deshecho, replica, ahora)


def vencer(saga: Saga, ahora: datetime, en_salida: bool, demora: timedelta = A_TIEMPO) -> Comandos:
    """Look at the clock: retry what is due, give up what is late. `en_salida`: the broker is away.

    A reply that came in time may lie unread for `demora`: only deadlines that are older count.
    """
    abierto = saga.abierto
    if abierto is None:
        return []
    leido = ahora - demora
    if saga.limite and saga.limite <= leido:
        return _agotar_total(saga, ahora)
    if saga.plazo and saga.plazo <= leido:
        return _agotar_plazo(saga, ahora, en_salida)
    if abierto.reintentar_en and abierto.reintentar_en <= ahora:
        return _reintentar(saga, abierto, ahora)
    return []


def _agotar_plazo(saga: Saga, ahora: datetime, en_salida: bool) -> Comandos:
    if en_salida:
        saga.aplazar(ahora)
        return []
    if saga.memoria.fase is Fase.ATRAS:
        return fallo_de_compensacion(saga, SIN_RESPUESTA, ahora)
    if saga.sin_vuelta:
        avance = saga.memoria.pasos[saga.memoria.actual]
        politica = saga.paso(avance.paso).politica
        fallo_tecnico(saga, avance, politica, SIN_RESPUESTA, ahora, incierto=True)
        return []
    ejecutado(saga, ahora, error=SIN_RESPUESTA, incierto=True)
    return fallar(saga, SIN_RESPUESTA, Causa.PLAZO, ahora)


def _reintentar(saga: Saga, abierto: Avance, ahora: datetime) -> Comandos:
    registrar(saga, Tipo.REINTENTADO, ahora, {"intento": abierto.intentos + 1}, indice=abierto.paso)
    adelante = saga.memoria.fase is Fase.ADELANTE
    return [comando_de_paso(saga) if adelante else comando_de_compensacion(saga)]


def _agotar_total(saga: Saga, ahora: datetime) -> Comandos:
    memoria = saga.memoria
    datos: dict[str, object] = {"timeout_minutos": memoria.timeout_minutos}
    limite = f"{memoria.timeout_minutos} minutos"
    if memoria.timeout_s is not None:
        datos["timeout_s"] = memoria.timeout_s
        limite = f"{memoria.timeout_s:g} segundos"
    registrar(saga, Tipo.TIEMPO_AGOTADO, ahora, datos)
    return fallar(saga, f"La SAGA superó los {limite}", Causa.TOTAL, ahora)
