"""Who is worse: more CPU than both the bound and A against A, or one row, message or commit more a saga."""

from typing import Any

import pytest
from bench.comparacion import IGUAL, LADOS, MEJOR, PEOR, Comparado, _lugar, comparar

Turnos, Partes = list[dict[str, Any]], list[float]
CPU, FILAS = "CPU µs por saga, nuestros procesos", "filas por saga"


def corrida(cpu: float = 1_000.0, **mas: Any) -> dict[str, Any]:
    """A turn whose own processes took so much; the servers and the driver took the same as ever."""
    ajenos = {"postgresql": 700.0, "pulsar": 400.0, "carga": 60.0}
    propios = {"orquestador": cpu / 2, "modulos": cpu / 2}
    return {"cpu_us": {**propios, **ajenos}, "sagas_por_s": 500.0, **mas}


def contado(**mas: float) -> dict[str, Any]:
    """What was counted over all turns."""
    return {"filas": 30.0, "mensajes": 14.0, "commits": 27.0, "cambios": 11.0, **mas}


def comparados(a: Turnos, otra_a: Turnos, b: Turnos, **contado_de_b: float) -> dict[str, Comparado]:
    """Each figure, by its name."""
    contadas = {"A": contado(), "A'": contado(), "B": contado(**contado_de_b)}
    return {c.campo.nombre: c for c in comparar({"A": a, "A'": otra_a, "B": b}, contadas)}


def de_cpu(a: Partes, otra_a: Partes, b: Partes) -> Comparado:
    """The CPU of our own processes in the turns of each, as parts of a millisecond."""
    turnos = [[corrida(1_000.0 * parte) for parte in partes] for partes in (a, otra_a, b)]
    return comparados(*turnos)[CPU]


def veredictos(cpu_us: dict[str, float] | None = None, **contado_de_b: float) -> dict[str, str]:
    """What is said of each figure when the turns of B, or what was counted of them, differ in these."""
    b = corrida(**({"cpu_us": cpu_us} if cpu_us else {}))
    hechas = ([corrida()] * 8, [corrida()] * 8, [b] * 8)
    return {nombre: c.veredicto for nombre, c in comparados(*hechas, **contado_de_b).items()}


def test_lo_mismo_no_es_peor_que_si_mismo() -> None:
    """Equal turns are equal in every figure that is judged."""
    assert set(veredictos().values()) == {IGUAL, ""}


@pytest.mark.parametrize(
    ("otra_a", "b", "dicho"),
    [
        (1.01, 1.06, PEOR),
        (1.14, 1.12, IGUAL),
        (0.9, 1.0, IGUAL),
        (1.0, 1.029, IGUAL),
        (1.0, 1.04, PEOR),
        (1.0, 0.9, MEJOR),
    ],
    ids=["sobre medio", "sobre 6 %", "sobre -5 %", "bajo la cota", "sobre nada", "menos"],
)
def test_la_cpu_es_peor_sobre_la_cota_y_sobre_a_contra_a(otra_a: float, b: float, dicho: str) -> None:
    """Both must be passed."""
    assert de_cpu([1.0] * 8, [otra_a] * 8, [b] * 8).veredicto == dicho


def test_una_maquina_que_tiembla_no_esconde_nada() -> None:
    """What is slow in the same second is slow for all three; one bad turn of B is not eight."""
    temblor = [1.0, 1.3, 0.8, 1.1, 1.6, 0.9, 1.2, 1.0]
    assert de_cpu(temblor, temblor, [parte * 1.05 for parte in temblor]).veredicto == PEOR
    assert de_cpu(temblor, temblor, [*temblor[:7], 9.0]).veredicto == IGUAL


@pytest.mark.parametrize(("cuantas", "lugar"), [(1, 0), (5, 0), (8, 0), (9, 1), (15, 3), (20, 5)])
def test_donde_esta_la_mediana(cuantas: int, lugar: int) -> None:
    """The places of the sign test at 5 %, as tables of it have them."""
    assert _lugar(cuantas) == lugar


@pytest.mark.parametrize("que", ["filas", "mensajes", "commits"])
def test_una_mas_por_saga_es_peor(que: str) -> None:
    """One row, message or commit more a saga is worse, one less is better, and a tenth is neither."""
    de_a = contado()[que]
    for de_mas, dicho in ((1.0, PEOR), (-1.0, MEJOR), (0.1, IGUAL)):
        assert veredictos(**{que: de_a + de_mas})[f"{que} por saga"] == dicho


def test_lo_que_solo_se_ensena_no_se_juzga() -> None:
    """The broker's CPU, the driver's, throughput and updates may change by half: nobody is worse by that."""
    ajenos = {"orquestador": 500.0, "modulos": 500.0, "postgresql": 700.0, "pulsar": 900.0, "carga": 300.0}
    assert PEOR not in veredictos(cpu_us=ajenos, cambios=20.0).values()


def test_la_cpu_de_postgresql_se_juzga_aparte() -> None:
    """What the code saves in its own processes does not pay for what it makes PostgreSQL do."""
    dichos = veredictos(cpu_us={"orquestador": 450.0, "modulos": 450.0, "postgresql": 800.0, "carga": 60.0})
    assert (dichos[CPU], dichos["CPU µs por saga, PostgreSQL"]) == (MEJOR, PEOR)


def test_lo_que_una_corrida_no_tiene_no_se_compara() -> None:
    """The embedded system has no PostgreSQL and no commits: their lines are left out, not made up."""
    una, cuenta = {"cpu_us": {"embebido": 3_900}, "respuesta_ms": {"p50": 90.0}}, {"filas": 31.0}
    hechas, contadas = dict.fromkeys(LADOS, [una] * 8), dict.fromkeys(LADOS, cuenta)
    assert [c.campo.nombre for c in comparar(hechas, contadas)] == [CPU, "p50 ms", FILAS]


def test_lo_que_se_ensena() -> None:
    """A and B by their medians, the ratios with their ranges, and the verdict."""
    textos = de_cpu([1.0] * 8, [1.01] * 8, [1.05, *[1.06] * 7]).textos()
    assert textos == [CPU, "1,005", "1,060", "1.055 (1.045 - 1.055)", "1.005 (1.005 - 1.005)", PEOR]
