"""The environment variables of the terminal's commands: the address of the operator's service, and a key."""

from collections.abc import Mapping
from dataclasses import dataclass

from aeropartners.arranque.ajustes.puertos import puertos
from aeropartners.arranque.ajustes.valores import autoridades
from aeropartners.arranque.ajustes.variables import (
    Faltas,
    direccion,
    entorno_del_proceso,
    leer_campos,
    variable,
)


@dataclass(frozen=True, slots=True)
class DelOperador:
    """The name, port and variables of the operator's service.

    The commands need no more: a whole `Servicio` would import its application.
    """

    nombre: str = "operador"
    puerto: int = 8093
    variables: tuple[str, ...] = ("PUERTO_PLATAFORMA_OPERADOR", "PUERTO_OPERADOR")


OPERADOR = DelOperador()


@dataclass(frozen=True, slots=True)
class Terminal:
    """The settings of a command that asks over HTTP; those of a process include them."""

    operador_url: str = direccion("OPERADOR_URL", OPERADOR.nombre)
    tls_ca_file: str = variable("TLS_CA_FILE", "", autoridades, debe="un archivo PEM de autoridades")
    api_key: str = variable("API_KEY", "", str, debe="la clave que muestran los mandos", secreto=True)
    service_api_key: str = variable(
        "SERVICE_API_KEY", "", str, debe="una clave de rol servicio", secreto=True
    )


def leer(entorno: Mapping[str, str] | None = None) -> Terminal:
    """Read the environment; raises Faltas, which names every wrong variable."""
    entorno = entorno_del_proceso() if entorno is None else entorno
    elegidos, faltas = puertos([OPERADOR], entorno)
    direcciones = {servicio: puerto.url for servicio, puerto in elegidos.items()}
    valores = {}
    try:
        valores = leer_campos(Terminal, entorno, {}, direcciones)
    except Faltas as error:
        faltas.append(str(error))
    if faltas:
        raise Faltas("\n".join(faltas))
    return Terminal(**valores)
