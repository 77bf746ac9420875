"""`python -m tests.simulacion -n 100000`: plays seeds; or one, told, with `--semilla`.

It ends with 1 when a seed fails, or when something that must be seen was not seen in EXIGIDO_DESDE seeds.
"""

import sys

import click
from rich.console import Console

from aeropartners.arranque.cli.simular import contar_una, partes
from aeropartners.simulacion.informe import correr_con_barra, historia, opciones
from aeropartners.simulacion.plan import recortado
from tests.simulacion.repertorio import EXIGIDO, REPERTORIO

EXIGIDO_DESDE = 2_000
ORDEN = "python -m tests.simulacion"


@click.command()
@click.option("-n", "cuantas", default=500, show_default=True, help="Cuántas semillas.")
@click.option("--desde", default=1, show_default=True, help="La primera.")
@click.option("--procesos", default=2, show_default=True)
@click.option("--hasta-fallar", is_flag=True, help="Parar en la primera que falle, sin contarla.")
@partes
def principal(
    cuantas: int,
    desde: int,
    procesos: int,
    hasta_fallar: bool,
    semilla: int | None,
    **parte: tuple[int, ...] | None,
) -> None:
    """Play schedules, and say what they exercised."""
    if semilla is not None:
        sys.exit(contar_una(REPERTORIO, recortado(REPERTORIO.plan(semilla), **parte), ORDEN))
    semillas = range(desde, desde + cuantas)
    corrida = correr_con_barra(REPERTORIO, semillas, procesos, Console(stderr=True), hasta_fallar)
    click.echo(corrida.texto)
    if corrida.fallidas and not hasta_fallar:
        peor = REPERTORIO.plan(min(corrida.fallidas))
        click.echo(historia(REPERTORIO, peor, lambda plan: f"{ORDEN} {opciones(plan)}"))
    faltan = corrida.ejercicio.faltan(EXIGIDO) if corrida.cuantas >= EXIGIDO_DESDE else []
    for falta in faltan:
        click.echo(f"NUNCA OCURRIÓ: {falta}")
    sys.exit(1 if corrida.fallidas or faltan else 0)


if __name__ == "__main__":
    principal()
