"""The command line: `aeropartners demo|servir|migrar|config|claves|auditoria|saga|muertos|simular|…`."""

import faulthandler
import logging
import os
import signal
import sys
import threading
from decimal import Decimal
from typing import NoReturn

import click
from httpx import HTTPError

from aeropartners.arranque import (
    auditoria,
    claves,
    cotejo,
    definiciones,
    operador,
    reconstruir,
    registro,
    retencion,
)
from aeropartners.arranque import demo as demostracion
from aeropartners.arranque.acceso import cabecera
from aeropartners.arranque.anotar import anotar_hecho
from aeropartners.arranque.config import Config, ConfiguracionInvalida, desconocidas, leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.mandos import Mandos, exigir_base
from aeropartners.arranque.memoria import aliviar_recolector, pocas_arenas
from aeropartners.arranque.operador import en_json
from aeropartners.arranque.peticiones import Fallo, decir, imprimir
from aeropartners.arranque.procesos import Proceso, SinMigrar
from aeropartners.arranque.servicios import abrir, aplicacion, todos
from aeropartners.arranque.servidores import Servidor
from aeropartners.arranque.simular import simular
from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.arranque.tls import para_servir
from aeropartners.seedwork.aplicacion.legible import visible
from aeropartners.seedwork.infraestructura.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.migraciones import EsquemaAjeno
from aeropartners.seedwork.infraestructura.proyector import Proyector
from saga_orchestrator.infraestructura.definiciones import DefinicionEditada


@click.group(cls=Mandos)
@click.version_option(package_name="aeropartners")
def principal() -> None:
    """Sagas that end well every time."""
    registro.configurar()
    for aviso in desconocidas():
        click.echo(f"Aviso: {visible(aviso)}", err=True)


def _config() -> Config:
    try:
        return leer()
    except ConfiguracionInvalida as error:
        raise Fallo(str(error)) from error


def _proceso(nivel: int = logging.INFO) -> Proceso:
    pocas_arenas()
    faulthandler.enable(sys.__stderr__ or 2)  # a crash in a library tells where
    config = _config()
    registro.configurar(logging.DEBUG if config.debug else nivel, config.secretos())
    _avisar_de_puertos(config)
    return Proceso(Contenedor(config=config))


def _con_base() -> Proceso:
    """A process that works on a database that is there."""
    proceso = _proceso()
    exigir_base(proceso.c.motor())
    return proceso


def _avisar_de_puertos(config: Config) -> None:
    for repetido in config.puertos_repetidos():
        click.echo(f"Aviso: {repetido}", err=True)


@principal.command()
@en_json
def config(en_json: bool) -> None:
    """Print the configuration in force, secrets masked."""
    leida = _config()
    _avisar_de_puertos(leida)
    mostrada = leida.mostrar()
    if en_json:
        imprimir(mostrada)
        return
    for variable, valor in mostrada.items():
        click.echo(f"{variable}={valor}")


@principal.command()
@en_json
def migrar(en_json: bool) -> None:
    """Bring the database and the broker's topics and subscriptions up to date."""
    try:
        esquema = _proceso().migrar()
    except EsquemaAjeno as error:
        raise Fallo(str(error)) from error
    except (HTTPError, TemasIncompletos) as error:
        raise Fallo(f"PULSAR_ADMIN_URL: {error}") from error
    if en_json:
        imprimir({"al_dia": True, "mas_nuevo": esquema.mas_nuevo})
    elif esquema.mas_nuevo:
        click.echo(
            f"El esquema ({esquema.revision}) es de una versión más nueva, que admite esta (conoce hasta el"
            f" {esquema.propia}): se queda como está. Temas al día"
        )
    else:
        click.echo("Base de datos y temas al día")


@principal.command()
@click.argument("servicio", type=click.Choice(list(SERVICIOS)))
@click.option("--modulos", "nombres", default="", help="De los suyos, separados por comas; todos.")
def servir(servicio: str, nombres: str) -> None:
    """Run one service until SIGTERM, which drains it."""
    servido = SERVICIOS[servicio]
    suyos = [n.strip() for n in nombres.split(",") if n.strip()] or servido.piezas
    if ajenos := set(suyos) - set(servido.piezas):
        raise click.BadParameter(f"módulos desconocidos: {', '.join(sorted(ajenos))}")
    proceso = _proceso()
    config = proceso.config
    if config.embebida:
        raise click.ClickException(
            "PULSAR_URL: los procesos separados necesitan un Pulsar; vea `aeropartners demo`"
        )
    tls = para_servir(config.tls_cert_file, config.tls_key_file)
    if suyos:
        _esperar(proceso)
        proceso.anadir_modulos(suyos)
    app = aplicacion(proceso, servido, suyos)
    if suyos:
        _empezar(proceso, servicio)
    abierto = abrir(proceso, servido, app, tls, config.puerto)
    click.echo(f"{servicio} en {abierto.url}")
    _hasta_senal([abierto], proceso)


