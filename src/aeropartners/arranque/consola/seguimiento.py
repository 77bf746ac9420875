"""Following what goes on at a terminal: a table that changes in place, and requests that wait their turn."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from rich.console import Console, Group, RenderableType
from rich.live import Live

# What a process finds to do at its start after a death: hundreds of sagas that wait for the gateway.
PACIENCIA_S = 300.0
OCUPADO = (429, 503)
OTRA_VEZ_S = 1.0
MIRAR_S = 0.1


def pedir(cliente: httpx.Client, metodo: str, ruta: str, **opciones: Any) -> Any:
    """Return the answer's JSON; while the system has too much to do, ask again when it says."""
    limite = time.monotonic() + PACIENCIA_S
    while True:
        respuesta = cliente.request(metodo, ruta, **opciones)
        if respuesta.status_code not in OCUPADO or time.monotonic() > limite:
            return respuesta.raise_for_status().json()
        time.sleep(_espera(respuesta))


def _espera(respuesta: httpx.Response) -> float:
    dicha = respuesta.headers.get("Retry-After", "")
    return float(dicha) if dicha.isdecimal() else OTRA_VEZ_S


def seguir(
    consola: Console,
    leer: Callable[[], list[dict[str, Any]]],
    tabla: Callable[[dict[str, Any]], RenderableType],
    terminada: Callable[[dict[str, Any]], bool],
) -> list[dict[str, Any]]:
    """Show sagas until all have ended, or patience has; return them as they were read last."""
    limite = time.monotonic() + PACIENCIA_S
    with _en_vivo(consola) as mostrar:
        while True:
            sagas = leer()
            mostrar(Group(*map(tabla, sagas)))
            if all(map(terminada, sagas)) or time.monotonic() > limite:
                return sagas
            time.sleep(MIRAR_S)


@contextmanager
def _en_vivo(consola: Console) -> Iterator[Callable[[RenderableType], None]]:
    """Show the last of what it is given: in place on a terminal, in a pipe at the end, as lines."""
    if consola.is_terminal:
        with Live(console=consola, refresh_per_second=10) as vivo:
            yield vivo.update
        return
    ultimo: list[RenderableType] = [""]

    def guardar(vista: RenderableType) -> None:
        ultimo[0] = vista

    yield guardar
    consola.print(ultimo[0])
