"""The audit of the commands that work on the database directly, without the REST API."""

import getpass
import socket
from typing import Any

from sqlalchemy import Connection

from aeropartners.arranque.contenedor import Contenedor
from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.infraestructura.almacen.auditoria import anotar


def anotar_en(
    con: Connection, c: Contenedor, operacion: str, recurso: str, motivo: str = "", **detalle: Any
) -> None:
    """Add an audit row, by the user of this machine, to the order's own transaction."""
    firma = Firma(f"cli:{getpass.getuser()}", "admin", operacion, recurso, socket.gethostname(), motivo)
    anotar(con, Anotacion(c.ids().nuevo(), c.reloj().ahora(), firma, Resultado.HECHA, detalle))


def anotar_hecho(c: Contenedor, operacion: str, recurso: str, **detalle: Any) -> None:
    """Add the audit row of an order that has committed its own transactions."""
    with c.motor_admin().escritura() as con:
        anotar_en(con, c, operacion, recurso, **detalle)
        con.commit()
