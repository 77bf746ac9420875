"""Makes the services of a process: their applications, each on its port."""

from collections.abc import Iterable, Sequence
from ssl import SSLContext

from flask import Flask

from aeropartners.arranque.http.servidores import Servidor, exigir_libre
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas import SERVICIOS


def aplicacion(proceso: Proceso, servicio: Servicio, piezas: Sequence[str]) -> Flask:
    """Make and return a service's application; applications made later call it directly, without HTTP."""
    app = proceso.aplicaciones[servicio.nombre] = servicio.aplicacion(proceso, piezas)
    return app


def aplicaciones(proceso: Proceso, servicios: Iterable[Servicio] = SERVICIOS.values()) -> dict[str, Flask]:
    """Return the application of each of these services by name."""
    return {s.nombre: aplicacion(proceso, s, s.piezas) for s in servicios}


def abrir(
    proceso: Proceso, servicio: Servicio, app: Flask, tls: SSLContext | None = None, puerto: int = 0
) -> Servidor:
    """Open the port of a service: `puerto`, or by default the configured one."""
    config = proceso.config
    suyo = config.puertos[servicio.nombre]
    return Servidor(app, config.host, puerto or suyo.numero, suyo.variable, servicio.lectores, tls)


def exigir_puertos(proceso: Proceso, servicios: Iterable[Servicio]) -> None:
    """Raise PuertoOcupado when the port of one of these services cannot be opened."""
    for servicio in servicios:
        suyo = proceso.config.puertos[servicio.nombre]
        exigir_libre(proceso.config.host, suyo.numero, suyo.variable)


def abrir_todos(
    proceso: Proceso, servicios: Sequence[Servicio], tls: SSLContext | None = None
) -> dict[str, Servidor]:
    """Open each of these services on its port, in one process; return the servers by name."""
    apps = aplicaciones(proceso, servicios)
    return {s.nombre: abrir(proceso, s, apps[s.nombre], tls) for s in servicios}
