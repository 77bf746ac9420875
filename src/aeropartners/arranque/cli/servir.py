"""`aeropartners servir`: runs services in a process until SIGTERM."""

import os
import signal
import sys
import threading
from typing import NoReturn

import click

from aeropartners.arranque.cli import proceso_de_mando
from aeropartners.arranque.config import ConfiguracionInvalida
from aeropartners.arranque.consola.peticiones import Fallo
from aeropartners.arranque.http.servidores import Servidor
from aeropartners.arranque.http.tls import para_servir
from aeropartners.arranque.proceso.memoria import aliviar_recolector
from aeropartners.arranque.proceso.procesos import Proceso, SinMigrar
from aeropartners.arranque.servicios import abrir, aplicacion, exigir_puertos
from aeropartners.arranque.sistemas import llamados
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos
from saga_orchestrator.infraestructura.mantenimiento.definiciones import DefinicionEditada


@click.command(
    help="""Servir un servicio, o todos los de un sistema, hasta SIGTERM.

SERVICIO es el nombre de uno, SISTEMA.PARTE o SISTEMA. Con SIGTERM termina lo que tiene entre manos."""
)
@click.argument("servicio", type=click.Choice(list(llamados())), metavar="SERVICIO")
@click.option("--modulos", "nombres", default="", help="De los suyos, separados por comas; todos.")
def servir(servicio: str, nombres: str) -> None:
    """Serve until a signal."""
    servidos = llamados()[servicio]
    todas = tuple(dict.fromkeys(pieza for s in servidos for pieza in s.piezas))
    suyas = tuple(n.strip() for n in nombres.split(",") if n.strip()) or todas
    if ajenas := set(suyas) - set(todas):
        raise click.BadParameter(f"módulos desconocidos: {', '.join(sorted(ajenas))}")
    proceso = proceso_de_mando.proceso(sistemas=[s.sistema for s in servidos])
    config = proceso.config
    if config.embebida:
        raise click.ClickException(
            "PULSAR_URL: los procesos separados necesitan un Pulsar; vea `aeropartners demo`"
        )
    if config.puerto and len(servidos) > 1:
        raise Fallo(
            f"PORT es de un solo servicio; {servicio} tiene {len(servidos)}, cada uno con su variable"
        )
    if not config.puerto:  # before any loop starts, or the loops would run without it
        exigir_puertos(proceso, servidos)
    tls = para_servir(config.tls_cert_file, config.tls_key_file)
    if suyas:
        _esperar(proceso)
        proceso.anadir_modulos(suyas)
    apps = [aplicacion(proceso, s, [p for p in s.piezas if p in suyas]) for s in servidos]
    if suyas:
        empezar(proceso, servicio)
    abiertos = [abrir(proceso, s, app, tls, config.puerto) for s, app in zip(servidos, apps, strict=True)]
    for servido, abierto in zip(servidos, abiertos, strict=True):
        click.echo(f"{servido.nombre} en {abierto.url}")
    hasta_senal(abiertos, proceso)


def _esperar(proceso: Proceso) -> None:
    try:
        proceso.esperar()
    except (SinMigrar, TemasIncompletos) as error:
        raise click.ClickException(str(error)) from error


def empezar(proceso: Proceso, servicio: str) -> None:
    """Start the process's loops; raises Fallo with the reason why it refuses to start."""
    try:
        proceso.empezar(servicio)
    except (DefinicionEditada, ConfiguracionInvalida) as error:
        raise Fallo(str(error)) from error


def hasta_senal(servidores: list[Servidor], proceso: Proceso, empezados: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, then stop and exit."""
    aliviar_recolector()
    terminar = threading.Event()
    for senal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(senal, lambda *_: terminar.set())
    if not empezados:
        for servidor in servidores:
            servidor.empezar()
    terminar.wait()
    click.echo("Terminando…")
    salir(parar(servidores, proceso))


def parar(servidores: list[Servidor], proceso: Proceso) -> bool:
    """Stop the servers and the loops; False when one did not end in time."""
    proceso.soltar_lo_que_dura()
    for servidor in servidores:
        servidor.parar()
    return proceso.parar()


def salir(limpio: bool) -> NoReturn:
    """Exit at once, without Python's own shutdown: all that can be stored is stored.

    Python would wait for threads that hang. It would also free the memory of C libraries under their own
    threads, which outlive their clients: a clean stop ended in a segmentation fault.
    """
    if not limpio:
        click.echo("Algo no terminó a tiempo: lo que quedó en curso vuelve al empezar otra vez", err=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if limpio else 1)
