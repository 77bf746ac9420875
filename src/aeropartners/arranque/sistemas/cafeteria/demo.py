"""The demonstration of the coffee shop: an order that is confirmed, and one that asks for too much."""

import uuid
from collections.abc import Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from aeropartners.arranque.consola.pantallas import texto
from aeropartners.arranque.consola.seguimiento import pedir, seguir

CLIENTE = "Juan Pérez"
PEDIDOS = (([(1, 2), (3, 1)], "completada"), ([(1, 100_000)], "compensada"))
FINALES = {"completada", "compensada", "fallida"}
MARCAS = {True: "sí", False: "no"}


def mostrar(cliente: httpx.Client, consola: Console) -> bool:
    """Order twice and show both sagas until they end; True when they ended as they should."""
    esperadas = {_pedir(cliente, items): final for items, final in PEDIDOS}
    sagas = seguir(
        consola,
        lambda: [pedir(cliente, "GET", f"/api/v1/sagas/{id}") for id in esperadas],
        _tabla,
        lambda saga: saga["estado"] in FINALES,
    )
    return {saga["saga_id"]: saga["estado"] for saga in sagas} == esperadas


def _pedir(cliente: httpx.Client, items: Sequence[tuple[int, int]]) -> str:
    """Order, and return the id of the saga; that an order was undone is an answer as well."""
    cuerpo = {"cliente": CLIENTE, "items": [{"producto_id": p, "cantidad": n} for p, n in items]}
    clave = {"Idempotency-Key": uuid.uuid4().hex}
    try:
        dicho = pedir(cliente, "POST", "/api/v1/pedidos/", json=cuerpo, headers=clave)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.BAD_REQUEST:
            raise
        dicho = error.response.json()["detail"]
    return str(dicho["saga"]["saga_id"])


def _tabla(saga: dict[str, Any]) -> Table:
    tabla = Table(title=f"SAGA {saga['nombre']} · {saga['estado']}", title_justify="left", min_width=80)
    for columna in ("step", "ejecutado", "compensado"):
        tabla.add_column(columna)
    for step in saga["steps"]:
        tabla.add_row(texto(step["nombre"]), MARCAS[step["ejecutado"]], MARCAS[step["compensado"]])
    if error := saga.get("error"):
        tabla.add_row(texto(error), "", "")
    return tabla
