"""The addresses that a server listens on: any of loopback, IPv6 as well, and its URL as it can be called."""

import socket

import httpx
import pytest
from flask import Flask

from aeropartners.arranque.http.servidores import PuertoOcupado, Servidor
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from tests.api.mandos import puerto_libre


def hay(direccion: str) -> bool:
    """Whether this machine has the address."""
    try:
        with socket.create_server(
            (direccion, 0), family=socket.AF_INET6 if ":" in direccion else socket.AF_INET
        ):
            return True
    except OSError:
        return False


@pytest.fixture
def app() -> Flask:
    """An application that says that it is well."""
    return crear_aplicacion("Prueba", [rutas_salud("prueba", None, tuple)], acceso=SIN_CLAVES)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "localhost", "::1", "0.0.0.0", "::"])
def test_se_llama_donde_se_escucha(app: Flask, host: str) -> None:
    """The URL that it says is one that answers."""
    if host not in ("localhost",) and not hay(host):
        pytest.skip(f"esta máquina no tiene {host}")
    servidor = Servidor(app, host, puerto_libre(), "PUERTO_X")
    servidor.empezar()
    try:
        assert httpx.get(f"{servidor.url}/health", trust_env=False).status_code == 200
    finally:
        servidor.parar()


def test_por_que_no_se_puede_escuchar(app: Flask) -> None:
    """A port in use names its variable; an address that is not here, or is none, names HOST."""
    with socket.create_server(("127.0.0.1", 0)) as ocupado:
        puerto = ocupado.getsockname()[1]
        with pytest.raises(PuertoOcupado, match=rf"{puerto} de 127\.0\.0\.1 está ocupado.*PUERTO_X"):
            Servidor(app, "127.0.0.1", puerto, "PUERTO_X")
    for host in ("10.255.255.254", "no.existe.invalid", "a..b"):
        with pytest.raises(PuertoOcupado, match=f"^HOST='{host}'"):
            Servidor(app, host, puerto_libre(), "PUERTO_X")
