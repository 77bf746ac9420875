"""The page and its charts, made from the results of every kind of measurement."""

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bench.costes import costes, procesos
from bench.graficos import barras
from bench.hechos import hechos
from bench.informe import escribir, mostrar
from bench.mediciones import MEDICIONES
from bench.opciones import leer
from bench.sesiones import ABRIR
from rich.console import Console

COSTE: dict[str, Any] = {
    "cpu_us": {"orquestador": 600, "modulos": 800},
    "cpu_us_total": 1_400,
    "memoria_mib": {"orquestador": [100.0, 110.0], "modulos": [120.0, 121.0]},
    "filas": 32.0,
    "cambios": 11.0,
    "mensajes": 14.0,
    "wal_bytes": 26_000,
    "commits": 0.2,
    "rafagas": 0.1,
    "por_lote": 90.0,
}
TIEMPOS = {"p50": 40.0, "p99": 90.0}
MAQUINA: dict[str, Any] = {
    "medida": "maquina",
    "fecha": "2026-01-01T00:00:00Z",
    "orden": "python -m bench",
    "cpu": 2,
    "memoria_gib": 8.0,
    "python": "3.11",
    "postgresql": {"fsync": "on"},
    "pulsar": {"journalSyncData": "true"},
    "rapidez": {"python": 21.4, "sql": 950.2, "broker": 1_800.0},
}
PAGINAS = {"salida": [1, 90, 2]}
RESULTADOS: list[dict[str, Any]] = [
    MAQUINA,
    {"medida": "maximo", "sagas_por_s": 500.0, **COSTE},
    {"medida": "maximo", "sagas_por_s": 700.0, **COSTE},
    {"medida": "suelo", "sagas_por_s": 900.0, **COSTE},
    {"medida": "ritmo", "por_s": 10.0, "cuota": "", "saga_ms": TIEMPOS, **COSTE},
    {"medida": "ritmo", "por_s": 420.0, "cuota": "70 %", "saga_ms": TIEMPOS, **COSTE},
    {"medida": "par", "par": "dbos", "variante": "pasos", "rechazadas": False, "sagas_por_s": 50.0},
    {"medida": "crecimiento", "terminadas": 0, "sagas_por_s": 600.0, **COSTE},
    {"medida": "crecimiento", "terminadas": 500_000, "sagas_por_s": 570.0, **COSTE},
    {
        "medida": "espera",
        "esperando": 200_000,
        "reclamos": 500,
        "vencidos": 900,
        "reclamo_ms": TIEMPOS,
        "vencidos_ms": TIEMPOS,
        "sagas_por_s": 550.0,
        **COSTE,
    },
    {"medida": "escala", "procesos": 2, "particiones": 4, "sagas_por_s": 480.0, **COSTE},
    {"medida": "caliente", "afiliados": 1, "sagas_por_s": 490.0, **COSTE},
    {"medida": "embebido", "sagas_por_s": 160.0, "respuesta_ms": TIEMPOS, "cpu_us_total": 6_000},
    {
        "medida": "memoria",
        "sagas": 100_000,
        "sagas_por_s": 450.0,
        "procesos_mib": {"modulos": [100.0, 150.0, 160.0, 170.0]},
        "mayor_mib": 170.0,
        "crece": 1.07,
    },
    {
        "medida": "inundacion",
        "por_s": 240.0,
        "estados": {200: 2_000, 429: 5_000},
        "aceptadas_por_s": 67.0,
        "saga_ms": {"antes": TIEMPOS, "durante": None},
        "recuperada_s": 1.5,
        "memoria_mib": {"bff": {"primer_tercio": 100.0, "ultimo_tercio": 101.0}},
    },
    {
        "medida": "hinchazon",
        "por_s": 250.0,
        "segundos": 120.0,
        "antes_por_s": 250.0,
        "durante_por_s": 240.0,
        "queda": 0.96,
        "paginas": PAGINAS,
        "paginas_despues": 2,
        "muertas_despues": 0.01,
        "recuperada_s": 40.0,
        "ciclos": 1,
    },
    {
        "medida": "reconstruccion",
        "por_s": 10.0,
        "eventos": 1_000_000,
        "segundos": 50.0,
        "eventos_por_s": 20_000.0,
        "lecturas": 900,
        "corregidos": 0,
        "respuesta_ms": TIEMPOS,
    },
    {"medida": "auditor", "con_auditor": False, "sagas_por_s": 500.0, **COSTE},
    {"medida": "auditor", "con_auditor": True, "sagas_por_s": 490.0, **COSTE},
    {"medida": "http", "sin_cifra": "9 de 10 sagas en 300 s"},
]


