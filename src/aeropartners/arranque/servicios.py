"""The services of all systems in one process, and the port of each."""

from collections.abc import Sequence
from ssl import SSLContext

from flask import Flask

from aeropartners.arranque.procesos import Proceso
from aeropartners.arranque.servidores import Servidor
from aeropartners.arranque.sistemas import SERVICIOS, Servicio


def aplicacion(proceso: Proceso, servicio: Servicio, piezas: Sequence[str]) -> Flask:
    """Return a service's application; who is made after it calls it without a network."""
    app = proceso.aplicaciones[servicio.nombre] = servicio.aplicacion(proceso, piezas)
    return app


def aplicaciones(proceso: Proceso) -> dict[str, Flask]:
    """Return every application, for one process."""
    return {nombre: aplicacion(proceso, s, s.piezas) for nombre, s in SERVICIOS.items()}


def abrir(
    proceso: Proceso, servicio: Servicio, app: Flask, tls: SSLContext | None = None, puerto: int = 0
) -> Servidor:
    """Open a service's port, or another."""
    config = proceso.config
    suyo = config.puertos[servicio.nombre]
    return Servidor(app, config.host, puerto or suyo.numero, suyo.variable, servicio.lectores, tls)


def todos(proceso: Proceso, tls: SSLContext | None = None) -> dict[str, Servidor]:
    """Open every service on its port, in one process."""
    return {
        nombre: abrir(proceso, SERVICIOS[nombre], app, tls) for nombre, app in aplicaciones(proceso).items()
    }
