"""Finding what fails among many: by halves, in order, and not at all when the database is away."""

from collections.abc import Sequence

import pytest

from aeropartners.seedwork.aplicacion.bucles.mitades import por_mitades
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida


def _hacer(cosas: Sequence[int]) -> Sequence[str]:
    if malas := [c for c in cosas if c < 0]:
        raise ValueError(malas)
    return [f"hecha {c}" for c in cosas]


def _fallar(cosa: int, error: Exception) -> Sequence[str]:
    return [f"fallida {cosa}: {error}"]


@pytest.mark.parametrize("malas", [set(), {0}, {6}, {2, 3}, set(range(7))])
def test_solo_falla_lo_que_falla(malas: set[int]) -> None:
    """What fails is alone with its own error, the rest is done, and the answers keep the order."""
    cosas = [-c - 1 if c in malas else c for c in range(7)]
    esperado = [f"fallida {c}: {[c]}" if c < 0 else f"hecha {c}" for c in cosas]
    assert list(por_mitades(cosas, _hacer, _fallar)) == esperado


def test_una_conexion_perdida_no_es_culpa_de_nadie() -> None:
    """A lost connection goes to the caller at once: nothing is judged by halves."""
    veces = []

    def perder(cosas: Sequence[int]) -> Sequence[str]:
        veces.append(len(cosas))
        raise ConexionPerdida("se fue")

    with pytest.raises(ConexionPerdida):
        por_mitades([1, 2, 3, 4], perder, _fallar)
    assert veces == [4]


def test_la_conexion_se_pierde_en_una_mitad() -> None:
    """What was done before the connection went stays done; what comes after is not tried."""
    vistas = []

    def perder(cosas: Sequence[int]) -> Sequence[str]:
        if len(cosas) == 4:
            raise ValueError
        vistas.append(list(cosas))
        if 3 in cosas:
            raise ConexionPerdida("se fue")
        return ()

    with pytest.raises(ConexionPerdida):
        por_mitades([1, 2, 3, 4], perder, _fallar)
    assert vistas == [[1, 2], [3, 4]]
