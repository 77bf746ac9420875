"""The engine under an operator's orders: cancel, retry, skip and close, each recorded with who and why."""

from datetime import datetime
from typing import Any

from saga_orchestrator.dominio.atras import compensado, fallar
from saga_orchestrator.dominio.comandos import Comandos, comando_de_compensacion
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.historia import registrar
from saga_orchestrator.dominio.memoria import Causa
from saga_orchestrator.dominio.rechazos import exigir_atencion, exigir_en_marcha
from saga_orchestrator.dominio.saga import Saga


def cancelar(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """Stop a running saga and undo what it did; raises OrdenFueraDeEstado."""
    exigir_en_marcha(saga)
    return fallar(saga, f"Cancelada por el operador: {motivo}", Causa.CANCELADA, ahora)


def reintentar_compensacion(saga: Saga, ahora: datetime) -> Comandos:
    """Go on from the undo that stuck, with all its attempts anew; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "reintentar")
    indice, estado = len(saga.memoria.compensaciones) - 1, saga.definicion.estados.compensando
    registrar(saga, Tipo.REINTENTADO, ahora, {"intento": 1}, indice=indice, estado=estado)
    return [comando_de_compensacion(saga)]


def omitir_compensacion(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """Count the undo that stuck as done, for a reason; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "omitir")
    avance = saga.memoria.compensaciones[-1]
    resultado: dict[str, Any] = {"omitida": True, "motivo": motivo}
    if saga.partes_de_compensacion > 1:
        omitidas = (avance.resultado or {}).get("partes_omitidas", [])
        resultado["partes_omitidas"] = [*omitidas, avance.parte]
    return compensado(saga, resultado, ahora)


def cerrar(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """End a stuck saga in its failed word, the reason kept; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "cerrar")
    estado = saga.definicion.estados.de_cerrada
    registrar(saga, Tipo.CERRADA, ahora, {"motivo": motivo}, estado=estado)
    return []


def auditar(saga: Saga, orden: str, motivo: str, quien: str, ahora: datetime) -> None:
    """Record who ordered what and why, before the order takes effect."""
    registrar(saga, Tipo.ORDEN_OPERADOR, ahora, {"orden": orden, "motivo": motivo, "quien": quien})
