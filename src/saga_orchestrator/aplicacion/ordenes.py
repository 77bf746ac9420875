"""The operator's orders over the engine: carried out, or only tried to see what they would do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.dominio import motor
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from saga_orchestrator.dominio.saga import Saga

Accion = Callable[[Saga, str, datetime], motor.Ordenes]
ACCIONES: Mapping[str, Accion] = {
    "reintentar": lambda saga, _motivo, ahora: motor.reintentar_compensacion(saga, ahora),
    "omitir": motor.omitir_compensacion,
    "cerrar": motor.cerrar,
    "cancelar": motor.cancelar,
}


@dataclass(frozen=True, slots=True)
class Prevision:
    """What an order would do to a saga, or why it would be refused."""

    se_hara: bool
    detalle: str


def cumplir(saga: Saga, orden: str, motivo: str, ahora: datetime) -> motor.Ordenes:
    """Carry it out; raises OrdenFueraDeEstado, or VALIDACION for an unknown one."""
    if orden not in ACCIONES:
        raise ErrorDeDominio(f"Orden desconocida: {orden}", "VALIDACION")
    return ACCIONES[orden](saga, motivo, ahora)


def prever(saga: Saga, orden: str, ahora: datetime) -> Prevision:
    """Say what it would do; the saga, which belongs to nobody else, is left as it would be."""
    antes = saga.memoria.estado
    try:
        enviadas = cumplir(saga, orden, "", ahora)
    except OrdenFueraDeEstado as error:
        return Prevision(False, error.mensaje)
    envia = ", ".join(f"{o.paso} (intento {o.intento})" for o in enviadas) or "nada más"
    return Prevision(True, f"pasaría de {antes} a {saga.memoria.estado} y enviaría {envia}")
