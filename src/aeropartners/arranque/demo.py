"""The demonstration: sagas of each system at its front door, shown live in the terminal."""

import time
from collections.abc import Mapping
from ssl import SSLContext

import httpx
from rich.console import Console

from aeropartners.arranque.servidores import Servidor
from aeropartners.arranque.sistemas import SISTEMAS


def mostrar(servidores: Mapping[str, Servidor], cabeceras: Mapping[str, str], confianza: SSLContext) -> bool:
    """Start sagas of each system and show them until they end; True when all ended as expected."""
    consola = Console()
    for servidor in servidores.values():
        servidor.empezar()
    direcciones = " · ".join(f"{nombre} {servidor.url}" for nombre, servidor in servidores.items())
    primera = servidores[SISTEMAS[0].puerta].url
    consola.print(f"[bold]Aeropartners[/] · {direcciones} · OpenAPI {primera}/openapi.json")
    inicio, bien = time.monotonic(), True
    for sistema in SISTEMAS:
        url = servidores[sistema.puerta].url
        with httpx.Client(base_url=url, headers=cabeceras, verify=confianza, timeout=10) as cliente:
            bien &= sistema.demostracion(cliente, consola)
    verdicto = "[green]todas terminaron como se esperaba[/]" if bien else "[red]no como se esperaba[/]"
    consola.print(f"{verdicto} en {time.monotonic() - inicio:.1f} s")
    return bien
