"""The writer: every request of a group gets an answer, whatever becomes of the others."""

from typing import Any
from uuid import uuid4

import pytest

from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Contestacion


class Ejecutor:
    """Fails as it is told, one call after the other; then all goes well."""

    def __init__(self, *fallos: Exception | None) -> None:
        self._fallos = list(fallos)

    def ejecutar(self, _preparar: Any, _completar: Any) -> None:
        fallo = self._fallos.pop(0) if self._fallos else None
        if fallo:
            raise fallo


def _peticiones(escritor: Escritor, cuantas: int) -> list[Peticion]:
    peticiones = [
        Peticion(object(), uuid4(), lambda _d: Contestacion(200, {}), lambda _e: Contestacion(409, {}))
        for _ in range(cuantas)
    ]
    for peticion in peticiones:
        escritor.encolar(peticion)
    return peticiones


@pytest.mark.parametrize(
    "fallos",
    [
        (ConexionPerdida("base"),),
        (RuntimeError("defecto"), ConexionPerdida("base")),
        (RuntimeError("defecto"), RuntimeError("defecto"), RuntimeError("suyo"), ConexionPerdida("base")),
    ],
    ids=["de entrada", "en la primera mitad", "tras la respuesta de uno"],
)
def test_nadie_se_queda_sin_respuesta(fallos: tuple[Exception, ...]) -> None:
    """The database goes away in one half of a group: those of the other half are told at once, too."""
    ejecutor: Any = Ejecutor(*fallos)
    nadie: Any = None
    escritor = Escritor(ejecutor, nadie, nadie)
    peticiones = _peticiones(escritor, 4)
    with pytest.raises(ConexionPerdida):
        escritor.una_ronda(0)
    assert all(p.futuro.done() for p in peticiones)
    errores = [p.futuro.exception(0) for p in peticiones]
    assert {type(e) for e in errores[1:]} == {ConexionPerdida}
    assert str(errores[0]) == ("suyo" if len(fallos) == 4 else "base")
