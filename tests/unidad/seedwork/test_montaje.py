"""From a piece to its loops: what is made again after a fall is no successor of another process."""

from types import SimpleNamespace
from typing import Any

import pytest

from aeropartners.modulos.pagos.modulo import pieza
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.llamador import Llamador
from aeropartners.seedwork.infraestructura.montaje import Montaje


def test_solo_el_primero_de_su_nombre_viene_tras_otro_proceso(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with care for what the dead one left; one that fell here has left nothing of another's."""
    empezados: list[tuple[type, bool]] = []
    for clase in (Consumidor, Llamador):

        def empezar(_bucle: Any, *, tras_otro_proceso: bool, clase: type = clase) -> None:
            empezados.append((clase, tras_otro_proceso))

        monkeypatch.setattr(clase, "empezar", empezar)
    hueco: Any = SimpleNamespace()
    abiertas: list[tuple[str, ...]] = []
    montaje = Montaje(
        hueco, hueco, hueco, hueco, lambda bucle, temas, nombre: abiertas.append((bucle, *temas, nombre))
    )
    montado = montaje.montar(pieza(1.0, lambda: hueco))
    assert list(montado.bucles) == [f"{b}-pagos" for b in ("consumidor", "escritor", "vigilante", "llamador")]
    for _ in range(2):
        for nombre in ("consumidor-pagos", "llamador-pagos"):
            montado.bucles[nombre]()
    assert empezados == [(Consumidor, True), (Llamador, True), (Consumidor, False), (Llamador, False)]
    assert [bucle for bucle, *_ in abiertas] == ["consumidor-pagos", "llamador-pagos"] * 2