@principal.command()
@click.option("--una-vez", is_flag=True, help="Terminar cuando las SAGAs terminen.")
def demo(una_vez: bool) -> None:
    """Run all systems in this process, and show sagas of each that succeed and that are undone."""
    proceso = _proceso(logging.WARNING)
    config = proceso.config
    if repetidos := config.puertos_repetidos():
        raise Fallo("; ".join(repetidos))
    if not config.embebida:
        raise click.ClickException(
            "La demostración es embebida: quite PULSAR_URL, o use `aeropartners servir`"
        )
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    tls = para_servir(config.tls_cert_file, config.tls_key_file)
    servidores = todos(proceso, tls)
    _empezar(proceso, "demo")
    bien = demostracion.mostrar(servidores, cabecera(proceso.c.clave_interna()), proceso.c.confianza())
    abiertos = list(servidores.values())
    if una_vez:
        _salir(_parar(abiertos, proceso) and bien)
    _hasta_senal(abiertos, proceso, empezados=True)


@principal.group()
def saga() -> None:
    """Operate sagas."""


@principal.group()
def proyecciones() -> None:
    """Operate the totals that statistics and metrics are read from."""


@proyecciones.command("reconstruir")
@click.argument("nombres", nargs=-1)
@click.option("--comprobar", is_flag=True, help="Only compare; exit code 1 when something differs.")
@en_json
def reconstruir_proyecciones(nombres: tuple[str, ...], comprobar: bool, en_json: bool) -> None:
    """Count NOMBRES (all, if none is given) again from the events, beside the running system."""
    proceso = _con_base()
    todas = {p.nombre: p for pieza in proceso.c.piezas().values() for p in pieza.proyecciones}
    if ajenas := set(nombres) - set(todas):
        raise click.BadParameter(f"no existen: {', '.join(sorted(ajenas))}; hay {', '.join(todas)}")
    errores: dict[str, dict[str, Decimal]] = {}
    for nombre in nombres or todas:
        proyector = Proyector(proceso.c.motor(), [todas[nombre]])
        error = proyector.reconstruir(todas[nombre], escribir=not comprobar)
        if not comprobar:
            anotar_hecho(proceso.c, "proyecciones.reconstruir", f"proyecciones/{nombre}", errores=len(error))
        errores[nombre] = {" ".join(filter(None, clave)): valor for clave, valor in sorted(error.items())}
        if not en_json:
            click.echo(f"{nombre}: {len(error)} totales {'difieren' if comprobar else 'corregidos'}")
            for total, valor in errores[nombre].items():
                decir(f"  {total}: {valor:+f}")
    if en_json:
        imprimir({"escritas": not comprobar, "errores": errores})
    sys.exit(1 if comprobar and any(errores.values()) else 0)


operador.anadir_a_saga(saga, _config)
reconstruir.anadir_a_saga(saga, _con_base)
principal.add_command(operador.muertos(_config))
principal.add_command(retencion.comando(_con_base))
principal.add_command(cotejo.comando(_con_base))
principal.add_command(claves.grupo(_con_base))
principal.add_command(auditoria.grupo(_config))
principal.add_command(simular)
principal.add_command(definiciones.comando(_con_base))


def _esperar(proceso: Proceso) -> None:
    try:
        proceso.esperar()
    except (SinMigrar, TemasIncompletos) as error:
        raise click.ClickException(str(error)) from error


def _empezar(proceso: Proceso, servicio: str) -> None:
    try:
        proceso.empezar(servicio)
    except DefinicionEditada as error:
        raise Fallo(str(error)) from error


def _hasta_senal(servidores: list[Servidor], proceso: Proceso, empezados: bool = False) -> None:
    aliviar_recolector()
    terminar = threading.Event()
    for senal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(senal, lambda *_: terminar.set())
    if not empezados:
        for servidor in servidores:
            servidor.empezar()
    terminar.wait()
    click.echo("Terminando…")
    _salir(_parar(servidores, proceso))


def _parar(servidores: list[Servidor], proceso: Proceso) -> bool:
    proceso.soltar_lectores()
    for servidor in servidores:
        servidor.parar()
    return proceso.parar()


def _salir(limpio: bool) -> NoReturn:
    """Leave at once: all is stored and closed, or hangs.

    The interpreter would wait for the threads that hang, and then take down the libraries' memory under
    their own threads, which outlive their clients: a clean stop ended in a segmentation fault.
    """
    if not limpio:
        click.echo("Algo no terminó a tiempo: lo que quedó en curso vuelve al empezar otra vez", err=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if limpio else 1)
