"""A refused order says why, and what may be done instead."""

from collections.abc import Callable

import pytest

from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from tests.saga.relato import CAMPANA, CANCELAR, PAGO, Relato, atascada


def _deshaciendo() -> Relato:
    return Relato().responde_exito(CAMPANA).rechaza(PAGO)


@pytest.mark.parametrize(
    ("relato", "orden", "dice"),
    [
        (Relato, "reintentar", ("avanza (CREAR_CAMPAÑA)", "use cancelar")),
        (Relato, "omitir", ("compensación atascada que omitir", "use cancelar")),
        (_deshaciendo, "cerrar", ("CANCELAR_CAMPAÑA sigue", "1 de 11", "espere; cerrar vale cuando")),
        (_deshaciendo, "cancelar", ("ya se está compensando (CANCELAR_CAMPAÑA)", "espere a que termine")),
        (atascada, "cancelar", ("CANCELAR_CAMPAÑA está atascada", "use reintentar, omitir o cerrar")),
        (lambda: Relato().rechaza(CAMPANA), "cancelar", ("ya terminó (FALLIDA)", "inicie otra")),
        (
            lambda: _deshaciendo().responde_exito(CANCELAR),
            "reintentar",
            ("ya terminó (COMPENSADA)", "nada que reintentar", "saga ver"),
        ),
    ],
)
def test_el_rechazo_dice_que_hacer(relato: Callable[[], Relato], orden: str, dice: tuple[str, ...]) -> None:
    """Each state names itself in the refusal, and the way out."""
    with pytest.raises(OrdenFueraDeEstado) as rechazo:
        relato().ordena(orden)
    assert [parte for parte in dice if parte not in rechazo.value.mensaje] == []
