"""`aeropartners saga reconstruir`: the tables of sagas written again from their events, or what differs."""

import sys
from collections.abc import Callable
from typing import Any

import click

from aeropartners.arranque.anotar import anotar_hecho
from aeropartners.arranque.operador import en_json
from aeropartners.arranque.peticiones import decir, imprimir
from aeropartners.arranque.procesos import Proceso
from saga_orchestrator.infraestructura.reconstruccion import Diferencia, Diferencias

IGUAL, DISTINTO = 0, 1


def anadir_a_saga(saga: click.Group, abrir: Callable[[], Proceso]) -> None:
    """Add `reconstruir` to the group `saga`."""

    @saga.command()
    @click.argument("saga_id", type=click.UUID, required=False)
    @click.option("--comprobar", is_flag=True, help="No escribir: decir solo qué difiere.")
    @en_json
    def reconstruir(saga_id: Any, comprobar: bool, en_json: bool) -> None:
        """Rebuild saga_log, saga_pasos and saga_compensaciones from saga_events.

        With --comprobar exit code 1 when a column is not what the events say, or a saga is of a definition
        that is not known here.
        """
        proceso = abrir()
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
    """Return it as JSON has it."""
    return valor if valor is None or isinstance(valor, bool | int | float | str | list | dict) else str(valor)
