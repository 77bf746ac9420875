"""`--contra`: who is run when, what is said, and the exit code."""

import argparse
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from bench import contra
from bench.arbol import Arbol
from bench.bloc import Bloc
from bench.comparacion import TURNOS
from bench.comprobacion import SinCifra
from bench.mediciones import MEDICIONES
from bench.opciones import leer
from bench.sesiones import ABRIR, Sesion
from rich.console import Console
from rich.progress import Progress

COMMIT, ESTE = Arbol("abc", ("a",)), Arbol("def con cambios", ("b",))


@pytest.fixture
def bloc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bloc:
    """A bench that was asked for the maximum, and prints into a text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(contra, "como_esta", lambda: ESTE)
    consola = Console(file=io.StringIO(), width=140)
    return Bloc(argparse.Namespace(solo=["maximo"]), Progress(console=consola))


def dicho(bloc: Bloc) -> str:
    """What was printed."""
    assert isinstance(bloc.consola.file, io.StringIO)
    return bloc.consola.file.getvalue()


def correr(bloc: Bloc, monkeypatch: pytest.MonkeyPatch, cpu: dict[str, int]) -> tuple[int, list[str]]:
    """Compare two trees whose sagas cost so much; return the exit code and who was run."""
    corridos: list[str] = []

    @contextmanager
    def maximo(_opciones: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
        assert arbol == (COMMIT, COMMIT, ESTE)[lugar]

        def tanda() -> dict[str, Any]:
            corridos.append(arbol.nombre)
            return {"cpu_us": {"modulos": cpu[arbol.nombre], "carga": len(corridos)}, "sagas_por_s": 500.0}

        yield Sesion(tanda, lambda: {"filas": 30.0})

    monkeypatch.setitem(contra.ABRIR, "maximo", maximo)
    return contra.contrastar(bloc, COMMIT), corridos


def test_a_la_vez_y_nada_es_peor(bloc: Bloc, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit twice and this tree in every turn; equal ones end with 0, and all is written down."""
    codigo, corridos = correr(bloc, monkeypatch, {COMMIT.nombre: 1_000, ESTE.nombre: 1_000})
    a, b = COMMIT.nombre, ESTE.nombre
    assert (codigo, Counter(corridos)) == (0, {a: 2 * TURNOS, b: TURNOS})
    assert "B: def con cambios" in dicho(bloc)
    assert "Nada es peor." in dicho(bloc)
    escrito = [json.loads(linea) for linea in Path(".bench/resultados.jsonl").read_text().splitlines()]
    assert [r["lado"] for r in escrito[:3]] == ["A", "A'", "B"]
    assert [r["contado"] for r in escrito[-4:-1]] == [{"filas": 30.0}] * 3
    assert escrito[-1] == {"medida": "contraste", "A": a, "A'": a, "B": b, "peores": []}


def test_lo_peor_se_dice_y_sale_con_1(bloc: Bloc, monkeypatch: pytest.MonkeyPatch) -> None:
    """5 % more CPU is named, and is the exit code."""
    codigo, _ = correr(bloc, monkeypatch, {COMMIT.nombre: 1_000, ESTE.nombre: 1_050})
    assert codigo == 1
    assert "Peor: maximo: CPU µs por saga, nuestros procesos, 1,000 → 1,050" in dicho(bloc)
    assert "1.050 (1.050 - 1.050)" in dicho(bloc)


def test_sin_cifra_no_es_igual(bloc: Bloc, monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure whose effects were not all there compares nothing, and does not pass."""

    def tanda() -> dict[str, Any]:
        raise SinCifra("9 de 10 sagas")

    monkeypatch.setitem(contra.ABRIR, "maximo", lambda *_: nullcontext(Sesion(tanda, dict)))
    assert contra.contrastar(bloc, COMMIT) == 1
    assert "9 de 10 sagas" in dicho(bloc)


def pedido(monkeypatch: pytest.MonkeyPatch, *argumentos: str) -> argparse.Namespace:
    """What the command line asks for."""
    monkeypatch.setattr("sys.argv", ["bench", *argumentos])
    return leer(None, MEDICIONES, ABRIR)


def test_con_contra_todo_es_mas_corto(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs at every change: four measures with shorter turns, unless it is told otherwise."""
    corto, largo = pedido(monkeypatch, "--contra", "HEAD"), pedido(monkeypatch)
    assert corto.solo == ["maximo", "ritmo", "http", "embebido"]
    assert corto.segundos < largo.segundos
    assert pedido(monkeypatch, "--contra", "HEAD", "--solo").solo == corto.solo
    assert pedido(monkeypatch, "--contra", "HEAD", "--segundos", "77").segundos == 77


@pytest.mark.parametrize(
    ("argumentos", "porque"),
    [(("--solo", "pares"), "no pares"), (("--informe", "p.md"), "no se escribe")],
)
def test_lo_que_no_se_compara_es_un_error_de_uso(
    argumentos: tuple[str, ...],
    porque: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A measure that has no comparison, or a page of two trees, is refused before anything starts."""
    with pytest.raises(SystemExit) as salida:
        pedido(monkeypatch, "--contra", "HEAD", *argumentos)
    assert salida.value.code == 2
    assert porque in capsys.readouterr().err
