"""The demonstration: two sagas of each system through its BFF, shown live in the terminal."""

import time
import uuid
from collections.abc import Mapping, Sequence
from ssl import SSLContext
from typing import Any

import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from arranque import demo_partners
from arranque.servidores import Servidor

PLAZO_S = 60
FINALES = {"COMPLETADA", "FALLIDA", "COMPENSADA"}
MARCAS = {True: "[green]hecho[/]", False: "[red]falló[/]", None: "[dim]pendiente[/]"}


def mostrar(servidores: Mapping[str, Servidor], cabeceras: Mapping[str, str], confianza: SSLContext) -> bool:
    """Start sagas of each system and show them until they end; True when all ended as expected."""
    consola = Console()
    for servidor in servidores.values():
        servidor.empezar()
    direcciones = " · ".join(f"{nombre} {servidor.url}" for nombre, servidor in servidores.items())
    bff, partners = servidores["bff"], servidores["bff-partners"]
    consola.print(f"[bold]Aeropartners[/] · {direcciones} · OpenAPI {bff.url}/openapi.json")
    inicio = time.monotonic()
    with httpx.Client(base_url=bff.url, headers=cabeceras, verify=confianza, timeout=10) as cliente:
        esperadas = {_iniciar(cliente, ""): "COMPLETADA", _iniciar(cliente, "FALLA-"): "COMPENSADA"}
        estados = _seguir(cliente, list(esperadas), consola)
    with httpx.Client(base_url=partners.url, headers=cabeceras, verify=confianza, timeout=10) as cliente:
        suyas = {demo_partners.iniciar(cliente, 1000): "completed"}
        suyas |= {demo_partners.iniciar(cliente, 60000): "compensated"}
        estados |= demo_partners.seguir(cliente, list(suyas), consola, PLAZO_S)
    bien = all(estados.get(id) == esperado for id, esperado in (esperadas | suyas).items())
    verdicto = "[green]todas terminaron como se esperaba[/]" if bien else "[red]no como se esperaba[/]"
    consola.print(f"{verdicto} en {time.monotonic() - inicio:.1f} s")
    return bien


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
    respuesta = cliente.post("/saga/crear-campana-completa", json=cuerpo)
    respuesta.raise_for_status()
    return str(respuesta.json()["saga_id"])


def _seguir(cliente: httpx.Client, ids: Sequence[str], consola: Console) -> dict[str, str]:
    limite = time.monotonic() + PLAZO_S
    sagas: list[dict[str, Any]] = []
    with Live(console=consola, refresh_per_second=10) as vivo:
        while time.monotonic() < limite:
            sagas = [cliente.get(f"/saga/{id}/status").json() for id in ids]
            vivo.update(Group(*(_tabla(saga) for saga in sagas)))
            if all(s["estado"] in FINALES for s in sagas):
                break
            time.sleep(0.1)
    return {s["saga_id"]: s["estado"] for s in sagas}


def _tabla(saga: dict[str, Any]) -> Table:
    tabla = Table(title=f"SAGA {saga['saga_id']} · {saga['estado']}", title_justify="left", min_width=80)
    for columna in ("paso", "", "resultado o error"):
        tabla.add_column(columna)
    for entrada in [*saga["pasos"], *saga["compensaciones"]]:
        detalle = entrada["error"] or (entrada["resultado"] or {}).get("estado", "")
        tabla.add_row(entrada["tipo"], MARCAS[entrada["exitoso"]], str(detalle))
    return tabla
