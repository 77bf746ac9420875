"""The services of a process: their applications, and the port of each."""

from collections.abc import Iterable, Sequence
from ssl import SSLContext

from flask import Flask

from aeropartners.arranque.http.servidores import Servidor, exigir_libre
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas import SERVICIOS


def aplicacion(proceso: Proceso, servicio: Servicio, piezas: Sequence[str]) -> Flask:
    """Return a service's application; who is made after it calls it without a network."""
    app = proceso.aplicaciones[servicio.nombre] = servicio.aplicacion(proceso, piezas)
    return app


def aplicaciones(proceso: Proceso, servicios: Iterable[Servicio] = SERVICIOS.values()) -> dict[str, Flask]:
    """Return the application of each of these services, for one process."""
    return {s.nombre: aplicacion(proceso, s, s.piezas) for s in servicios}


def abrir(
    proceso: Proceso, servicio: Servicio, app: Flask, tls: SSLContext | None = None, puerto: int = 0
) -> Servidor:
    """Open a service's port, or another."""
    config = proceso.config
    suyo = config.puertos[servicio.nombre]
    return Servidor(app, config.host, puerto or suyo.numero, suyo.variable, servicio.lectores, tls)


def exigir_puertos(proceso: Proceso, servicios: Iterable[Servicio]) -> None:
    """Raise PuertoOcupado when one of these services could not open its port."""
    for servicio in servicios:
        suyo = proceso.config.puertos[servicio.nombre]
        exigir_libre(proceso.config.host, suyo.numero, suyo.variable)


def abrir_todos(
    proceso: Proceso, servicios: Sequence[Servicio], tls: SSLContext | None = None
) -> dict[str, Servidor]:
    """Open each of these services on its port, in one process."""
    apps = aplicaciones(proceso, servicios)
    return {s.nombre: abrir(proceso, s, apps[s.nombre], tls) for s in servicios}
