"""The demonstration of campaigns: one saga that succeeds, and one whose payment is refused."""

import uuid
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from aeropartners.arranque.consola.pantallas import texto
from aeropartners.arranque.consola.seguimiento import pedir, seguir

FINALES = {"COMPLETADA", "FALLIDA", "COMPENSADA"}
MARCAS = {True: "[green]hecho[/]", False: "[red]falló[/]", None: "[dim]pendiente[/]"}


def mostrar(cliente: httpx.Client, consola: Console) -> bool:
    """Start two sagas at the BFF and show them until they end; True when they ended as they should."""
    esperadas = {_iniciar(cliente, ""): "COMPLETADA", _iniciar(cliente, "FALLA-"): "COMPENSADA"}
    sagas = seguir(
        consola,
        lambda: [pedir(cliente, "GET", f"/saga/{id}/status") for id in esperadas],
        _tabla,
        lambda saga: saga["estado"] in FINALES,
    )
    return {saga["saga_id"]: saga["estado"] for saga in sagas} == esperadas


def _iniciar(cliente: httpx.Client, prefijo: str) -> str:
    sufijo = uuid.uuid4().hex[:8]
    cuerpo = {
        "campana": {
            "nombre": "Campaña de demostración",
            "tipo": "PROMOCIONAL",
            "presupuesto": {"monto": 1000.0, "moneda": "USD"},
            "fecha_inicio": "2025-01-01T00:00:00",
            "fecha_fin": "2025-12-31T23:59:59",
            "id_afiliado": "afiliado_demo",
        },
        "pago": {
            "id_afiliado": "afiliado_demo",
            "monto": 1000.0,
            "moneda": "USD",
            "referencia_pago": f"{prefijo}demo-{sufijo}",
        },
        "reporte": {"tipo_reporte": "metricas_generales", "filtros": {}},
    }
    clave = {"Idempotency-Key": sufijo}
    return str(pedir(cliente, "POST", "/saga/crear-campana-completa", json=cuerpo, headers=clave)["saga_id"])


def _tabla(saga: dict[str, Any]) -> Table:
    tabla = Table(title=f"SAGA {saga['saga_id']} · {saga['estado']}", title_justify="left", min_width=80)
    for columna in ("paso", "", "resultado o error"):
        tabla.add_column(columna)
    for entrada in [*saga["pasos"], *saga["compensaciones"]]:
        detalle = entrada["error"] or (entrada["resultado"] or {}).get("estado", "")
        tabla.add_row(texto(entrada["tipo"]), MARCAS[entrada["exitoso"]], texto(detalle))
    return tabla
