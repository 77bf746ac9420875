"""A partition that the broker forgot to read is read again: its silence is noticed, and asked about."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aeropartners.seedwork.infraestructura.broker import suscripcion_pulsar
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import Clientes
from aeropartners.seedwork.infraestructura.broker.silencios import CALLADA_S, ESPERA_S, OCUPADA_S, Silencios
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar
from tests.dobles.cliente_pulsar import Cliente, Consumidor, Mensaje


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


def test_lo_olvidado_se_pide_otra_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscription that hears nothing asks for what is not acknowledged; never with work in hand."""
    reloj, consumidor = SimpleNamespace(s=0.0), Consumidor(olvidados=(Mensaje(tema="p/t-partition-0"),))
    tiempo = SimpleNamespace(monotonic=lambda: reloj.s, sleep=lambda _s: None)
    monkeypatch.setattr(suscripcion_pulsar, "time", tiempo)
    cliente = Cliente(consumidor=consumidor)
    clientes = SimpleNamespace(cliente=lambda: cliente, exigir=lambda: None, soltar=lambda: None)
    suscripcion = SuscripcionPulsar(cast(Clientes, clientes), "p/", ["t"], "s", 10)

    def esperar(segundos: int) -> list[Any]:
        oidos = []
        for _ in range(segundos):
            reloj.s += 1.5
            oidos += suscripcion.recibir(10, 0)
        return oidos

    [recibido] = esperar(3)
    assert consumidor.pedidos == 1
    assert esperar(40) == []
    assert consumidor.pedidos == 1
    suscripcion.confirmar([recibido])
    assert len(esperar(40)) >= 1
