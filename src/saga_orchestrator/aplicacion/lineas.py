"""The log lines about sagas, in the words of each system, written once their events are committed."""

from collections.abc import Callable, Iterable, Mapping

import structlog

from aeropartners.seedwork.aplicacion.puertos import Cambios
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga

log = structlog.get_logger("saga")

# The lines that follow from an event of a saga; the saga is as the whole batch left it.
Lineas = Callable[[Saga, EventoSaga], Iterable[str]]


def escribir(lineas: Mapping[str, Lineas]) -> Callable[[Cambios], None]:
    """Return what writes the lines of a commit; `lineas`, by saga type, replace those of every system.

    What a system cannot tell is told as a failure, and stops nobody: its events are committed.
    """

    def al_confirmar(cambios: Cambios) -> None:
        sagas = {agregado.id: agregado for agregado in cambios.agregados}
        for registrado in cambios.registrados:
            saga, evento = sagas[registrado.flujo], registrado.evento
            assert isinstance(saga, Saga)
            assert isinstance(evento, EventoSaga)
            try:
                for linea in lineas.get(saga.definicion.tipo, _de_serie)(saga, evento):
                    log.info(linea, saga_id=str(saga.id))
            except Exception as error:
                fallo = f"{type(error).__name__}: {error}"
                log.error("linea_fallida", saga_id=str(saga.id), evento=evento.tipo, error=fallo)

    return al_confirmar


def _de_serie(saga: Saga, evento: EventoSaga) -> Iterable[str]:
    datos = evento.datos
    match evento.tipo:
        case Tipo.INICIADA:
            yield f"SAGA {saga.id} iniciada: {datos['tipo']}"
        case Tipo.PASO_EJECUTADO if "error" in datos:
            yield f"Paso {datos['paso_id']} de SAGA {saga.id} falló: {datos['error']}"
        case Tipo.PASO_EJECUTADO:
            yield f"Paso {datos['paso_id']} de SAGA {saga.id} ejecutado exitosamente"
        case Tipo.COMPENSACION_INICIADA:
            yield f"Compensación iniciada para SAGA {saga.id}"
