"""The demonstration: sagas of each system at its front door, shown live in the terminal."""

import time
from collections.abc import Mapping, Sequence
from ssl import SSLContext

import httpx
from rich.console import Console

from aeropartners.arranque import pantallas
from aeropartners.arranque.plataforma import OPERADOR
from aeropartners.arranque.servidores import Servidor
from aeropartners.arranque.sistemas import Sistema


def mostrar(
    sistemas: Sequence[Sistema],
    servidores: Mapping[str, Servidor],
    cabeceras: Mapping[str, str],
    confianza: SSLContext,
) -> bool:
    """Start sagas of each system and show them until they end; True when all ended as expected."""
    consola = pantallas.consola()
    for servidor in servidores.values():
        servidor.empezar()
    _direcciones(consola, sistemas, servidores)
    inicio, bien = time.monotonic(), True
    for sistema in sistemas:
        url = servidores[sistema.puerta].url
        with httpx.Client(base_url=url, headers=cabeceras, verify=confianza, timeout=10) as cliente:
            bien &= sistema.demostracion(cliente, consola)
    veredicto = "[green]todas terminaron como se esperaba[/]" if bien else "[red]no como se esperaba[/]"
    consola.print(f"{veredicto} en {time.monotonic() - inicio:.1f} s")
    _que_sigue(consola, servidores[sistemas[0].puerta])
    return bien


def _direcciones(consola: Console, sistemas: Sequence[Sistema], servidores: Mapping[str, Servidor]) -> None:
    """Print a line for each service, with the variable that moves it and the port that it left to another."""
    consola.print("[bold]Aeropartners[/]")
    for sistema in sistemas:
        for s in sistema.servicios:
            servidor = servidores[s.nombre]
            movido = "" if servidor.puerto == s.puerto else f" (su contrato quiere el {s.puerto})"
            consola.print(f"  {s.sistema:<10} {s.parte:<14} {servidor.url:<24} {servidor.variable}{movido}")
    operador = servidores[OPERADOR]
    consola.print(f"  {'todos':<10} {OPERADOR:<14} {operador.url:<24} {operador.variable}")


def _que_sigue(consola: Console, puerta: Servidor) -> None:
    """Print what somebody who sees this for the first time may try next."""
    consola.print(
        f"Siga: `aeropartners saga lista`, `aeropartners saga ver SAGA_ID`, la API en {puerta.url}/docs"
    )
