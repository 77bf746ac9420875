"""The operator's orders to a saga: carried out, or previewed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aeropartners.seedwork.aplicacion.textos_de_error import texto_de
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.dominio import comandos, intervenciones
from saga_orchestrator.dominio.ajena import DefinicionIlegible
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from saga_orchestrator.dominio.saga import Saga

# Recorded as the reason of an order that may come without one: an empty reason would look like a lost one.
SIN_MOTIVO = "(no se dio motivo)"
Accion = Callable[[Saga, str, datetime], comandos.Comandos]
ACCIONES: Mapping[str, Accion] = {
    "reintentar": lambda saga, _motivo, ahora: intervenciones.reintentar_compensacion(saga, ahora),
    "omitir": intervenciones.omitir_compensacion,
    "cerrar": intervenciones.cerrar,
    "cancelar": intervenciones.cancelar,
}


@dataclass(frozen=True, slots=True)
class Prevision:
    """Whether an order would be accepted (`se_hara`), and what it would do or why it would be refused."""

    se_hara: bool
    detalle: str


def sin_conocerla(saga: Saga) -> str:
    """Return why this process cannot change a saga of an unknown definition or with an unreadable row."""
    definida = saga.definicion
    if isinstance(definida, DefinicionIlegible):
        return f"su fila no se puede leer: `aeropartners saga reconstruir {saga.id}` la rehace"
    return (
        f"este proceso no conoce {definida.tipo} v{definida.version}: lo puede uno que la conozca"
        " (`aeropartners definiciones`)"
    )


def cumplir(saga: Saga, orden: str, motivo: str, ahora: datetime) -> comandos.Comandos:
    """Carry out an order on a saga and return the commands to send.

    Raises OrdenFueraDeEstado in the wrong state, and ErrorDeDominio (VALIDACION) for an unknown order.
    """
    if orden not in ACCIONES:
        raise ErrorDeDominio(f"Orden desconocida: {orden}", "VALIDACION")
    return ACCIONES[orden](saga, motivo, ahora)


def prever(saga: Saga, orden: str, ahora: datetime) -> Prevision:
    """Return what an order would do. It changes the saga in memory: pass a copy that nothing else uses."""
    if saga.es_ajena:
        return Prevision(False, sin_conocerla(saga))
    antes = saga.memoria.estado
    try:
        enviadas = cumplir(saga, orden, "", ahora)
    except OrdenFueraDeEstado as error:
        return Prevision(False, error.mensaje)
    except Exception as error:  # a preview lists many sagas: one that fails must not hide the others
        return Prevision(False, f"fallaría: {texto_de(error)}")
    envia = ", ".join(f"{o.paso} (intento {o.intento})" for o in enviadas) or "nada más"
    return Prevision(True, f"pasaría de {antes} a {saga.memoria.estado} y enviaría {envia}")
