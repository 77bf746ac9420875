"""The demonstration of partners: one saga that succeeds, and one whose contract the rules refuse."""

import uuid
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from aeropartners.arranque.consola.pantallas import texto
from aeropartners.arranque.consola.seguimiento import pedir, seguir

FINALES = {"completed", "failed", "compensated"}


def mostrar(cliente: httpx.Client, consola: Console) -> bool:
    """Start two sagas at the BFF and show them until they end; True when they ended as they should."""
    esperadas = {_iniciar(cliente, 1000): "completed", _iniciar(cliente, 60000): "compensated"}
    sagas = seguir(
        consola,
        lambda: [pedir(cliente, "GET", f"/api/v1/saga/status/{id}")["saga"] for id in esperadas],
        _tabla,
        lambda saga: saga["status"] in FINALES,
    )
    return {saga["saga_id"]: saga["status"] for saga in sagas} == esperadas


def _iniciar(cliente: httpx.Client, monto: int) -> str:
    cuerpo: dict[str, Any] = {
        "nombre": "Example Partner",
        "email": f"partner-{uuid.uuid4().hex[:8]}@example.com",
        "telefono": "+1234567890",
        "direccion": "123 Main Street",
        "contrato": {"monto": monto},
    }
    clave = {"Idempotency-Key": cuerpo["email"]}
    return str(pedir(cliente, "POST", "/api/v1/partners/", json=cuerpo, headers=clave)["saga_id"])


def _dicho(paso: dict[str, Any]) -> str:
    """Return the result of a step as text: its error, or the values of its result."""
    return str(paso["error"] or " · ".join(map(str, (paso["result"] or {}).values())))


def _tabla(saga: dict[str, Any]) -> Table:
    tabla = Table(title=f"SAGA {saga['saga_id']} · {saga['status']}", title_justify="left", min_width=80)
    for columna in ("paso", "", "resultado o error"):
        tabla.add_column(columna)
    for nombre, paso in saga["steps"].items():
        tabla.add_row(texto(nombre), texto(paso["status"]), texto(_dicho(paso)))
    for accion in saga["compensation_actions"]:
        tabla.add_row(texto(accion), "", "")
    return tabla
