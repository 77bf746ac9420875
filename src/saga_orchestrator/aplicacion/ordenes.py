"""The operator's orders over the engine: carried out, or only tried to see what they would do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aeropartners.seedwork.aplicacion.textos_de_error import texto_de
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.dominio import comandos, intervenciones
from saga_orchestrator.dominio.ajena import DefinicionIlegible
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from saga_orchestrator.dominio.saga import Saga

# What is kept where an order may come without a reason and does: an empty one would look like a lost one.
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
    """What an order would do to a saga, or why it would be refused."""

    se_hara: bool
    detalle: str


def sin_conocerla(saga: Saga) -> str:
    """Say that this process can only look at it."""
    definida = saga.definicion
    if isinstance(definida, DefinicionIlegible):
        return f"su fila no se puede leer: `aeropartners saga reconstruir {saga.id}` la rehace"
    return (
        f"este proceso no conoce {definida.tipo} v{definida.version}: lo puede uno que la conozca"
        " (`aeropartners definiciones`)"
    )


def cumplir(saga: Saga, orden: str, motivo: str, ahora: datetime) -> comandos.Comandos:
    """Carry it out; raises OrdenFueraDeEstado, or VALIDACION for an unknown one."""
    if orden not in ACCIONES:
        raise ErrorDeDominio(f"Orden desconocida: {orden}", "VALIDACION")
    return ACCIONES[orden](saga, motivo, ahora)


def prever(saga: Saga, orden: str, ahora: datetime) -> Prevision:
    """Say what it would do; the saga, which belongs to nobody else, is left as it would be."""
    if saga.es_ajena:
        return Prevision(False, sin_conocerla(saga))
    antes = saga.memoria.estado
    try:
        enviadas = cumplir(saga, orden, "", ahora)
    except OrdenFueraDeEstado as error:
        return Prevision(False, error.mensaje)
    except Exception as error:  # to carry it out would fail alone; to look at many must not
        return Prevision(False, f"fallaría: {texto_de(error)}")
    envia = ", ".join(f"{o.paso} (intento {o.intento})" for o in enviadas) or "nada más"
    return Prevision(True, f"pasaría de {antes} a {saga.memoria.estado} y enviaría {envia}")
