"""The process that a command works in, with its configuration, log and database."""

import faulthandler
import logging
import sys
from collections.abc import Iterable

import click

from aeropartners.arranque.ajustes.valores import JSON
from aeropartners.arranque.config import Config, ConfiguracionInvalida, desconocidas, leer
from aeropartners.arranque.consola.peticiones import Fallo
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso import registro
from aeropartners.arranque.proceso.memoria import pocas_arenas
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.sistemas import el_unico
from aeropartners.seedwork.aplicacion.texto_visible import visible


def configuracion(solo: str = "") -> Config:
    """Return the configuration; print warnings of unknown variables and of ports set twice. Raises Fallo.

    `solo`: the system that the process serves alone.
    """
    registro.configurar()
    for aviso in desconocidas():
        click.echo(f"Aviso: {visible(aviso)}", err=True)
    try:
        leida = leer(solo=solo)
    except ConfiguracionInvalida as error:
        raise Fallo(str(error)) from error
    for repetido in leida.puertos_repetidos():
        click.echo(f"Aviso: {repetido}", err=True)
    return leida


def proceso(nivel: int = logging.INFO, sistemas: Iterable[str] = ()) -> Proceso:
    """Return a process with the configuration in force; its log masks the configured secrets.

    `sistemas`: those that it serves. One that is served alone has its contract's ports, and its own format of
    the log unless LOG_FORMATO is set.
    """
    pocas_arenas()
    faulthandler.enable(sys.__stderr__ or 2)  # a crash in a C library prints the stacks of all threads
    unico = el_unico(sistemas)
    config = configuracion(unico.nombre if unico else "")
    formato = unico.formato_de_log if unico else JSON
    nivel = logging.DEBUG if config.debug else nivel
    registro.configurar(nivel, config.secretos(), config.log_formato or formato)
    return Proceso(Contenedor(config=config))


def con_base() -> Proceso:
    """Return a process whose database exists; raises Fallo otherwise: only `migrar` and `demo` create one."""
    suyo = proceso()
    motor = suyo.c.motor()
    if not motor.existe:
        raise Fallo(
            f"AEROPARTNERS_DATOS, DATABASE_URL: no hay una base de datos en {motor.lugar}; si esta es la"
            " carpeta, `aeropartners migrar` la crea"
        )
    return suyo
