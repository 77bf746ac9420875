"""The log lines of an order's saga, word by word (000, section 6)."""

from collections.abc import Iterator
from typing import Any

from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.cafeteria.definicion import PASOS, nombre_de, numero_de

EMPIEZAN = (
    "🔍 Validando productos...",
    "🔒 Reservando inventario...",
    "📝 Creando pedido...",
    "✅ Confirmando pedido...",
)


def lineas(saga: Saga, evento: EventoSaga) -> Iterator[str]:
    """Yield the lines that follow from an event; the lines of a step come together, when it has ended."""
    match evento.tipo:
        case Tipo.INICIADA:
            yield f"🚀 Iniciando Saga: {nombre_de(saga)}"
        case Tipo.PASO_EJECUTADO if "error" not in evento.datos:
            yield f"▶️  Ejecutando step: {PASOS[evento.indice]}"
            yield EMPIEZAN[evento.indice]
            yield from _HECHO[evento.indice](saga, evento.datos["resultado"])
            yield f"✅ Step completado: {PASOS[evento.indice]}"
        case Tipo.COMPLETADA:
            yield f"🎉 Saga completada: {nombre_de(saga)}"
        case Tipo.FALLIDA:
            yield from _fallo(saga, evento)
        case Tipo.COMPENSACION_EJECUTADA:
            yield f"↩️  Compensando step: {PASOS[saga.memoria.compensaciones[evento.indice].paso]}"
        case Tipo.COMPENSACION_COMPLETADA if evento.estado == saga.definicion.estados.compensada:
            yield from _compensada(saga, saga.memoria.compensaciones[evento.indice].paso)
        case Tipo.COMPENSACION_FALLIDA:
            yield f"❌ Saga fallida: {nombre_de(saga)}"


def _fallo(saga: Saga, evento: EventoSaga) -> Iterator[str]:
    indice = PASOS.index(evento.datos["paso_fallido"])
    yield f"▶️  Ejecutando step: {PASOS[indice]}"
    yield EMPIEZAN[indice]
    yield f"❌ Step fallido: {PASOS[indice]} - {evento.datos['error']}"
    if evento.estado == saga.definicion.estados.compensada:
        yield from _compensada(saga, indice + 1)
    elif not (saga.memoria.pasos[indice].incierto or saga.memoria.pasos[indice].parte):
        yield f"↩️  Compensando step: {PASOS[indice]}"


def _compensada(saga: Saga, desde: int) -> Iterator[str]:
    """Yield the undos of the steps before `desde`, which leave nothing to undo, and the end."""
    for indice in reversed(range(desde)):
        yield f"↩️  Compensando step: {PASOS[indice]}"
    yield f"↩️  Saga compensada: {nombre_de(saga)}"


def _validados(_saga: Saga, resultado: dict[str, Any]) -> Iterator[str]:
    yield f"✅ {len(resultado['productos'])} productos validados"


def _reservados(saga: Saga, _resultado: dict[str, Any]) -> Iterator[str]:
    suma: dict[int, int] = {}
    for item in saga.datos_iniciales["items"]:
        suma[item["producto_id"]] = suma.get(item["producto_id"], 0) + item["cantidad"]
    for producto, cantidad in suma.items():
        yield f"  📦 Reservados {cantidad} de producto {producto}"
    yield f"✅ {len(suma)} reservas realizadas"


def _creado(saga: Saga, resultado: dict[str, Any]) -> Iterator[str]:
    yield f"✅ Pedido #{numero_de(saga)} creado - Total: ${resultado['total']}"


def _confirmado(saga: Saga, _resultado: dict[str, Any]) -> Iterator[str]:
    yield f"🎉 Pedido #{numero_de(saga)} confirmado exitosamente"


_HECHO = (_validados, _reservados, _creado, _confirmado)
