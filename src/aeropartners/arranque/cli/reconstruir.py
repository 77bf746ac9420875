"""`aeropartners saga reconstruir`: rebuilds the tables of sagas from their events, or reports differences."""

import sys
from typing import Any

import click

from aeropartners.arranque.cli.auditoria_de_mandos import anotar_hecho
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola.peticiones import decir, imprimir
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Diferencia, Diferencias

IGUAL, DISTINTO = 0, 1


@click.command(
    help="""Reescribir desde los eventos las tablas de las SAGAs: saga_log, saga_pasos y saga_compensaciones.

Con --comprobar, el código de salida es 1 si una columna no es la que dicen los eventos, o si aquí no se
conoce la definición de una SAGA."""
)
@click.argument("saga_id", type=click.UUID, required=False)
@click.option("--comprobar", is_flag=True, help="No escribir: decir solo qué difiere.")
@en_json
def reconstruir(saga_id: Any, comprobar: bool, en_json: bool) -> None:
    """Rebuild the tables of one saga, or of all."""
    proceso = con_base()
    rehacer = proceso.c.reconstruccion()
    hecho = rehacer.ejecutar(saga_id, escribir=not comprobar)
    if not comprobar:
        diferentes = len(hecho.diferentes)
        anotar_hecho(proceso.c, "saga.reconstruir", f"saga/{saga_id or ''}", diferentes=diferentes)
    if en_json:
        imprimir(_objeto(hecho) | {"escritas": not comprobar})
    else:
        _decir(hecho)
    distinto = comprobar and (hecho.diferentes or hecho.desconocidas)
    sys.exit(DISTINTO if distinto else IGUAL)


def _decir(hecho: Diferencias) -> None:
    decir(f"{hecho.revisadas} SAGAs revisadas, {len(hecho.diferentes)} diferentes")
    for d in hecho.columnas:
        decir(f"{d.saga_id} {_columna(d)}: {d.guardado} guardado, {d.calculado} calculado")
    for id in hecho.desconocidas:
        decir(f"{id}: su definición o un evento suyo es de otra versión; no se ha comparado")


def _objeto(hecho: Diferencias) -> dict[str, Any]:
    columnas = [
        {
            "saga_id": str(d.saga_id),
            "columna": _columna(d),
            "guardado": _plano(d.guardado),
            "calculado": _plano(d.calculado),
        }
        for d in hecho.columnas
    ]
    return {
        "revisadas": hecho.revisadas,
        "diferentes": [str(id) for id in hecho.diferentes],
        "columnas": columnas,
        "desconocidas": [str(id) for id in hecho.desconocidas],
    }


def _columna(d: Diferencia) -> str:
    return f"{d.tabla}[{d.fila}]" + (f".{d.columna}" if d.columna else "")


def _plano(valor: Any) -> Any:
    """Return a value that JSON can hold: itself, or its text."""
    return valor if valor is None or isinstance(valor, bool | int | float | str | list | dict) else str(valor)
