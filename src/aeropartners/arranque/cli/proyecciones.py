"""`aeropartners proyecciones`: recounts the totals of statistics and metrics."""

import sys
from decimal import Decimal

import click

from aeropartners.arranque.cli.auditoria_de_mandos import anotar_hecho
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola.peticiones import decir, imprimir
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector

grupo = click.Group("proyecciones", help="Contar otra vez los totales de estadísticas y métricas.")


@grupo.command(
    help="""Contar otra vez desde los eventos NOMBRES, o todas; con el sistema en marcha.

Dice por cuánto estaban mal los totales."""
)
@click.argument("nombres", nargs=-1)
@click.option("--comprobar", is_flag=True, help="No escribir: decir qué difiere, con código de salida 1.")
@en_json
def reconstruir(nombres: tuple[str, ...], comprobar: bool, en_json: bool) -> None:
    """Recount projections while the system runs."""
    proceso = con_base()
    todas = {p.nombre: p for pieza in proceso.c.piezas().values() for p in pieza.proyecciones}
    if ajenas := set(nombres) - set(todas):
        raise click.BadParameter(f"no existen: {', '.join(sorted(ajenas))}; hay {', '.join(todas)}")
    errores: dict[str, dict[str, Decimal]] = {}
    for nombre in nombres or todas:
        proyector = Proyector(proceso.c.motor(), [todas[nombre]])
        error = proyector.reconstruir(todas[nombre], escribir=not comprobar)
        if not comprobar:
            anotar_hecho(proceso.c, "proyecciones.reconstruir", f"proyecciones/{nombre}", errores=len(error))
        errores[nombre] = {" ".join(filter(None, clave)): valor for clave, valor in sorted(error.items())}
        if not en_json:
            click.echo(f"{nombre}: {len(error)} totales {'difieren' if comprobar else 'corregidos'}")
            for total, valor in errores[nombre].items():
                decir(f"  {total}: {valor:+f}")
    if en_json:
        imprimir({"escritas": not comprobar, "errores": errores})
    sys.exit(1 if comprobar and any(errores.values()) else 0)
