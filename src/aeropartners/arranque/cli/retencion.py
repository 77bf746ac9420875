"""`aeropartners retencion`: removes old weeks of sagas and old inbox rows."""

import sys
from datetime import timedelta

import click

from aeropartners.arranque.cli.auditoria_de_mandos import anotar_hecho
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola.peticiones import imprimir
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento
from saga_orchestrator.infraestructura.mantenimiento.retencion import Semana

DIAS = 90


@click.command(
    help="""Retirar las semanas en que terminaron todas las SAGAs.

Y de la bandeja de entrada, lo de más de 8 días. Se hace con el sistema en marcha. El código de salida es 1 si
una semana no se pudo bloquear, o cambió mientras tanto: está entera, repita la orden."""
)
@click.option("--dias", type=click.IntRange(8), default=DIAS, show_default=True, help="Edad mínima.")
@click.option("--simular", is_flag=True, help="Decir qué se retiraría, y no retirar nada.")
@en_json
def retencion(dias: int, simular: bool, en_json: bool) -> None:
    """Remove the weeks of sagas, and the inbox rows, that are old enough."""
    proceso = con_base()
    semanas = proceso.c.retencion().semanas(timedelta(days=dias))
    ocupadas = [] if simular else [s for s in semanas if s.retirable and not _retirar(proceso, s)]
    if not simular:
        Mantenimiento(proceso.c.motor_admin(), proceso.c.reloj()).una_ronda()
    if en_json:
        imprimir([_fila(s, simular, s in ocupadas) for s in semanas])
    else:
        _mostrar(semanas, simular, ocupadas)
    sys.exit(1 if ocupadas else 0)


def _retirar(proceso: Proceso, semana: Semana) -> bool:
    try:
        proceso.c.retencion().retirar(semana.lunes)
    except Conflicto:
        return False
    anotar_hecho(proceso.c, "retencion", f"semana/{semana.lunes:%Y-%m-%d}", sagas=semana.sagas)
    return True


def _fila(semana: Semana, simular: bool, ocupada: bool) -> dict[str, object]:
    return {
        "semana": f"{semana.lunes:%Y-%m-%d}",
        "sagas": semana.sagas,
        "abiertas": semana.abiertas,
        "resultado": _resultado(semana, simular, ocupada),
    }


def _resultado(semana: Semana, simular: bool, ocupada: bool) -> str:
    if not semana.retirable:
        return "se queda"
    if ocupada:
        return "ocupada"
    return "se retiraría" if simular else "retirada"


def _mostrar(semanas: list[Semana], simular: bool, ocupadas: list[Semana]) -> None:
    for semana in semanas:
        abiertas = f", {semana.abiertas} abiertas" if semana.abiertas else ""
        resultado = _resultado(semana, simular, semana in ocupadas)
        click.echo(f"{semana.lunes:%Y-%m-%d}: {semana.sagas} SAGAs{abiertas}: {resultado}")
    if not semanas:
        click.echo("No hay SAGAs tan viejas")
