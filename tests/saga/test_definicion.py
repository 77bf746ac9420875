"""Definitions are checked when they are made."""

from dataclasses import replace

import pytest

from saga_orchestrator.dominio.definicion import Definicion, DefinicionInvalida
from saga_orchestrator.dominio.paso import Clase, Paso
from saga_orchestrator.dominio.registro import Registro
from tests.saga.lenguaje import DEFINICION

UNO, DOS, TRES = DEFINICION.pasos


@pytest.mark.parametrize(
    "pasos",
    [
        (),
        (UNO, UNO),
        (replace(UNO, compensacion=None), DOS),
        (replace(UNO, clase=Clase.PIVOTE), replace(DOS, clase=Clase.PIVOTE)),
        (replace(UNO, clase=Clase.PIVOTE), DOS),
        (replace(UNO, plazo_s=0),),
        (replace(UNO, politica=replace(UNO.politica, intentos=0)),),
    ],
    ids=["vacia", "repetidos", "sin undo", "dos pivotes", "tras pivote", "plazo 0", "sin intentos"],
)  # fmt: skip
def test_una_definicion_que_podria_no_terminar_se_rechaza(pasos: tuple[Paso, ...]) -> None:
    """Each static rule is broken once."""
    with pytest.raises(DefinicionInvalida):
        Definicion("X", 1, pasos)


def test_el_registro_da_la_version_nueva_y_guarda_las_viejas() -> None:
    """A new saga begins with the newest version; a running one finds its own."""
    nueva = replace(DEFINICION, version=2)
    registro = Registro((DEFINICION, nueva))
    assert registro.vigente(DEFINICION.tipo) is nueva
    assert registro.conocida(DEFINICION.tipo, 1) is DEFINICION
    assert registro.vigente("OTRA") is None
    with pytest.raises(DefinicionInvalida):
        Registro((DEFINICION, DEFINICION))
