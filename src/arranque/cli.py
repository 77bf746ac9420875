"""The command line: `aeropartners demo|servir|migrar|config|claves|auditoria|saga|muertos|simular|…`."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

import click
from httpx import HTTPError
from sqlalchemy.exc import OperationalError

from aeropartners.seedwork.infraestructura.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.proyector import Proyector
from arranque import auditar, auditoria, claves, operador, registro, retencion
from arranque import demo as demostracion
from arranque.acceso import cabecera
from arranque.anotar import anotar_hecho
from arranque.config import Config, ConfiguracionInvalida, leer
from arranque.contenedor import Contenedor
from arranque.memoria import aliviar_recolector, pocas_arenas
from arranque.operador import en_json
from arranque.peticiones import imprimir
from arranque.procesos import MODULOS, MODULOS_PARTNERS, SAGA, Proceso, SinMigrar
from arranque.servicios import SERVICIOS, todos
from arranque.servidores import PuertoOcupado, Servidor
from arranque.simular import simular
from arranque.tls import para_servir
from saga_orchestrator.infraestructura.reconstruccion import Reconstruccion


@click.group()
@click.version_option(package_name="aeropartners")
def principal() -> None:
    """Sagas that end well every time."""
    registro.configurar()


def _config() -> Config:
    try:
        return leer()
    except ConfiguracionInvalida as error:
        raise click.ClickException(str(error)) from error


def _proceso(nivel: int = logging.INFO) -> Proceso:
    pocas_arenas()
    config = _config()
    registro.configurar(logging.DEBUG if config.debug else nivel, config.secretos())
    return Proceso(Contenedor(config=config))


@principal.command()
@en_json
def config(en_json: bool) -> None:
    """Print the configuration in force, secrets masked."""
    mostrada = _config().mostrar()
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
        _proceso().migrar()
    except OperationalError as error:
        raise click.ClickException(f"DATABASE_URL: {error.orig}") from error
    except (HTTPError, TemasIncompletos) as error:
        raise click.ClickException(f"PULSAR_ADMIN_URL: {error}") from error
    if en_json:
        imprimir({"al_dia": True})
    else:
        click.echo("Base de datos y temas al día")


@principal.command()
@click.argument("servicio", type=click.Choice(list(SERVICIOS)))
@click.option("--modulos", "nombres", default=",".join(MODULOS), help="De `modulos`, separados por comas.")
def servir(servicio: str, nombres: str) -> None:
    """Run one service until SIGTERM, which drains it."""
    elegidos = [n.strip() for n in nombres.split(",") if n.strip()]
    if ajenos := set(elegidos) - set(MODULOS):
        raise click.BadParameter(f"módulos desconocidos: {', '.join(sorted(ajenos))}")
    proceso = _proceso()
    config = proceso.config
    if config.embebida:
        raise click.ClickException(
            "PULSAR_URL: los procesos separados necesitan un Pulsar; vea `aeropartners demo`"
        )
    servido, tls = SERVICIOS[servicio], para_servir(config.tls_cert_file, config.tls_key_file)
    suyos = elegidos if servicio == "modulos" else servido.modulos
    if suyos:
        _esperar(proceso)
        proceso.anadir_modulos(suyos)
    app = servido.aplicacion(proceso, suyos)
    if suyos:
        proceso.empezar()
    servidor = _abrir(lambda: servido.servidor(proceso, app, tls, config.puerto))
    click.echo(f"{servicio} en {servidor.url}")
    _hasta_senal([servidor], proceso)


@principal.command()
@click.option("--una-vez", is_flag=True, help="Terminar cuando las SAGAs terminen.")
def demo(una_vez: bool) -> None:
    """Run all systems in this process, and show sagas of each that succeed and that are undone."""
    proceso = _proceso(logging.WARNING)
    config = proceso.config
    if not config.embebida:
        raise click.ClickException(
            "La demostración es embebida: quite PULSAR_URL, o use `aeropartners servir`"
        )
    proceso.migrar()
    proceso.anadir_modulos([SAGA, *MODULOS, *MODULOS_PARTNERS])
    tls = para_servir(config.tls_cert_file, config.tls_key_file)
    servidores = _abrir(lambda: todos(proceso, tls))
    proceso.empezar()
    bien = demostracion.mostrar(servidores, cabecera(proceso.c.clave_interna()), proceso.c.confianza())
    abiertos = list(servidores.values())
    if una_vez:
        _salir(_parar(abiertos, proceso) and bien)
    _hasta_senal(abiertos, proceso, empezados=True)


@principal.group()
def saga() -> None:
    """Operate sagas."""


@saga.command()
@click.argument("saga_id", type=click.UUID, required=False)
@click.option("--comprobar", is_flag=True, help="No escribir: decir solo si difieren.")
@en_json
def reconstruir(saga_id: Any, comprobar: bool, en_json: bool) -> None:
    """Rebuild saga_log, saga_pasos and saga_compensaciones from saga_events."""
    proceso = _proceso()
    distintas = Reconstruccion(proceso.c.motor(), proceso.c.registro()).ejecutar(
        saga_id, escribir=not comprobar
    )
    diferentes = [str(id) for id in distintas.diferentes]
    if not comprobar:
        anotar_hecho(proceso.c, "saga.reconstruir", f"saga/{saga_id or ''}", diferentes=len(diferentes))
    if en_json:
        imprimir({"revisadas": distintas.revisadas, "diferentes": diferentes, "escritas": not comprobar})
    else:
        click.echo(f"{distintas.revisadas} SAGAs revisadas, {len(diferentes)} diferentes")
        for id in diferentes:
            click.echo(id)
    sys.exit(1 if comprobar and diferentes else 0)


@principal.group()
def proyecciones() -> None:
    """Operate the totals that statistics and metrics are read from."""


@proyecciones.command("reconstruir")
@click.argument("nombres", nargs=-1)
@click.option("--comprobar", is_flag=True, help="Only compare; exit code 1 when something differs.")
@en_json
def reconstruir_proyecciones(nombres: tuple[str, ...], comprobar: bool, en_json: bool) -> None:
    """Count NOMBRES (all, if none is given) again from the events, beside the running system."""
    proceso = _proceso()
    todas = {p.nombre: p for suyas in proceso.c.proyecciones().values() for p in suyas}
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
                click.echo(f"  {total}: {valor:+f}")
    if en_json:
        imprimir({"escritas": not comprobar, "errores": errores})
    sys.exit(1 if comprobar and any(errores.values()) else 0)


operador.anadir_a_saga(saga, _config)
principal.add_command(operador.muertos(_config))
principal.add_command(retencion.comando(_proceso))
principal.add_command(auditar.comando(_proceso))
principal.add_command(claves.grupo(_proceso))
principal.add_command(auditoria.grupo(_config))
principal.add_command(simular)


def _esperar(proceso: Proceso) -> None:
    try:
        proceso.esperar()
    except (SinMigrar, TemasIncompletos) as error:
        raise click.ClickException(str(error)) from error


def _abrir(abrir: Callable[[], Any]) -> Any:
    try:
        return abrir()
    except PuertoOcupado as error:
        raise click.ClickException(str(error)) from error


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
    """Leave; when a loop or a call hangs, without waiting for its thread as the interpreter would."""
    if limpio:
        sys.exit(0)
    click.echo("Algo no terminó a tiempo: lo que quedó en curso vuelve al empezar otra vez", err=True)
    sys.stdout.flush()
    os._exit(1)