def test_la_pagina_dice_cada_medida(tmp_path: Path) -> None:
    """Each measurement has its row, its facts and its target; what has no figure says why."""
    escribir(RESULTADOS, tmp_path / "velocidad.md")
    pagina = (tmp_path / "velocidad.md").read_text()
    for fila in (
        "| máximo | 2 | 600 [500 - 700] |  |  | 1,400 [1,400 - 1,400] |",
        "| ritmo 70 % | 1 |  | 40 | 90 | 1,400 |",
        "| máximo con 500,000 terminadas | 1 | 570 |  |  | 1,400 |",
        "| con 500,000 terminadas, entre vacío | ≥ 0.90 × | ≥ 0.95 × | 0.95 × | alcanzada |",
        "| tras la inundación, s hasta la latencia de antes | ≤ 10.0 | ≤ 2.0 | 1.5 | alcanzada |",
        "| MiB de un proceso tras 100,000 sagas | ≤ 200 | ≤ 120 | 170 | cumplida |",
        "| máximo, entre dbos | ≥ 12.0 × | ≥ 25.0 × | 12.0 × | cumplida |",
        "| máximo, entre temporal | ≥ 30.0 × | ≥ 70.0 × |  | sin medir |",
        "| sagas/s con el auditor, entre sin él | ≥ 0.970 × | ≥ 0.990 × | 0.980 × | cumplida |",
        "| máximo | modulos | 800 | 120 → 121 |",
        "| http | 9 de 10 sagas en 300 s |",
    ):
        assert fila in pagina
    for dibujo in ("velocidad.svg", "velocidad-tiempos.svg"):
        assert f"({dibujo})" in pagina
        ElementTree.fromstring((tmp_path / dibujo).read_text())


def test_el_titulo_dice_el_cociente_con_cada_par(tmp_path: Path) -> None:
    """The title has the ratio to the best of each peer that was measured, with or without a target."""
    dtm = {"medida": "par", "par": "dtm", "rechazadas": False}
    variantes = [
        {**dtm, "variante": "asincrona", "sagas_por_s": 300.0},
        {**dtm, "variante": "sincrona", "sagas_por_s": 200.0},
    ]
    escribir([*RESULTADOS, *variantes], tmp_path / "velocidad.md")
    pagina = (tmp_path / "velocidad.md").read_text()
    assert "**67% del suelo de las mismas filas y mensajes; 12.0 × dbos; 2.0 × dtm.**" in pagina
    assert "| dtm asincrona | 1 | 300 |  |  |  |" in pagina


def test_primero_la_parte_del_suelo_y_la_maquina(tmp_path: Path) -> None:
    """Seconds are of one machine: the page begins with the share of the floor and the machine's speed."""
    escribir(RESULTADOS, tmp_path / "velocidad.md")
    titulo, _, comienzo, *_ = (tmp_path / "velocidad.md").read_text().splitlines()
    assert (titulo, comienzo) == (
        "# Speed",
        "**67% del suelo de las mismas filas y mensajes; 12.0 × dbos.**"
        " Esta máquina, µs de un trabajo fijo: python 21.4, sql 950, broker 1,800.",
    )


def test_en_la_terminal_tambien() -> None:
    """The terminal begins with the same words, and says it when nothing was measured."""
    consola = Console(file=io.StringIO(), width=140)
    mostrar(RESULTADOS, consola)
    mostrar([{"medida": "http", "sin_cifra": "9 de 10"}], consola)
    assert isinstance(consola.file, io.StringIO)
    dicho = consola.file.getvalue()
    assert dicho.startswith("67% del suelo")
    assert "El máximo no se midió\nEsta máquina, µs de un trabajo fijo: sin medir." in dicho


def test_una_saga_cuesta_la_mediana_de_sus_corridas() -> None:
    """Rows, messages, WAL and commits of a saga; CPU and memory by process."""
    assert costes(RESULTADOS)[0] == ["máximo", "32", "11", "14", "26,000", "0.2", "0.1", "90"]
    assert procesos(RESULTADOS)[0] == ["máximo", "orquestador", "600", "100 → 110"]


def test_los_hechos_de_lo_que_no_es_un_ritmo() -> None:
    """Claims, memory, bloat and rebuild say what they found."""
    dichos = dict(hechos(RESULTADOS))
    assert dichos["reclamo con 200,000 esperando, p50 / p99 ms, todos"] == "40 / 90"
    assert dichos["inundación, respuestas, y aceptadas por s"] == "2,000 con 200, 5,000 con 429; 67"
    assert dichos["inundación, saga p50 / p99 ms, antes"] == "40 / 90"
    assert dichos["inundación, MiB de bff en el primer tercio y en el último"] == "100, 101"
    assert dichos["páginas de salida: antes, al soltar el lector, después"] == "1, 90, 2"
    assert dichos["eventos, segundos, eventos/s"] == "1,000,000, 50.0, 20,000"


def test_las_barras_aguantan_ceros_y_signos() -> None:
    """A chart of nothing but zero, with a name that XML would misread, is a chart."""
    arbol = ElementTree.fromstring(barras("a < b & c", {"cero": 0.0}, frozenset()))
    assert "a < b & c" in "".join(arbol.itertext())


def test_se_mide_solo_lo_que_se_pide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each measurement is a verb, and each long one has an option for its size."""
    monkeypatch.setattr("sys.argv", ["bench", "--solo", "memoria", "espera", "--esperando", "300"])
    pedido = leer(None, MEDICIONES, ABRIR)
    assert pedido.solo == ["memoria", "espera"]
    assert pedido.esperando == 300
