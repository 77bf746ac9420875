"""Definitions are checked when they are made: each rule that is broken alone is the one named."""

from dataclasses import replace

import pytest

from saga_orchestrator.dominio.definicion import Definicion, DefinicionInvalida
from saga_orchestrator.dominio.paso import Clase, Parte, Paso, Presentacion
from saga_orchestrator.dominio.registro import Registro
from tests.saga.lenguaje import DEFINICION

UNO, DOS, TRES = DEFINICION.pasos
PIVOTE = replace(DOS, clase=Clase.PIVOTE, compensacion=None)
DESHACE = Parte("otro", TRES.comando, TRES.comando)
FINAL = replace(TRES, clase=Clase.REINTENTABLE, compensacion=None)


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
        ((replace(UNO, clase=Clase.SIN_EFECTO), DOS), "SIN_EFECTO no tiene"),
        ((UNO, PIVOTE, replace(FINAL, luego=(DESHACE,))), "o ninguna de ellas se deshace"),
        ((UNO, replace(DOS, presentacion=Presentacion(campos=("id", "dicho")))), "no pueden ser .*id"),
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


@pytest.mark.parametrize(
    ("palabras", "vale"),
    [
        ({"completada": "INICIADA"}, False),
        ({"completada": "FALLIDA"}, False),
        ({"completada": "COMPENSADA"}, False),
        ({"compensada": "COMPENSANDO"}, False),
        ({"fallida": "INICIADA"}, False),
        ({"completada": UNO.estado}, False),
        ({"fallida": "COMPENSADA"}, True),
        ({"fallida": "COMPENSANDO"}, True),
    ],
)
def test_las_palabras_de_un_final_no_dicen_otra_cosa(palabras: dict[str, str], vale: bool) -> None:
    """A word for a success, or for what was undone, that is said of something else is refused."""
    estados = replace(DEFINICION.estados, **palabras)
    if vale:
        assert replace(DEFINICION, estados=estados).estados is estados
        return
    with pytest.raises(DefinicionInvalida, match="las palabras de un final"):
        replace(DEFINICION, estados=estados)


def test_un_paso_no_se_anuncia_con_un_final() -> None:
    """Neither where a step leads to nor where it is under way."""
    pedida = replace(UNO.presentacion, estado_pedido="COMPENSADA")
    with pytest.raises(DefinicionInvalida, match="las palabras de un final"):
        Definicion("ROTA", 7, (replace(UNO, presentacion=pedida),))


def test_las_versiones_de_un_tipo_dicen_lo_mismo() -> None:
    """A saga's state is read without its version: a word may not change its meaning between two."""
    otra = replace(DEFINICION, version=2, estados=replace(DEFINICION.estados, completada="LISTA"))
    with pytest.raises(DefinicionInvalida, match="mismos estados"):
        Registro((DEFINICION, otra))


def test_un_pivote_con_lo_suyo_a_cada_lado_vale() -> None:
    """Undoable steps, then the point of no return, then steps bound to succeed."""
    assert Definicion("BUENA", 1, (UNO, PIVOTE, FINAL)).pasos[1].clase is Clase.PIVOTE


def test_el_registro_nombra_cada_tipo_una_vez() -> None:
    """Two versions are one type; an unknown version is nobody's."""
    registro = Registro((DEFINICION, replace(DEFINICION, version=2)))
    assert registro.tipos == (DEFINICION.tipo,)
    assert registro.conocida(DEFINICION.tipo, 3) is None
