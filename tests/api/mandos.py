"""The command line against a real HTTP orchestrator, as an operator uses it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from click.testing import CliRunner, Result

from aeropartners.arranque.cli import principal
from aeropartners.arranque.http.servidores import Servidor
from tests.api.solo_orquestador import SoloOrquestador

QUIEN = ("--quien", "maría", "--motivo", "está arreglado")
Mandar = Callable[..., Result]


def puerto_libre() -> int:
    """A port that nobody listens on."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        return int(libre.getsockname()[1])


@contextmanager
def mandos(solo: SoloOrquestador) -> Iterator[Mandar]:
    """Serve it on a port of its own and run commands against that."""
    servidor = Servidor(solo.cliente.application, "127.0.0.1", puerto_libre(), "PUERTO")
    servidor.empezar()
    entorno = {"ORQUESTADOR_URL": servidor.url}
    yield lambda *orden: CliRunner().invoke(principal, [str(parte) for parte in orden], env=entorno)
    servidor.parar()


def dice(resultado: Result, *partes: str, codigo: int = 0) -> None:
    """The command ended so, and printed all of this."""
    assert resultado.exit_code == codigo, resultado.output
    assert [p for p in partes if p not in resultado.output] == [], resultado.output
