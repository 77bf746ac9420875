"""Medians, ranges and ratios of repeated runs, and the targets that they are compared with."""

from typing import Any

import pytest
from bench.metas import Meta, metas
from bench.resumen import Serie, cociente, filas, mediana, mejor_par

Resultado = dict[str, Any]


def corrida(medida: str, sagas_por_s: float, **mas: Any) -> Resultado:
    """A run of a measurement."""
    return {"medida": medida, "sagas_por_s": sagas_por_s, **mas}


def par(nombre: str, variante: str, sagas_por_s: float, rechazadas: bool = False) -> Resultado:
    """A run of a peer."""
    return corrida("par", sagas_por_s, par=nombre, variante=variante, rechazadas=rechazadas)


CORRIDAS = [
    {"medida": "maquina"},
    corrida("maximo", 500.0),
    corrida("suelo", 1_000.0),
    corrida("maximo", 900.0),
    corrida("suelo", 800.0),
    corrida("maximo", 600.0),
    corrida("suelo", 1_200.0),
    par("dbos", "pasos", 40.0),
    par("dbos", "rapida", 60.0),
    par("dbos", "rapida", 900.0, rechazadas=True),
    {"medida": "http", "sin_cifra": "9 de 10 sagas"},
]


def vista(que: str) -> Meta:
    """The target of this name."""
    return next(m for m in metas(CORRIDAS) if m.que == que)


def test_cada_medida_una_vez_con_su_mediana_y_su_rango() -> None:
    """Runs of one thing are one row: the median between the least and the most; no figure, no row."""
    halladas = {f.nombre: (f.veces, str(f.sagas_por_s)) for f in filas(CORRIDAS)}
    assert halladas["máximo"] == (3, "600 [500 - 900]")
    assert halladas["suelo"] == (3, "1,000 [800 - 1,200]")
    assert "http" not in halladas
    assert "HTTP" not in halladas


@pytest.mark.parametrize(
    ("valores", "texto"), [((1.0,), "1"), ((0.25, 0.75), "0.5 [0.25 - 0.75]"), ((1234.5,), "1,234")]
)
def test_una_serie_se_escribe_con_las_cifras_que_dicen_algo(valores: tuple[float, ...], texto: str) -> None:
    """One run has no range; an even number of runs has the middle of the two in the middle."""
    assert str(Serie(valores)) == texto


def test_el_mejor_de_un_par_es_de_sagas_enteras() -> None:
    """A peer counts by its fastest variant; what it does to refused sagas is another thing."""
    assert mejor_par(CORRIDAS, "dbos") == 60.0
    assert mejor_par(CORRIDAS, "temporal") is None


def test_lo_que_no_se_midio_no_tiene_cociente() -> None:
    """A ratio needs both of its parts."""
    assert cociente(None, 3.0) is None
    assert cociente(3.0, None) is None
    assert cociente(3.0, 0.0) is None
    assert mediana(CORRIDAS, "maximo", "no_esta") is None


def test_las_metas_dicen_si_se_cumplen() -> None:
    """Between must and reach-for it is met, beyond it is reached, and what was not measured says so."""
    assert vista("máximo, parte del suelo").cumplida == "cumplida"
    assert vista("máximo, parte del suelo").textos() == [
        "máximo, parte del suelo",
        "≥ 50%",
        "≥ 65%",
        "60%",
        "cumplida",
    ]
    assert vista("máximo, entre dbos").cumplida == "NO"
    assert vista("máximo, entre temporal").cumplida == "sin medir"


def test_la_meta_absoluta_se_mide_con_este_suelo() -> None:
    """The absolute target was set on a machine with its own floor, and moves with the floor of this one."""
    meta = vista("máximo, sagas/s a la escala de este suelo")
    assert meta.debe == pytest.approx(1_700 * 1_000 / 2_635)
    assert meta.cumplida == "NO"


@pytest.mark.parametrize(("visto", "dicho"), [(2.0, "alcanzada"), (5.0, "cumplida"), (5.1, "NO")])
def test_donde_menos_es_mejor(visto: float, dicho: str) -> None:
    """For times and memory a target is an upper bound."""
    assert Meta("p99", 5, 2, visto, mas_es_mejor=False).cumplida == dicho


def test_un_par_sin_meta_no_la_tiene() -> None:
    """A peer for which no target was set, as DTM, is compared by its ratio alone."""
    con_dtm = [*CORRIDAS, par("dtm", "asincrona", 300.0)]
    assert mejor_par(con_dtm, "dtm") == 300.0
    assert [m.que for m in metas(con_dtm)] == [m.que for m in metas(CORRIDAS)]
