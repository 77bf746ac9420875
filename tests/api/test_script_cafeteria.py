"""scripts/demo_cafeteria.py against the embedded coffee shop on a real port, a spoilt one, and nobody."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from sqlalchemy import text

from aeropartners.arranque.http.servidores import Servidor
from tests.api.mandos import puerto_libre
from tests.api.sistema import Sistema, levantar

GUION = Path(__file__).parents[2] / "scripts" / "demo_cafeteria.py"


@pytest.fixture(scope="module")
def sistema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The embedded system."""
    with levantar(tmp_path_factory.mktemp("cafeteria")) as sistema:
        yield sistema


def correr(app: Flask | None) -> "subprocess.CompletedProcess[str]":
    """Run the script against an application, or against nobody."""
    puerto = puerto_libre()
    servidor = Servidor(app, "127.0.0.1", puerto, "PORT") if app else None
    if servidor:
        servidor.empezar()
    try:
        orden = [sys.executable, "-W", "error", str(GUION), "--url", f"http://127.0.0.1:{puerto}/"]
        return subprocess.run(orden, capture_output=True, text=True, timeout=120, check=False)
    finally:
        if servidor:
            servidor.parar()


def test_todo_como_dice_la_semilla(sistema: Sistema) -> None:
    """It says each example, as often as it is played, and exits with 0."""
    for _ in range(2):
        hecho = correr(sistema.cafeteria.application)
        assert (hecho.returncode, hecho.stderr) == (0, ""), hecho.stdout
        lineas = hecho.stdout.splitlines()
        assert lineas[0] == "sano; reservado ahora: nada"
        assert lineas[1].endswith(": completada, total 9.00")
        assert [linea.partition(": ")[2] for linea in lineas[2:5]] == [
            "compensada (Producto 999 no encontrado)",
            "compensada (Producto Jugo de naranja no está disponible)",
            "compensada (Stock insuficiente para Café Americano)",
        ]
        assert lineas[-1] == "Todo terminó como se esperaba"


def _cambia(de: str, a: str) -> Callable[[Response], Response]:
    def cambiada(respuesta: Response) -> Response:
        if not respuesta.is_streamed:
            respuesta.set_data(respuesta.get_data(as_text=True).replace(de, a))
        return respuesta

    return cambiada


@pytest.mark.parametrize(
    ("de", "a", "dicho"),
    [
        ('"total":9.00', '"total":9.01', "el pedido de la semilla: se esperaba (9.0, 'confirmado')"),
        ('"estado":"completada"', '"estado":"compensada"', "su saga: se esperaba"),
        ('"compensado":true', '"compensado":false', "sus steps: se esperaba"),
        ("Stock insuficiente", "No queda", "pedir 100000 de 1: No queda para Café Americano"),
        ('"reservas":[]', '"otras":[]', "respuesta con una forma inesperada: falta 'reservas'"),
        ("{", "<", "no contestó JSON"),
    ],
)
def test_lo_que_no_es_como_debe_se_dice(sistema: Sistema, de: str, a: str, dicho: str) -> None:
    """Any answer that is not the contract's ends it with 1 and the reason."""
    app = sistema.cafeteria.application
    antes = dict(app.after_request_funcs)
    app.after_request_funcs = {None: [*antes.get(None, []), _cambia(de, a)]}
    try:
        hecho = correr(app)
    finally:
        app.after_request_funcs = antes
    assert hecho.returncode == 1
    assert dicho in hecho.stderr


def test_nadie_contesta() -> None:
    """Without a coffee shop it says where nobody answered."""
    hecho = correr(None)
    assert (hecho.returncode, hecho.stdout) == (1, "")
    assert hecho.stderr.startswith("ERROR: GET http://127.0.0.1:")


def test_lo_que_otros_han_reservado_se_dice(sistema: Sistema) -> None:
    """What is set aside for others is told, and is no fault as long as it stays the same."""
    motor = sistema.proceso.c.motor()

    def apartar(reservado: int) -> None:
        with motor.escritura() as con:
            con.execute(
                text(
                    "UPDATE inventario_cafeteria_existencias SET reservado = :n WHERE producto = '8'"
                ).bindparams(n=reservado)
            )
            con.commit()

    apartar(3)
    try:
        hecho = correr(sistema.cafeteria.application)
    finally:
        apartar(0)
    assert hecho.returncode == 0
    assert "reservado ahora: [{'producto_id': 8, 'cantidad_reservada': 3}]" in hecho.stdout
