"""What the operator's commands print of texts from outside: as text, whatever was written into them."""

import io
import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from aeropartners.arranque.cli import auditoria
from aeropartners.arranque.cli.cotejo import de_hallazgo, lineas
from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.peticiones import Fallo, decir, imprimir
from saga_orchestrator.cotejo.dominio.hallazgo import SAGA, ClaseDeHallazgo, Hallazgo

# Markup of rich, an unclosed one, a cleared screen, a line of its own, C1, and a turn of direction.
MALO = "[/] [bold]x[/bold] \x1b[2J\x07\nFALSO\r\x9b31m\u202etxt.exe\u2028"
HORA = "2026-01-02T03:04:05.000000Z"


class Malo(dict[str, Any]):
    """An answer each of whose texts is MALO."""

    def __missing__(self, _campo: str) -> str:
        return MALO


AVANCE = Malo(
    exitoso=None, incierto=False, intentos=1, intentos_maximos=2, resultado=None, solicitado_en=HORA,
    fecha_fin=None, plazo=HORA, reintentar_en=None,
)  # fmt: skip
MENSAJE = Malo(enviado=HORA, intento=1, momento=HORA)
RELATO = Malo(
    definicion=1,
    fecha_inicio=HORA,
    espera=Malo(ordenes=["cancelar"]),
    despertar={"momento": HORA, "motivo": "plazo"},
    pasos=[AVANCE],
    compensaciones=[AVANCE],
    mensajes=[MENSAJE],
    ordenes=[Malo(fecha=HORA)],
    historia=[Malo(fecha=HORA)],
)
SAGAS = Malo(sagas=[Malo(fecha_inicio=HORA, espera=Malo())], total=1)
MUERTO = Malo(intentos=3, fecha=HORA, situacion="MUERTO", ordenes=[Malo(fecha=HORA)], cuerpo={MALO: [MALO]})
ELEGIDO = {"id": MALO, "tipo": MALO, "paso": MALO, "consumidor": MALO, "se_hara": True, "detalle": MALO}
RESULTADO = {"id": MALO, "consumidor": MALO, "resultado": "HECHA", "detalle": MALO}
CUENTAS = {"hechas": 1, "rechazadas": 0, "sin_respuesta": 0, "no_intentadas": 0, "hay_mas": False}
PANTALLAS = [
    (pantallas.saga, RELATO),
    (pantallas.sagas, SAGAS),
    (pantallas.atascadas, SAGAS),
    (pantallas.muertos, Malo(muertos=[Malo(fecha=HORA)], total=1)),
    (pantallas.muerto, MUERTO),
    (pantallas.muerto, Malo(MUERTO, cuerpo=MALO)),
    (pantallas.simulacion, {"orden": "cerrar", "elegidos": [ELEGIDO], "hay_mas": False}),
    (pantallas.cumplida, {"orden": "cerrar", "resultados": [RESULTADO], **CUENTAS}),
]


def limpio(escrito: str) -> bool:
    """Whether it is text, in lines."""
    return all(linea.isprintable() for linea in escrito.split("\n"))


@pytest.mark.parametrize(("pantalla", "objeto"), PANTALLAS, ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.parametrize("terminal", [False, True], ids=["tubería", "terminal"])
def test_una_pantalla_muestra_escapes_como_texto(
    pantalla: Callable[[Console, Any], None], objeto: Any, terminal: bool
) -> None:
    """On every screen, in every place: what clears or colours, ends a line or hides it is to be read."""
    salida = io.StringIO()
    pantalla(Console(file=salida, width=2000, force_terminal=terminal, color_system=None), objeto)
    escrito = salida.getvalue()
    assert limpio(escrito)
    assert r"\x1b[2J" in escrito or r"\u001b[2J" in escrito
    assert "[/] [bold]x[/bold]" in escrito
    assert "FALSO" not in [linea.strip() for linea in escrito.split("\n")]


def test_lo_que_se_dice_y_lo_que_falla() -> None:
    """A line, a refusal and a finding are lines; a document of JSON says what it said."""

    @click.command()
    @click.option("--como", default="")
    def mando(como: str) -> None:
        if como == "fallo":
            raise Fallo(f"El orquestador no responde en http://u:cl@ve@host: {MALO}")
        decir(MALO) if como == "linea" else imprimir({MALO: MALO})

    hechos = {como: CliRunner().invoke(mando, ["--como", como]).output for como in ("linea", "fallo", "json")}
    assert all(limpio(escrito) for escrito in hechos.values())
    assert hechos["linea"].count("\n") == 1
    assert "http://u:***@host" in hechos["fallo"]
    assert json.loads(hechos["json"]) == {MALO: MALO}
    hallazgo = Hallazgo(ClaseDeHallazgo.PERDIDO, "s", MALO, MALO, f"curl http://u:clave@host {MALO}", SAGA)
    assert limpio(lineas(hallazgo))
    assert lineas(hallazgo).count("\n") == 1
    assert "clave@" not in lineas(hallazgo) + de_hallazgo(hallazgo)["repara"]


def test_la_auditoria_exportada(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is looked at in a terminal, too."""
    fila = dict.fromkeys(auditoria.COLUMNAS, MALO) | {"detalle": {MALO: MALO}, "motivo": f"={MALO}"}
    auditoria._en_csv(iter([fila]))
    escrito = capsys.readouterr().out.replace("\r\n", "\n")
    assert limpio(escrito)
    assert escrito.count("\n") == 2
    assert ",'=[/]" in escrito
