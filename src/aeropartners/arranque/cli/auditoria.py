"""`aeropartners auditoria`: exports the audit log as CSV or JSON."""

import csv
import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.consola.pantallas import ninguna
from aeropartners.arranque.consola.peticiones import Peticiones, imprimir
from aeropartners.seedwork.aplicacion.texto_visible import visible

PAGINA = 1_000
# The columns of the table `auditoria`; repeated here because the table's module imports SQLAlchemy.
COLUMNAS = (
    "id",
    "momento",
    "actor",
    "rol",
    "operacion",
    "recurso",
    "motivo",
    "saga_id",
    "correlation_id",
    "origen",
    "resultado",
    "detalle",
)
grupo = click.Group("auditoria", help="Leer lo que se hizo y se rechazó; con una clave de administrador.")


@grupo.command(
    help="Escribir todas las filas, primero las viejas, como CSV; con --json, un documento por línea."
)
@click.option("--saga", "saga_id", type=click.UUID, help="Lo de esta SAGA.")
@click.option("--desde", help="Desde este momento, ISO-8601; sin zona es UTC.")
@click.option("--hasta", help="Hasta antes de este momento.")
@en_json
def exportar(saga_id: Any, desde: str | None, hasta: str | None, en_json: bool) -> None:
    """Print every row; without rows, print the header and tell it on standard error."""
    dados = {"saga_id": saga_id, "desde": desde, "hasta": hasta}
    consulta = {nombre: str(valor) for nombre, valor in dados.items() if valor}
    filas = _todas(Peticiones(), consulta)
    if en_json:
        _en_jsonl(filas)
    elif not _en_csv(filas):
        click.echo(visible(ninguna("Ninguna operación", consulta)), err=True)


def _todas(peticiones: Peticiones, consulta: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all rows, page by page; each page starts at the last row's time, as rows are only appended."""
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


def _en_csv(filas: Iterator[dict[str, Any]]) -> int:
    """Print the rows as CSV and return how many there are."""
    cuantas = 0
    salida = csv.DictWriter(sys.stdout, COLUMNAS, extrasaction="ignore")
    salida.writeheader()
    for fila in filas:
        cuantas += 1
        celdas = {**fila, "detalle": json.dumps(fila["detalle"], ensure_ascii=False)}
        salida.writerow({columna: _inerte(valor) for columna, valor in celdas.items()})
    return cuantas


def _inerte(valor: Any) -> Any:
    """Return a cell that no spreadsheet or terminal executes: callers choose paths and reasons."""
    if not isinstance(valor, str):
        return valor
    return visible(f"'{valor}" if valor.startswith(("=", "+", "-", "@", "\t", "\r")) else valor)
