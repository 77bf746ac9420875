"""Sagas followed live in the terminal, and requests that wait while the system is busy."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from rich.console import Console, Group, RenderableType
from rich.live import Live

# Long, as hundreds of sagas may wait for the gateway when a process starts after a crash.
PACIENCIA_S = 300.0
OCUPADO = (429, 503)
OTRA_VEZ_S = 1.0
MIRAR_S = 0.1


def pedir(cliente: httpx.Client, metodo: str, ruta: str, **opciones: Any) -> Any:
    """Return the JSON of the answer; while the system is busy (429, 503), repeat after its Retry-After."""
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
    """Show sagas until `terminada` holds for all, or for PACIENCIA_S; return them as last read."""
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
    """Yield a function that shows a view: updated in place on a terminal, only the last one in a pipe."""
    if consola.is_terminal:
        with Live(console=consola, refresh_per_second=10) as vivo:
            yield vivo.update
        return
    ultimo: list[RenderableType] = [""]

    def guardar(vista: RenderableType) -> None:
        ultimo[0] = vista

    yield guardar
    consola.print(ultimo[0])
