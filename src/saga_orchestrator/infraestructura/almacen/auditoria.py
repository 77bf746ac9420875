"""The audit rows of the undos of a saga, written in the transaction of the saga's events."""

from collections.abc import Sequence

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.infraestructura.almacen.auditoria import fila_de
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga

ACTOR, ROL = "saga-orchestrator", "sistema"
RESULTADOS = {
    Tipo.COMPENSACION_INICIADA: Resultado.INICIADA,
    Tipo.COMPENSACION_EJECUTADA: Resultado.HECHA,
    Tipo.COMPENSACION_FALLIDA: Resultado.FALLIDA,
}
CAMPOS = ("paso_a_compensar", "tipo_compensacion", "error", "resultado")


def filas_de_auditoria(nuevos: Sequence[Registrado]) -> list[Fila]:
    """Return an audit row for each undo that begins or ends; a saga without undos has none."""
    return [
        fila_de(_anotacion(r, r.evento))
        for r in nuevos
        if isinstance(r.evento, EventoSaga) and r.evento.tipo in RESULTADOS
    ]


def _anotacion(r: Registrado, evento: EventoSaga) -> Anotacion:
    compensacion = evento.datos["compensacion_id"]
    firma = Firma(
        ACTOR,
        ROL,
        "compensacion",
        f"/saga/{r.flujo}/compensaciones/{compensacion}",
        saga_id=r.flujo,
        correlation_id=r.sobre.correlacion_id,
    )
    detalle = {campo: evento.datos[campo] for campo in CAMPOS if campo in evento.datos}
    return Anotacion(r.id, r.fecha, firma, RESULTADOS[evento.tipo], detalle)
