"""`aeropartners auditoria`: what was done and refused, for a file that leaves the system."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from aeropartners.arranque.config import Config
from aeropartners.arranque.operador import en_json
from aeropartners.arranque.peticiones import Peticiones, imprimir
from aeropartners.seedwork.aplicacion.legible import visible
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria

PAGINA = 1_000
COLUMNAS = [columna.name for columna in auditoria.c]


def grupo(leer: Callable[[], Config]) -> click.Group:
    """Return the group."""
    peticiones = Peticiones(leer)
    ordenes = click.Group("auditoria", help="Read what was done and refused; needs an administrator's key.")

    @ordenes.command()
    @click.option("--saga", "saga_id", type=click.UUID, help="Lo de esta SAGA.")
    @click.option("--desde", help="Desde este momento, ISO-8601; sin zona es UTC.")
    @click.option("--hasta", help="Hasta antes de este momento.")
    @en_json
    def exportar(saga_id: Any, desde: str | None, hasta: str | None, en_json: bool) -> None:
        """Print every row, oldest first, as CSV; with --json as a JSON document a line."""
        dados = {"saga_id": saga_id, "desde": desde, "hasta": hasta}
        filas = _todas(peticiones, {nombre: str(valor) for nombre, valor in dados.items() if valor})
        _en_jsonl(filas) if en_json else _en_csv(filas)

    return ordenes


def _todas(peticiones: Peticiones, consulta: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield page after page, each from the last row's moment on: rows are only added, at the end."""
    pagina = {**consulta, "limit": PAGINA, "offset": 0, "contar": "false"}
    while True:
        filas = peticiones.pedir("GET", "/api/v1/auditoria", params=pagina)["auditoria"]
        yield from filas
        if len(filas) < PAGINA:
            return
        ultimo = filas[-1]["momento"]
        leidas = pagina["offset"] if ultimo == pagina.get("desde") else 0
        pagina |= {"desde": ultimo, "offset": leidas + sum(f["momento"] == ultimo for f in filas)}


def _en_jsonl(filas: Iterator[dict[str, Any]]) -> None:
    for fila in filas:
        imprimir(fila, sangria=None)


def _en_csv(filas: Iterator[dict[str, Any]]) -> None:
    salida = csv.DictWriter(sys.stdout, COLUMNAS, extrasaction="ignore")
    salida.writeheader()
    for fila in filas:
        celdas = {**fila, "detalle": json.dumps(fila["detalle"], ensure_ascii=False)}
        salida.writerow({columna: _inerte(valor) for columna, valor in celdas.items()})


def _inerte(valor: Any) -> Any:
    """What a spreadsheet or a terminal would run stays text: a path or a reason was chosen by a caller."""
    if not isinstance(valor, str):
        return valor
    return visible(f"'{valor}" if valor.startswith(("=", "+", "-", "@", "\t", "\r")) else valor)
