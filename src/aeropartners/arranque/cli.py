"""The command line: `aeropartners demo|servir|migrar|config|claves|auditoria|saga|muertos|simular|…`."""

import faulthandler
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
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
from aeropartners.arranque.plataforma import SERVICIOS as DE_LA_PLATAFORMA
from aeropartners.arranque.procesos import Proceso, SinMigrar
from aeropartners.arranque.servicios import abrir, abrir_todos, aplicacion, exigir_puertos
from aeropartners.arranque.servidores import PuertoOcupado, Servidor
from aeropartners.arranque.simular import simular
from aeropartners.arranque.sistemas import SISTEMAS, Sistema, llamados
from aeropartners.arranque.tls import para_servir
from aeropartners.seedwork.aplicacion.legible import visible
from aeropartners.seedwork.infraestructura.base.privado import uno_solo
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.migraciones import EsquemaAjeno
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
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
@click.argument("servicio", type=click.Choice(list(llamados())), metavar="SERVICIO")
@click.option("--modulos", "nombres", default="", help="De los suyos, separados por comas; todos.")
def servir(servicio: str, nombres: str) -> None:
    """Run one service (its name, or SISTEMA.PARTE), or all of a SISTEMA, until SIGTERM, which drains it."""
    servidos = llamados()[servicio]
    todas = tuple(dict.fromkeys(pieza for s in servidos for pieza in s.piezas))
    suyas = tuple(n.strip() for n in nombres.split(",") if n.strip()) or todas
    if ajenas := set(suyas) - set(todas):
        raise click.BadParameter(f"módulos desconocidos: {', '.join(sorted(ajenas))}")
    proceso = _proceso()
    config = proceso.config
    if config.embebida:
        raise click.ClickException(
            "PULSAR_URL: los procesos separados necesitan un Pulsar; vea `aeropartners demo`"
        )
    if config.puerto and len(servidos) > 1:
        raise Fallo(
            f"PORT es de un solo servicio; {servicio} tiene {len(servidos)}, cada uno con su variable"
        )
    tls = para_servir(config.tls_cert_file, config.tls_key_file)
    if suyas:
        _esperar(proceso)
        proceso.anadir_modulos(suyas)
    apps = [aplicacion(proceso, s, [p for p in s.piezas if p in suyas]) for s in servidos]
    if suyas:
        _empezar(proceso, servicio)
    abiertos = [abrir(proceso, s, app, tls, config.puerto) for s, app in zip(servidos, apps, strict=True)]
    for servido, abierto in zip(servidos, abiertos, strict=True):
        click.echo(f"{servido.nombre} en {abierto.url}")
    _hasta_senal(abiertos, proceso)


@principal.command()
@click.option("--una-vez", is_flag=True, help="Terminar cuando las SAGAs terminen.")
@click.option(
    "--sistema",
    "nombres",
    multiple=True,
    type=click.Choice([s.nombre for s in SISTEMAS]),
    help="Solo este; se repite.",
)
def demo(una_vez: bool, nombres: tuple[str, ...]) -> None:
    """Run systems in this process, all or those named, and show sagas of each that succeed and are undone.

    A system of which a port is taken is left out, and said; the others run.
    """
    proceso = _proceso(logging.WARNING)
    config = proceso.config
    if not config.embebida:
        raise click.ClickException(
            "La demostración es embebida: quite PULSAR_URL, o use `aeropartners servir`"
        )
    sistemas = _con_puertos(proceso, [s for s in SISTEMAS if s.nombre in (nombres or (s.nombre,))])
    servicios = [*(s for sistema in sistemas for s in sistema.servicios), *DE_LA_PLATAFORMA]
    proceso.migrar()
    with uno_solo(config.datos):
        proceso.anadir_modulos(dict.fromkeys(pieza for s in servicios for pieza in s.piezas))
        tls = para_servir(config.tls_cert_file, config.tls_key_file)
        servidores = abrir_todos(proceso, servicios, tls)
        _empezar(proceso, "demo")
        cabeceras, confianza = cabecera(proceso.c.clave_interna()), proceso.c.confianza()
        bien = demostracion.mostrar(sistemas, servidores, cabeceras, confianza)
        abiertos = list(servidores.values())
        if una_vez:
            _salir(_parar(abiertos, proceso) and bien)
        _hasta_senal(abiertos, proceso, empezados=True)


def _con_puertos(proceso: Proceso, sistemas: Sequence[Sistema]) -> list[Sistema]:
    """Return the systems that can open their ports, and say of the others why not; one at least can."""
    exigir_puertos(proceso, DE_LA_PLATAFORMA)
    libres: list[Sistema] = []
    for sistema in sistemas:
        numeros = {proceso.config.puertos[s.nombre].numero for s in sistema.servicios}
        pedidos = {proceso.config.puertos[s.nombre].numero for otro in libres for s in otro.servicios}
        try:
            exigir_puertos(proceso, sistema.servicios)
        except PuertoOcupado as error:
            click.echo(f"{sistema.nombre} se queda fuera: {visible(str(error))}", err=True)
            continue
        if len(numeros) < len(sistema.servicios) or numeros & pedidos:
            repetidos = "; ".join(proceso.config.puertos_repetidos())
            click.echo(f"{sistema.nombre} se queda fuera: {repetidos}", err=True)
            continue
        libres.append(sistema)
    if not libres:
        raise Fallo("No queda ningún sistema que mostrar")
    return libres


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
    except (DefinicionEditada, ConfiguracionInvalida) as error:
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
