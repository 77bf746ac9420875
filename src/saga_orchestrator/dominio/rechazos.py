"""Why an operator's order is refused in a saga's state, and what may be done instead."""

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.dominio.memoria import Fase
from saga_orchestrator.dominio.saga import Saga


class OrdenFueraDeEstado(ErrorDeDominio):
    """An operator's order that the saga's state does not allow."""

    codigo = "CONFLICTO_DE_ESTADO"


def exigir_en_marcha(saga: Saga) -> None:
    """Raise unless the saga walks forward: only then is there something to cancel."""
    _exigir_viva(saga, "cancelar")
    if saga.sin_vuelta:
        paso = saga.paso(saga.memoria.actual).tipo
        raise OrdenFueraDeEstado(f"La SAGA ya no tiene vuelta atrás ({paso}): solo puede terminar bien")
    if saga.memoria.fase is Fase.ADELANTE:
        return
    undo = saga.compensacion(-1).tipo
    if saga.memoria.requiere_atencion:
        raise OrdenFueraDeEstado(
            f"La SAGA ya se está compensando y {undo} está atascada: use reintentar, omitir o cerrar"
        )
    raise OrdenFueraDeEstado(
        f"La SAGA ya se está compensando ({undo}): espere a que termine;"
        " si se atasca valdrán reintentar, omitir o cerrar"
    )


def exigir_atencion(saga: Saga, orden: str) -> None:
    """Raise unless an undo has used up its attempts."""
    if saga.memoria.requiere_atencion and saga.memoria.fase is Fase.ATRAS:
        return
    _exigir_viva(saga, orden)
    if saga.sin_vuelta:
        paso = saga.paso(saga.memoria.actual).tipo
        raise OrdenFueraDeEstado(
            f"La SAGA ya no tiene vuelta atrás ({paso}) y sigue intentándolo sola: no hay nada que {orden};"
            " repare a quien no lo hace"
        )
    if saga.memoria.fase is Fase.ADELANTE:
        paso = saga.paso(saga.memoria.actual).tipo
        raise OrdenFueraDeEstado(
            f"La SAGA avanza ({paso}) y no tiene una compensación atascada que {orden}:"
            " para detenerla y deshacer lo hecho use cancelar"
        )
    undo, avance = saga.compensacion(-1), saga.memoria.compensaciones[-1]
    raise OrdenFueraDeEstado(
        f"{undo.tipo} sigue con sus propios intentos ({avance.intentos} de {undo.politica.intentos}):"
        f" espere; {orden} vale cuando los agote y la SAGA requiera atención"
    )


def _exigir_viva(saga: Saga, orden: str) -> None:
    if saga.memoria.fase is Fase.FIN:
        raise OrdenFueraDeEstado(
            f"La SAGA ya terminó ({saga.memoria.estado}) y no queda nada que {orden}:"
            " consulte su historia con `aeropartners saga ver`, o inicie otra"
        )
