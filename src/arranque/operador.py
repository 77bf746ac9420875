"""The operator's commands: they ask the orchestrator over HTTP, as any other client, and print its answer."""

import sys
from collections.abc import Callable
from typing import Any

import click
import httpx
from rich.console import Console

from arranque import pantallas
from arranque.config import Config

PLAZO_S = 30.0
Peticion = Callable[..., Any]


def _cliente(leer: Callable[[], Config]) -> Peticion:
    """Return a function that makes a request and returns its JSON; a refusal ends the command."""

    def pedir(metodo: str, ruta: str, **opciones: Any) -> Any:
        url = leer().orquestador_url
        try:
            respuesta = httpx.request(metodo, f"{url}{ruta}", timeout=PLAZO_S, **opciones)
        except httpx.HTTPError as error:
            raise click.ClickException(f"El orquestador no responde en {url}: {error}") from error
        if respuesta.is_success:
            return respuesta.json()
        raise click.ClickException(_rechazo(respuesta))

    return pedir


def _rechazo(respuesta: httpx.Response) -> str:
    try:
        detalle = respuesta.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"El orquestador contestó {respuesta.status_code}"
    if isinstance(detalle, list):
        return "; ".join(f"{'.'.join(d['loc'])}: {d['msg']}" for d in detalle)
    return str(detalle)


def _consola() -> Console:
    """What goes to a pipe is not folded to a terminal that is not there."""
    return Console(width=None if sys.stdout.isatty() else 220)


def _auditada(comando: Callable[..., None]) -> Callable[..., None]:
    """Ask who orders and why."""
    quien = click.option("--quien", required=True, help="Quién lo ordena; queda auditado.")
    motivo = click.option("--motivo", required=True, help="Por qué; queda auditado.")
    return motivo(quien(comando))


ORDENES = {
    "reintentar": "Go on from the undo that stuck, with all its attempts anew.",
    "omitir": "Count the undo that stuck as done.",
    "cerrar": "End a stuck saga in its failed word.",
    "cancelar": "Stop a running saga and undo what it did.",
}


def anadir_a_saga(saga: click.Group, leer: Callable[[], Config]) -> None:
    """Add the orders, `ver` and `listar` to the group `saga`."""
    pedir = _cliente(leer)
    for orden, ayuda in ORDENES.items():
        saga.add_command(_orden(orden, ayuda, pedir))

    @saga.command()
    @click.argument("saga_id", type=click.UUID)
    def ver(saga_id: Any) -> None:
        """Show the whole story of a saga, and why it waits."""
        pantallas.saga(_consola(), pedir("GET", f"/saga/{saga_id}/explicacion"))

    @saga.command()
    @click.option("--atascadas", is_flag=True, help="Solo las que requieren atención o nadie despierta.")
    @click.option("--estado", help="Solo las de este estado.")
    @click.option("--limite", default=20, show_default=True)
    def listar(atascadas: bool, estado: str | None, limite: int) -> None:
        """List sagas, newest first; or those that are stuck, oldest first."""
        if atascadas:
            pantallas.atascadas(_consola(), pedir("GET", "/saga/atascadas"))
            return
        consulta = {"limite": limite} | ({"estado": estado} if estado else {})
        pantallas.sagas(_consola(), pedir("GET", "/saga/", params=consulta))


def _orden(orden: str, ayuda: str, pedir: Peticion) -> click.Command:
    @click.argument("saga_id", type=click.UUID)
    @_auditada
    def ordenar(saga_id: Any, motivo: str, quien: str) -> None:
        hecha = pedir("POST", f"/saga/{saga_id}/{orden}", json={"motivo": motivo, "quien": quien})
        click.echo(f"{hecha['mensaje']}: SAGA {hecha['saga_id']} en {hecha['estado']}")

    return click.command(orden, help=ayuda)(ordenar)


def muertos(leer: Callable[[], Config]) -> click.Group:
    """Return the group `muertos`."""
    pedir = _cliente(leer)
    consumidor = click.option("--consumidor", help="El consumidor en que murió.")
    grupo = click.Group("muertos", help="Look at dead letters and send them back.")

    @grupo.command()
    @consumidor
    @click.option("--pagina", default=1, show_default=True)
    def listar(consumidor: str | None, pagina: int) -> None:
        """List dead letters, newest first."""
        consulta = _consulta(consumidor) | {"pagina": pagina}
        pantallas.muertos(_consola(), pedir("GET", "/muertos/", params=consulta))

    @grupo.command()
    @click.argument("id", type=click.UUID)
    @consumidor
    def ver(id: Any, consumidor: str | None) -> None:
        """Show a dead letter with its body, and what was ordered about it."""
        pantallas.muerto(_consola(), pedir("GET", f"/muertos/{id}", params=_consulta(consumidor)))

    @grupo.command()
    @click.argument("id", type=click.UUID)
    @consumidor
    @_auditada
    def reenviar(id: Any, consumidor: str | None, motivo: str, quien: str) -> None:
        """Send a dead letter back to its consumer, due now, its failures forgotten."""
        cuerpo = {"motivo": motivo, "quien": quien}
        ruta = f"/muertos/{id}/reenviar"
        click.echo(pedir("POST", ruta, params=_consulta(consumidor), json=cuerpo)["mensaje"])

    return grupo


def _consulta(consumidor: str | None) -> dict[str, Any]:
    return {"consumidor": consumidor} if consumidor else {}
