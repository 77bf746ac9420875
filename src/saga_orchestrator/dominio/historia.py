"""How the engine adds an event to a saga: its public word, its order among the public ones, and its id."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga


def registrar(
    saga: Saga,
    tipo: Tipo,
    fecha: datetime,
    datos: dict[str, Any],
    *,
    indice: int = 0,
    estado: str | None = None,
) -> None:
    """Add the next event to a saga, in the words of its system; without `estado` its word stays."""
    palabra, datos = saga.definicion.decir(saga, tipo, indice, datos)
    orden = saga.memoria.publicos + 1 if palabra else 0
    comunes = {
        "id": str(id_evento(saga.id, saga.version + 1)),
        "fecha_evento": fecha.isoformat(),
        "saga_id": str(saga.id),
        "orden": orden,
    }
    saga.registrar(
        EventoSaga(
            tipo=tipo,
            palabra=palabra or tipo,
            estado=estado or saga.memoria.estado,
            fecha=fecha,
            datos=comunes | datos,
            indice=indice,
            orden=orden,
        )
    )


def id_evento(saga_id: UUID, version: int) -> UUID:
    """The id of an event, the same however often it is published."""
    return uuid5(saga_id, f"evento:{version}")
