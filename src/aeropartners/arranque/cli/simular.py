"""`aeropartners simular`: plays schedules of faults against a user's saga definition."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.config import leer
from aeropartners.arranque.consola.peticiones import imprimir
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso import registro
from aeropartners.simulacion.datos_de_muestra import FaltanDatos, datos_para
from aeropartners.simulacion.generada import de_definicion
from aeropartners.simulacion.informe import correr_con_barra, historia, opciones
from aeropartners.simulacion.plan import Plan, de_semilla, recortado
from aeropartners.simulacion.serie import Repertorio, Sala
from saga_orchestrator.dominio.definicion import Definicion, DefinicionInvalida

SEMILLAS = 1_000


class Numeros(click.ParamType[tuple[int, ...]]):
    """Whole numbers separated by commas; a dash means none."""

    name = "n,n,…"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        try:
            return () if value == "-" else tuple(map(int, value.split(",")))
        except ValueError:
            self.fail(f"{value!r} no son números separados por comas", param, ctx)


def partes(comando: Any) -> Any:
    """Add the options that select one schedule, or a part of it, as the printed story names them."""
    for opcion, ayuda in (
        ("--normales", "Las SAGAs a las que todos dicen que sí."),
        ("--copias", "Cuántas copias de cada proceso."),
        ("--sagas", "Solo estas SAGAs."),
        ("--turnos", "Solo estos turnos; - es ninguno."),
    ):
        comando = click.option(opcion, type=Numeros(), help=ayuda)(comando)
    return click.option("--semilla", type=int, help="Solo esta, contada turno a turno.")(comando)


@click.group(help="Probar una definición con muertes, pérdidas y retrasos, en memoria y en tiempo virtual.")
def simular() -> None:
    """Play schedules of faults."""


@simular.command(
    help="""Probar DEFINICION: un tipo conocido, o modulo:atributo, donde hay una Definicion o se hace.

Sus comandos se hacen con los datos iniciales, y los contestan participantes simulados: rechazan, fallan,
callan, o contestan tarde y dos veces. El código de salida es 1 si un calendario dejó una SAGA ni hecha ni
deshecha; entonces se cuenta el más corto en que pasa, con la orden que lo repite."""
)
@click.argument("nombre", metavar="DEFINICION")
@click.option("--semillas", default=SEMILLAS, show_default=True, help="Cuántos calendarios.")
@click.option("--desde", default=1, show_default=True, help="La primera semilla.")
@click.option("--procesos", default=os.cpu_count() or 1, show_default=True, help="Cuántos a la vez.")
@click.option("--datos", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON inicial.")
@partes
@en_json
def definicion(
    nombre: str,
    semillas: int,
    desde: int,
    procesos: int,
    datos: Path | None,
    semilla: int | None,
    en_json: bool,
    **parte: tuple[int, ...] | None,
) -> None:
    """Play many schedules of a definition, or one."""
    registro.configurar()
    elegida = _definicion(nombre)
    try:
        iniciales = datos_para(elegida, _leer(datos) if datos else None)
    except FaltanDatos as error:
        raise click.ClickException(f"{error}. Dé los datos iniciales con --datos") from error
    repertorio = Repertorio(lambda s: de_semilla(s, procesos=2), de_definicion(elegida, iniciales))
    comun = f"aeropartners simular definicion {nombre}{f' --datos {datos}' if datos else ''}"
    if semilla is not None:
        sys.exit(contar_una(repertorio, recortado(repertorio.plan(semilla), **parte), comun))
    corrida = correr_con_barra(
        repertorio, range(desde, desde + semillas), procesos, Console(stderr=True, quiet=en_json)
    )
    if en_json:
        imprimir(
            {
                "calendarios": corrida.cuantas,
                "por_minuto": round(corrida.por_minuto),
                "fallidas": {str(s): list(v) for s, v in sorted(corrida.fallidas.items())},
                "ejercicio": corrida.ejercicio.cuentas,
            }
        )
    else:
        click.echo(corrida.texto)
        if corrida.fallidas:
            peor = repertorio.plan(min(corrida.fallidas))
            click.echo(historia(repertorio, peor, lambda p: f"{comun} {opciones(p)}"))
    sys.exit(1 if corrida.fallidas else 0)


def _leer(ruta: Path) -> dict[str, Any]:
    try:
        leido = json.loads(ruta.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise click.BadParameter(
            f"{ruta} no es JSON: {type(error).__name__}", param_hint="--datos"
        ) from error
    if not isinstance(leido, dict):
        raise click.BadParameter(f"{ruta} no es un objeto JSON", param_hint="--datos")
    return leido


def contar_una(repertorio: Repertorio, plan: Plan, comun: str) -> int:
    """Print a schedule turn by turn, with its shortest failing part if it fails; return the exit code."""
    resultado = Sala(repertorio).jugar(plan)
    click.echo("\n".join(resultado.relato))
    if not resultado.violaciones:
        click.echo("Todo se cumple.")
        return 0
    click.echo(historia(repertorio, plan, lambda p: f"{comun} {opciones(p)}"))
    return 1


def _definicion(nombre: str) -> Definicion:
    modulo, _, atributo = nombre.partition(":")
    if not atributo:
        conocidas = Contenedor(config=leer({})).registro()
        if (hallada := conocidas.vigente(nombre)) is None:
            raise click.BadParameter(f"{nombre} no es uno de {', '.join(conocidas.tipos)} ni modulo:atributo")
        return hallada
    sys.path.insert(0, os.getcwd())
    try:
        valor = getattr(importlib.import_module(modulo), atributo)
        valor = valor if isinstance(valor, Definicion) else valor()
    except (ImportError, AttributeError, TypeError, DefinicionInvalida) as error:
        raise click.ClickException(f"{nombre}: {type(error).__name__}: {error}") from error
    if not isinstance(valor, Definicion):
        raise click.ClickException(f"{nombre} no es una Definicion")
    return valor
