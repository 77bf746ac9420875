"""`python -m tests.simulacion -n 100000`: plays seeds; or one, told, with `--semilla`.

It ends with 1 when a seed fails, or when something that must be seen was not seen in EXIGIDO_DESDE seeds.
"""

import sys

import click
from rich.console import Console

from simulacion.informe import Corrida, correr_con_barra, historia, opciones
from simulacion.plan import Plan, recortado
from simulacion.serie import Sala
from tests.simulacion.repertorio import EXIGIDO, REPERTORIO

EXIGIDO_DESDE = 2_000


class Numeros(click.ParamType):
    """Numbers with commas between them; a dash is none."""

    name = "n,n,…"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        try:
            return () if value == "-" else tuple(map(int, value.split(",")))
        except ValueError:
            self.fail(f"{value!r} no son números separados por comas", param, ctx)


@click.command()
@click.option("-n", "cuantas", default=500, show_default=True, help="Cuántas semillas.")
@click.option("--desde", default=1, show_default=True, help="La primera.")
@click.option("--procesos", default=2, show_default=True)
@click.option("--hasta-fallar", is_flag=True, help="Parar en la primera que falle, sin encogerla.")
@click.option("--semilla", type=int, help="Solo esta, contada; con las demás opciones, solo esa parte.")
@click.option("--turnos", type=Numeros())
@click.option("--sagas", type=Numeros())
@click.option("--copias", type=Numeros())
@click.option("--normales", type=Numeros())
def principal(
    cuantas: int,
    desde: int,
    procesos: int,
    hasta_fallar: bool,
    semilla: int | None,
    turnos: tuple[int, ...] | None,
    sagas: tuple[int, ...] | None,
    copias: tuple[int, ...] | None,
    normales: tuple[int, ...] | None,
) -> None:
    """Play schedules, and say what they exercised."""
    if semilla is not None:
        sys.exit(_una(recortado(REPERTORIO.plan(semilla), turnos, sagas, copias, normales)))
    corrida = correr_con_barra(
        REPERTORIO, range(desde, desde + cuantas), procesos, Console(stderr=True), hasta_fallar
    )
    sys.exit(_contar(corrida, hasta_fallar))


def _orden(plan: Plan) -> str:
    return f"python -m tests.simulacion {opciones(plan)}"


def _una(plan: Plan) -> int:
    """Tell one, as it is named; one that fails is told by its shortest part as well."""
    resultado = Sala(REPERTORIO).jugar(plan)
    click.echo("\n".join(resultado.relato))
    if not resultado.violaciones:
        click.echo("Todo se cumple.")
        return 0
    click.echo(historia(REPERTORIO, plan, _orden))
    return 1


def _contar(corrida: Corrida, hasta_fallar: bool) -> int:
    click.echo(corrida.ejercicio.resumen())
    click.echo(
        f"{corrida.cuantas} calendarios en {corrida.segundos:.0f} s ({corrida.por_minuto:.0f}/min),"
        f" {len(corrida.fallidas)} fallan"
    )
    for semilla, violaciones in sorted(corrida.fallidas.items())[:10]:
        click.echo(f"semilla {semilla}: {', '.join(violaciones)}")
    if corrida.fallidas:
        if not hasta_fallar:
            click.echo(historia(REPERTORIO, REPERTORIO.plan(min(corrida.fallidas)), _orden))
        return 1
    faltan = corrida.ejercicio.faltan(EXIGIDO) if corrida.cuantas >= EXIGIDO_DESDE else []
    for falta in faltan:
        click.echo(f"NUNCA OCURRIÓ: {falta}")
    return 1 if faltan else 0


if __name__ == "__main__":
    principal()
