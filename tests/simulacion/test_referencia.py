"""The reference, on walks that anybody can follow."""

from collections.abc import Mapping

import pytest

from aeropartners.simulacion.guion import Desenlace
from aeropartners.simulacion.referencia import Final, recorrer
from saga_orchestrator.dominio.definicion import Definicion
from tests.saga.lenguaje import DEFINICION
from tests.saga.test_pivote import SIN_VUELTA

UNO, DOS, TRES = (p.tipo for p in DEFINICION.pasos)
SUELTA = "CANCELAR_CAMPAÑA"
E, R, A, S = Desenlace.EXITO, Desenlace.RECHAZO, Desenlace.AVERIA, Desenlace.SILENCIO
D = Desenlace.DUDA


def final(
    dichos: Mapping[str, list[Desenlace]],
    definicion: Definicion = DEFINICION,
    cortes: Mapping[int, str] | None = None,
    ordenes: tuple[str, ...] = (),
) -> Final:
    """Walk with these answers, in order; who has none left says yes."""

    def contesta(tipo: str, n: int) -> Desenlace:
        suyos = dichos.get(tipo, [])
        return suyos[n - 1] if n <= len(suyos) else E

    return recorrer(definicion, contesta, cortes or {}, iter(ordenes))


@pytest.mark.parametrize(
    ("dichos", "estado", "quedan"),
    [
        ({}, "COMPLETADA", [0, 1, 2]),
        ({DOS: [A, A, A, E]}, "COMPLETADA", [0, 1, 2]),
        ({DOS: [A, A, A, A]}, "COMPENSADA", []),
        ({TRES: [R]}, "COMPENSADA", []),
        ({UNO: [R]}, "FALLIDA", []),
        ({UNO: [S]}, "COMPENSADA", []),
        ({UNO: [D, A, A, A]}, "COMPENSADA", []),
        ({UNO: [D, R]}, "FALLIDA", []),
        ({UNO: [D]}, "COMPLETADA", [0, 1, 2]),
        ({DOS: [R], SUELTA: [A, R, S]}, "COMPENSADA", []),
    ],
)
def test_por_lo_que_se_contesta(dichos: dict[str, list[Desenlace]], estado: str, quedan: list[int]) -> None:
    """Forward while it succeeds, then back over all that may have been done."""
    assert final(dichos) == Final(estado, quedan=[(i, 0) for i in quedan])


def test_un_corte_se_deshace() -> None:
    """What was under way when the saga was stopped may have been done."""
    assert final({}, cortes={1: 0}) == Final("COMPENSADA")


@pytest.mark.parametrize(
    ("ordenes", "esperado"),
    [
        ((), Final("COMPENSANDO", atencion=True, dudosos=[(0, 0)])),
        (("omitir",), Final("COMPENSADA", dudosos=[(0, 0)])),
        (("reintentar", "omitir"), Final("COMPENSADA", dudosos=[(0, 0)])),
        (("cerrar",), Final("FALLIDA", dudosos=[(0, 0)])),
    ],
)
def test_un_deshacer_que_se_agota_espera_ordenes(ordenes: tuple[str, ...], esperado: Final) -> None:
    """An undo that used up its attempts ends as the operator says, and what it left nobody knows."""
    assert final({DOS: [R], SUELTA: [A] * 11}, ordenes=ordenes) == esperado


def test_lo_que_no_tiene_vuelta_se_pregunta_hasta_saberlo() -> None:
    """A silent pivot is asked again; after it not even refusals end the saga."""
    assert final({DOS: [S, A, A, A, A, E], TRES: [R, S, A, A, A, A]}, SIN_VUELTA).estado == "COMPLETADA"
    assert final({DOS: [D, A, A, A, A, E]}, SIN_VUELTA).estado == "COMPLETADA"
    assert final({DOS: [S, R]}, SIN_VUELTA) == Final("COMPENSADA")
    assert final({DOS: [D, A, A, A, A, R]}, SIN_VUELTA) == Final("COMPENSADA")
    assert final({DOS: [A, A, A, A]}, SIN_VUELTA) == Final("COMPENSADA")
