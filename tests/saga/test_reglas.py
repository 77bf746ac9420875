"""Each rule of a definition, broken alone, is the one that is named."""

from dataclasses import replace

import pytest

from saga_orchestrator.dominio.definicion import Clase, Definicion, DefinicionInvalida, Paso, Registro
from tests.saga.lenguaje import DEFINICION

UNO, DOS, TRES = DEFINICION.pasos
PIVOTE = replace(DOS, clase=Clase.PIVOTE, compensacion=None)
FINAL = replace(TRES, clase=Clase.REINTENTABLE, compensacion=None)


@pytest.mark.parametrize(
    ("pasos", "regla"),
    [
        ((), "al menos un paso"),
        ((UNO, UNO), "deben ser distintos"),
        ((UNO, replace(DOS, tipo="CANCELAR_CAMPAÑA")), "deben ser distintos"),
        ((UNO, PIVOTE, replace(FINAL, clase=Clase.PIVOTE)), "un solo pivote"),
        ((replace(UNO, compensacion=None), DOS), "anterior al pivote"),
        ((replace(UNO, clase=Clase.REINTENTABLE), PIVOTE), "anterior al pivote"),
        ((UNO, DOS, replace(TRES, compensacion=None)), "anterior al pivote"),
        ((UNO, PIVOTE, TRES), "posterior al pivote"),
        ((UNO, replace(DOS, plazo_s=0)), "plazos deben ser positivos"),
        ((UNO, replace(DOS, plazo_s=-1)), "plazos deben ser positivos"),
        ((UNO, replace(DOS, politica=replace(DOS.politica, intentos=0))), "hacen falta intentos"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_cada_regla_rota_se_nombra(pasos: tuple[Paso, ...], regla: str) -> None:
    """A definition that breaks one rule is refused with its type, its version and that rule."""
    with pytest.raises(DefinicionInvalida, match=rf"^ROTA v7: .*{regla}"):
        Definicion("ROTA", 7, pasos)


def test_un_pivote_con_lo_suyo_a_cada_lado_vale() -> None:
    """Undoable steps, then the point of no return, then steps bound to succeed."""
    assert Definicion("BUENA", 1, (UNO, PIVOTE, FINAL)).pasos[1].clase is Clase.PIVOTE


def test_el_registro_nombra_cada_tipo_una_vez() -> None:
    """Two versions are one type; an unknown version is a KeyError."""
    registro = Registro((DEFINICION, replace(DEFINICION, version=2)))
    assert registro.tipos == (DEFINICION.tipo,)
    with pytest.raises(KeyError):
        registro.de(DEFINICION.tipo, 3)
