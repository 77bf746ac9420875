"""`aeropartners demo`: starts sagas of each system over HTTP and shows them live in the terminal."""

import logging
import time
from collections.abc import Mapping, Sequence
from ssl import SSLContext

import click
import httpx
from rich.console import Console

from aeropartners.arranque.cli import proceso_de_mando
from aeropartners.arranque.cli.servir import empezar, hasta_senal, parar, salir
from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.peticiones import Fallo
from aeropartners.arranque.http.servidores import PuertoOcupado, Servidor
from aeropartners.arranque.http.tls import para_servir
from aeropartners.arranque.plataforma import OPERADOR
from aeropartners.arranque.plataforma import SERVICIOS as DE_LA_PLATAFORMA
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicios import abrir_todos, exigir_puertos
from aeropartners.arranque.sistemas import SISTEMAS, Sistema
from aeropartners.seedwork.aplicacion.texto_visible import visible
from aeropartners.seedwork.infraestructura.base.archivos_privados import uno_solo
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_de_clave import cabecera


@click.command(
    help="""Mostrar los sistemas en marcha en este proceso, todos o los que se digan, con SAGAs de cada uno.

Unas terminan y otras se deshacen. Un sistema que no puede abrir uno de sus puertos se queda fuera, y se dice;
los demás siguen."""
)
@click.option("--una-vez", is_flag=True, help="Terminar cuando las SAGAs terminen.")
@click.option(
    "--sistema",
    "nombres",
    multiple=True,
    type=click.Choice([s.nombre for s in SISTEMAS]),
    help="Solo este; se repite.",
)
def demo(una_vez: bool, nombres: tuple[str, ...]) -> None:
    """Run the systems whose ports are free, and show sagas of each."""
    pedidos = [s for s in SISTEMAS if s.nombre in (nombres or (s.nombre,))]
    proceso = proceso_de_mando.proceso(logging.WARNING, [s.nombre for s in pedidos])
    config = proceso.config
    if not config.embebida:
        raise click.ClickException(
            "La demostración es embebida: quite PULSAR_URL, o use `aeropartners servir`"
        )
    sistemas = _con_puertos(proceso, pedidos)
    servicios = [*(s for sistema in sistemas for s in sistema.servicios), *DE_LA_PLATAFORMA]
    proceso.migrar()
    with uno_solo(config.datos):
        proceso.anadir_modulos(dict.fromkeys(pieza for s in servicios for pieza in s.piezas))
        tls = para_servir(config.tls_cert_file, config.tls_key_file)
        servidores = abrir_todos(proceso, servicios, tls)
        empezar(proceso, "demo")
        cabeceras, confianza = cabecera(proceso.c.clave_interna()), proceso.c.confianza()
        bien = mostrar(sistemas, servidores, cabeceras, confianza)
        abiertos = list(servidores.values())
        if una_vez:
            salir(parar(abiertos, proceso) and bien)
        hasta_senal(abiertos, proceso, empezados=True)


def _con_puertos(proceso: Proceso, sistemas: Sequence[Sistema]) -> list[Sistema]:
    """Return the systems whose ports are free; print why others are left out. Raises Fallo without any."""
    exigir_puertos(proceso, DE_LA_PLATAFORMA)
    puertos = proceso.config.puertos
    pedidos, libres = {puertos[s.nombre].numero for s in DE_LA_PLATAFORMA}, []
    for sistema in sistemas:
        numeros = {puertos[s.nombre].numero for s in sistema.servicios}
        try:
            if len(numeros) < len(sistema.servicios) or numeros & pedidos:
                raise PuertoOcupado("; ".join(proceso.config.puertos_repetidos()))
            exigir_puertos(proceso, sistema.servicios)
        except PuertoOcupado as error:
            click.echo(f"{sistema.nombre} se queda fuera: {visible(str(error))}", err=True)
        else:
            libres.append(sistema)
            pedidos |= numeros
    if not libres:
        raise Fallo("No queda ningún sistema que mostrar")
    return libres


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
            bien &= _demostrado(sistema, cliente, consola)
    veredicto = "[green]todas terminaron como se esperaba[/]" if bien else "[red]no como se esperaba[/]"
    consola.print(f"{veredicto} en {time.monotonic() - inicio:.1f} s")
    _que_sigue(consola, servidores[sistemas[0].puerta])
    return bien


def _demostrado(sistema: Sistema, cliente: httpx.Client, consola: Console) -> bool:
    """Show one system's sagas; an HTTP error is printed, so that the next systems are still shown."""
    try:
        return sistema.demostracion(cliente, consola)
    except httpx.HTTPError as error:
        consola.print(f"[red]{sistema.nombre}:[/] {pantallas.texto(error)}")
        return False


def _direcciones(consola: Console, sistemas: Sequence[Sistema], servidores: Mapping[str, Servidor]) -> None:
    """Print each service's URL and the variable of its port, with the contract's port if it differs."""
    consola.print("[bold]Aeropartners[/]")
    for sistema in sistemas:
        for s in sistema.servicios:
            servidor = servidores[s.nombre]
            movido = "" if servidor.puerto == s.puerto else f" (su contrato quiere el {s.puerto})"
            consola.print(f"  {s.sistema:<10} {s.parte:<14} {servidor.url:<24} {servidor.variable}{movido}")
    operador = servidores[OPERADOR]
    consola.print(f"  {'todos':<10} {OPERADOR:<14} {operador.url:<24} {operador.variable}")


def _que_sigue(consola: Console, puerta: Servidor) -> None:
    """Print the commands to try next."""
    consola.print(
        f"Siga: `aeropartners saga lista`, `aeropartners saga ver SAGA_ID`, la API en {puerta.url}/docs"
    )
