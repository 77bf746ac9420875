"""When a partition that says nothing is asked about."""

from itertools import pairwise

from aeropartners.seedwork.infraestructura.broker.particiones_calladas import (
    CALLADA_S,
    ESPERA_S,
    OCUPADA_S,
    Silencios,
)


def preguntas(silencios: Silencios, hasta_s: int, hablan: tuple[str, ...] = ()) -> list[int]:
    """Live so many seconds, one after the other, and return those in which the broker was asked."""
    hechas = []
    for segundo in range(1, hasta_s + 1):
        for particion in hablan:
            silencios.oida(particion, segundo)
        if silencios.toca(segundo):
            hechas.append(segundo)
    return hechas


def test_callada_del_todo() -> None:
    """It is asked about after 3 s, then ever less often, and every 15 s at last."""
    hechas = preguntas(Silencios(2, 0), 100)
    assert hechas[:3] == [ESPERA_S, 3 * ESPERA_S, 7 * ESPERA_S]
    assert {b - a for a, b in pairwise(hechas[3:])} == {CALLADA_S}


def test_una_callada_entre_otras() -> None:
    """One silent partition is asked about while others speak, every minute at last."""
    hechas = preguntas(Silencios(2, 0), 400, ("una",))
    assert hechas[0] == ESPERA_S
    assert {b - a for a, b in pairwise(hechas[5:])} == {OCUPADA_S}


def test_hablan_todas() -> None:
    """Nobody is asked while every partition speaks."""
    assert preguntas(Silencios(2, 0), 200, ("una", "otra")) == []


def test_tras_un_silencio_se_vuelve_a_atender() -> None:
    """Whoever speaks after a long silence may fall silent again: the next wait is short."""
    silencios = Silencios(1, 0)
    ultima = preguntas(silencios, 100)[-1]
    silencios.oida("una", ultima + 1)
    assert not silencios.toca(ultima + 2)
    assert silencios.toca(ultima + ESPERA_S) or silencios.toca(ultima + 2 * ESPERA_S)
