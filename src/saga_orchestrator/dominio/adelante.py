"""The engine on the way forward: a saga begins, its steps are asked, answered, tried again and completed."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

from saga_orchestrator.dominio.atras import fallar, fallo_tecnico
from saga_orchestrator.dominio.comandos import ComandoDePaso, Comandos, Replica, comando_de_paso
from saga_orchestrator.dominio.definicion import Definicion, Tipo
from saga_orchestrator.dominio.historia import registrar
from saga_orchestrator.dominio.memoria import Causa
from saga_orchestrator.dominio.saga import Saga


def iniciar(
    saga: Saga,
    definicion: Definicion,
    datos: dict[str, Any],
    timeout_minutos: int,
    correlacion_id: str,
    ahora: datetime,
) -> Comandos:
    """Begin: the first step is asked. The definition's total deadline goes before the one of the start."""
    saga.definicion = definicion
    if definicion.limite_s is not None:
        timeout_minutos = ceil(definicion.limite_s / 60)
    datos_evento: dict[str, Any] = {
        "tipo": definicion.tipo,
        "datos_iniciales": datos,
        "timeout_minutos": timeout_minutos,
        "correlation_id": correlacion_id,
        "definicion": definicion.version,
    }
    if definicion.limite_s is not None:
        datos_evento["timeout_s"] = definicion.limite_s
    registrar(saga, Tipo.INICIADA, ahora, datos_evento, estado=definicion.estados.iniciada)
    return [pedir(saga, ahora)]


def responder_paso(saga: Saga, parte: int, replica: Replica, ahora: datetime) -> Comandos:
    """Take the reply to a part of the step that is open: go on, try again, or fail."""
    avance = saga.memoria.pasos[saga.memoria.actual]
    if parte != avance.parte:
        return []
    if replica.exito:
        return _lograr_parte(saga, replica.resultado, ahora)
    if avance.reintentar_en or (replica.intento is not None and replica.intento != avance.intentos):
        return []
    paso = saga.paso(avance.paso)
    incierto = replica.reintentable and (replica.incierto or avance.incierto)
    quedan = avance.intentos < paso.politica.intentos or paso.firme or (incierto and paso.sin_vuelta)
    if (replica.reintentable or paso.firme) and quedan:
        _dar_tiempo(saga, ahora)
        fallo_tecnico(saga, avance, paso.politica, replica.error, ahora, incierto=incierto)
        return []
    error = replica.error or "El paso falló"
    ejecutado(saga, ahora, error=error, resultado=replica.resultado or None, incierto=incierto)
    causa = Causa.INTENTOS if replica.reintentable else Causa.RECHAZO
    return fallar(saga, replica.error, causa, ahora)


def _lograr_parte(saga: Saga, resultado: dict[str, Any], ahora: datetime) -> Comandos:
    """Ask the next part of the step, or close the step with what all its parts brought."""
    actual = saga.memoria.actual
    avance = saga.memoria.pasos[actual]
    if avance.parte + 1 < saga.paso(actual).cuantas_partes:
        _dar_tiempo(saga, ahora)
        datos = {"parte": avance.parte + 1, "resultado": resultado}
        registrar(saga, Tipo.PARTE_LOGRADA, ahora, datos, indice=actual)
        return [comando_de_paso(saga)]
    if avance.parte:
        resultado = {**(avance.resultado or {}), **resultado}
    ejecutado(saga, ahora, resultado=resultado)
    return _lograr(saga, resultado, ahora)


def _dar_tiempo(saga: Saga, ahora: datetime) -> None:
    """Give the open step its whole time again, if its deadline is past.

    The reply came in time and was read late, for an outage of ours: what is asked next must not pay for it.
    """
    if saga.plazo and saga.plazo <= ahora:
        saga.aplazar(ahora)


def _lograr(saga: Saga, resultado: Mapping[str, Any], ahora: datetime) -> Comandos:
    actual = saga.memoria.actual
    paso = saga.paso(actual)
    campo_id, campo_datos = paso.presentacion.campos
    id = paso.presentacion.identificador(resultado)
    datos = {campo_id: id, campo_datos: dict(resultado)}
    registrar(saga, Tipo.PASO_LOGRADO, ahora, datos, indice=actual, estado=paso.estado)
    if actual + 1 < len(saga.definicion.pasos):
        return [pedir(saga, ahora)]
    final = {saga.paso(a.paso).tipo: a.resultado for a in saga.memoria.pasos}
    registrar(
        saga, Tipo.COMPLETADA, ahora, {"resultado_final": final}, estado=saga.definicion.estados.completada
    )
    return []


def ejecutado(
    saga: Saga,
    ahora: datetime,
    *,
    resultado: dict[str, Any] | None = None,
    error: str | None = None,
    incierto: bool = False,
) -> None:
    """Record how the open step ended."""
    indice = saga.memoria.actual
    paso = saga.paso(indice)
    datos: dict[str, Any] = {
        "paso_id": str(saga.memoria.pasos[indice].id),
        "tipo_paso": paso.tipo,
        "datos": paso.presentacion.datos(saga.datos_iniciales),
    }
    if resultado is not None:
        datos["resultado"] = resultado
    if error is not None:
        datos["error"] = error
    if incierto:
        datos["incierto"] = True
    registrar(saga, Tipo.PASO_EJECUTADO, ahora, datos, indice=indice)


def pedir(saga: Saga, ahora: datetime) -> ComandoDePaso:
    """Ask for the step that is open now, and say so where the system has a word for it."""
    actual = saga.memoria.actual
    if estado := saga.paso(actual).presentacion.estado_pedido:
        registrar(saga, Tipo.PASO_PEDIDO, ahora, {}, indice=actual, estado=estado)
    return comando_de_paso(saga)
