"""The relay: a burst leaves the outbox when the broker has it; what others found to wait is known soon."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.relevo import ENTENDERSE_S, Relevo
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, ConexionPerdida
from aeropartners.seedwork.aplicacion.salida import Rafaga, TemaDetenido
from tests.dobles.anotador import Anotador


def _relevo(anotador: Any, publicador: Publicador | None = None) -> Relevo:
    return Relevo(anotador, anotador, publicador or Publicador(anotador))


def test_se_borra_cuando_el_broker_lo_tiene() -> None:
    """A burst leaves the outbox after the broker has said that it is stored."""
    anotador = Anotador()
    assert _relevo(anotador).una_ronda() == 1
    assert anotador.hechos == ["enviar", "asegurar", "borrar"]


@pytest.mark.parametrize("falla", ["enviar", "asegurar"])
def test_lo_que_el_broker_no_tiene_se_queda(falla: str) -> None:
    """A broker that takes nothing, or does not say so, leaves the burst in the outbox."""
    anotador = Anotador(falla, BrokerNoDisponible("fuera"))
    assert _relevo(anotador).una_ronda() == 0
    assert "borrar" not in anotador.hechos


def test_lo_que_no_se_pudo_borrar_se_borra_despues() -> None:
    """The database goes away before the rows of a stored burst are deleted: they are, when it is back."""
    anotador: Any = Anotador("borrar", ConexionPerdida("base caída"))
    publicador = Publicador(anotador)
    publicador.devolver([anotador.lote])
    with pytest.raises(ConexionPerdida):
        _relevo(anotador, publicador).limpiar()
    anotador._falla = ""
    _relevo(anotador, publicador).limpiar()
    assert anotador.hechos == ["borrar"]
    assert publicador.tomar_confirmados() == []


class SinNada(Anotador):
    """An outbox with nothing in it, and the topics that another process has found to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.esperan: list[TemaDetenido] = []
        self.preguntas = 0

    def viejas(self, _edad_s: float, _maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        return []

    def detenidos(self) -> Sequence[TemaDetenido]:
        self.preguntas += 1
        return self.esperan

    def temas_de(self, _lotes: object) -> Mapping[UUID, Sequence[str]]:
        return {}


def test_lo_que_otro_halla_detenido_se_sabe_pronto() -> None:
    """A relay that knows of no waiting topic asks every two seconds, not every round, and does ask."""
    anotador, ahora = SinNada(), [0.0]
    publicador = Publicador(anotador)
    relevo = Relevo(anotador, anotador, publicador, lambda: ahora[0])
    for segundos in (0.0, 0.5, 1.0, 1.5):
        ahora[0] = segundos
        relevo.limpiar()
    assert anotador.preguntas == 1
    anotador.esperan = [TemaDetenido("t", "lleno", datetime.now(UTC))]
    ahora[0] = ENTENDERSE_S
    relevo.limpiar()
    assert list(publicador.detenidos) == ["t"]
    anotador.esperan = []
    relevo.limpiar()  # of one that it knows it asks each time
    assert not publicador.detenidos
