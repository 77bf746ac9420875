"""The partners' half of the demonstration: one that succeeds, and one whose contract the rules refuse."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

FINALES = {"completed", "failed", "compensated"}


def iniciar(cliente: httpx.Client, monto: int) -> str:
    """Start a saga and return its id."""
    cuerpo = {
        "nombre": "Example Partner",
        "email": f"partner-{uuid.uuid4().hex[:8]}@example.com",
        "telefono": "+1234567890",
        "direccion": "123 Main Street",
        "contrato": {"monto": monto},
    }
    respuesta = cliente.post("/api/v1/partners/", json=cuerpo)
    respuesta.raise_for_status()
    return str(respuesta.json()["saga_id"])


def seguir(cliente: httpx.Client, ids: Sequence[str], consola: Console, plazo_s: float) -> dict[str, str]:
    """Show them until they end, and return how."""
    limite = time.monotonic() + plazo_s
    sagas: list[dict[str, Any]] = []
    with Live(console=consola, refresh_per_second=10) as vivo:
        while time.monotonic() < limite:
            sagas = [cliente.get(f"/api/v1/saga/status/{id}").json()["saga"] for id in ids]
            vivo.update(Group(*(_tabla(saga) for saga in sagas)))
            if all(s["status"] in FINALES for s in sagas):
                break
            time.sleep(0.1)
    return {s["saga_id"]: s["status"] for s in sagas}


def _tabla(saga: dict[str, Any]) -> Table:
    tabla = Table(title=f"SAGA {saga['saga_id']} · {saga['status']}", title_justify="left", min_width=80)
    for columna in ("paso", "", "resultado o error"):
        tabla.add_column(columna)
    for nombre, paso in saga["steps"].items():
        tabla.add_row(nombre, paso["status"], str(paso["error"] or paso["result"] or ""))
    for accion in saga["compensation_actions"]:
        tabla.add_row(accion, "", "")
    return tabla
