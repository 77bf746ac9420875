"""The operator's commands: requests to the orchestrator's REST API, and their answers printed.

Exit codes: 0 done, 1 something refused, 2 wrong use, 3 the orchestrator did not answer.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from aeropartners.arranque.cli.grupo import Mando, Mandos
from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.ordenes import OrdenDeOperador
from aeropartners.arranque.consola.peticiones import Peticiones, imprimir

Comando = Callable[..., Any]
en_json = click.option("--json", "en_json", is_flag=True, help="JSON en lugar de texto.")
un_consumidor = click.option("--consumidor", help="El consumidor en que murió.")
DE_SAGAS = {
    "reintentar": "Seguir desde la compensación atascada, con todos sus intentos otra vez.",
    "omitir": "Dar por hecha la compensación atascada.",
    "cerrar": "Terminar una SAGA atascada en su estado de fallo.",
    "cancelar": "Parar una SAGA en curso y deshacer lo que hizo.",
}
DE_MUERTOS = {
    "reencolar": "Devolver un mensaje muerto a su consumidor, para ya y sin contar sus fallos.",
    "descartar": "Retirar para siempre un mensaje muerto; la auditoría lo guarda con su cuerpo.",
}
RECONSTRUIR = Mando("reconstruir:reconstruir", "Reescribir desde los eventos las tablas de las SAGAs")
ATASCADAS = "requieren atención, nadie despierta o esperan un mensaje muerto"
_DESDE = click.option("--desde", help="Desde este momento, ISO-8601; sin zona es UTC.")
_HASTA = click.option("--hasta", help="Hasta este momento.")
FILTROS_SAGAS = (
    click.option("--atascadas", is_flag=True, help=f"Las que {ATASCADAS}."),
    click.option("--estado", help="Las de este estado."),
    click.option("--paso", help="Las que tienen abierto este paso o compensación."),
    _DESDE,
    _HASTA,
)
FILTROS_MUERTOS = (
    un_consumidor,
    click.option("--tipo", help="Los de este tipo de mensaje."),
    click.option("--saga", "saga_id", help="Los de esta SAGA."),
    _DESDE,
    _HASTA,
)


saga = Mandos("saga", mandos={"reconstruir": RECONSTRUIR}, help="Ver SAGAs y darles órdenes.")
muertos = click.Group("muertos", help="Ver los mensajes muertos, reencolarlos o descartarlos.")
peticiones = Peticiones()


@saga.command("ver", help="Mostrar la historia entera de una SAGA, y por qué espera.")
@click.argument("saga_id", type=click.UUID)
@en_json
def ver_saga(saga_id: Any, en_json: bool) -> None:
    """Print the explanation of a saga."""
    _mostrar(pantallas.saga, peticiones.pedir("GET", f"/saga/{saga_id}/explicacion"), en_json)


@saga.command(
    "lista",
    help="Listar las SAGAs de todos los sistemas, primero las nuevas; o las atascadas, primero las viejas.",
)
@click.option("--atascadas", is_flag=True, help=f"Solo las que {ATASCADAS}.")
@click.option("--estado", help="Solo las de este estado.")
@click.option("--tipo", help="Solo las de este tipo.")
@click.option("--limite", default=20, show_default=True, help="Cuántas como máximo.")
@en_json
def listar_sagas(atascadas: bool, estado: str | None, tipo: str | None, limite: int, en_json: bool) -> None:
    """Print a list of sagas; the stuck ones have a route of their own, without filters."""
    if atascadas and (estado or tipo):
        raise click.UsageError("--atascadas no va con --estado ni con --tipo.")
    if atascadas:
        _mostrar(pantallas.atascadas, peticiones.pedir("GET", "/saga/atascadas"), en_json)
        return
    consulta = _dados({"limite": limite, "estado": estado, "tipo": tipo})
    _mostrar(pantallas.sagas, peticiones.pedir("GET", "/saga/todas", params=consulta), en_json, consulta)


@muertos.command("lista", help="Listar los mensajes muertos, primero los nuevos.")
@un_consumidor
@click.option("--pagina", default=1, show_default=True, help="Cuál de sus páginas.")
@en_json
def listar_muertos(consumidor: str | None, pagina: int, en_json: bool) -> None:
    """Print a page of dead letters."""
    consulta = _dados({"consumidor": consumidor, "pagina": pagina})
    _mostrar(pantallas.muertos, peticiones.pedir("GET", "/muertos/", params=consulta), en_json, consulta)


@muertos.command(
    "ver", help="Mostrar un mensaje muerto o descartado con su cuerpo, y qué se ordenó sobre él."
)
@click.argument("id", type=click.UUID)
@un_consumidor
@en_json
def ver_muerto(id: Any, consumidor: str | None, en_json: bool) -> None:
    """Print a dead letter."""
    consulta = _dados({"consumidor": consumidor})
    _mostrar(pantallas.muerto, peticiones.pedir("GET", f"/muertos/{id}", params=consulta), en_json)


def _orden(recurso: str, orden: str, ayuda: str, filtros: tuple[Comando, ...]) -> click.Command:
    """Return the command of an order, to one saga or message by its id or to all that a filter finds."""
    campo = "saga_id" if recurso == "saga" else "id"
    orden_de_operador = OrdenDeOperador(peticiones, recurso, orden)

    def ordenar(
        id: Any, limite: int, simular: bool, en_json: bool, quien: str, motivo: str, **filtro: Any
    ) -> None:
        dados = _dados(filtro)
        _exigir(id, dados, simular, quien, motivo)
        cuerpo = {"motivo": motivo, "quien": quien}
        if simular:
            sys.exit(orden_de_operador.simular(dados | _dados({campo: id, "limite": limite}), en_json))
        if id:
            sys.exit(orden_de_operador.cumplir_una(id, dados.get("consumidor"), cuerpo, en_json))
        sys.exit(orden_de_operador.cumplir(dados | {"limite": limite}, cuerpo, en_json))

    opciones = (
        click.argument("id", metavar=f"[{campo.upper()}]", type=click.UUID, required=False),
        *filtros,
        click.option("--limite", default=100, show_default=True, help="Cuántas como máximo."),
        click.option("--simular", is_flag=True, help="Decir qué haría, sin hacerlo."),
        click.option("--quien", help="Quién lo ordena; queda auditado."),
        click.option("--motivo", help="Por qué; queda auditado."),
        en_json,
    )
    for opcion in reversed(opciones):
        ordenar = opcion(ordenar)
    return click.command(
        orden, help=f"{ayuda}\n\nCon filtros en lugar de un ID, a todas las que los cumplan."
    )(ordenar)


def _exigir(id: Any, dados: Mapping[str, Any], simular: bool, quien: str, motivo: str) -> None:
    """Raise UsageError unless the order has a target and, unless simulated, an operator and a reason."""
    if bool(id) == bool(set(dados) - ({"consumidor"} if id else set())):
        raise click.UsageError("Diga un ID, o filtros (vea --help), y no las dos cosas.")
    faltan = [opcion for opcion, valor in (("--quien", quien), ("--motivo", motivo)) if not valor]
    if faltan and not simular:
        raise click.UsageError(f"Falta {' y '.join(faltan)}: toda orden queda auditada.")


def _dados(consulta: Mapping[str, Any]) -> dict[str, Any]:
    return {campo: str(valor) for campo, valor in consulta.items() if valor not in (None, False)}


def _mostrar(pantalla: Comando, objeto: Any, en_json: bool, *consulta: Mapping[str, str]) -> None:
    if en_json:
        imprimir(objeto)
    else:
        pantalla(pantallas.consola(), objeto, *consulta)


for _nombre, _ayuda in DE_SAGAS.items():
    saga.add_command(_orden("saga", _nombre, _ayuda, FILTROS_SAGAS))
for _nombre, _ayuda in DE_MUERTOS.items():
    muertos.add_command(_orden("muertos", _nombre, _ayuda, FILTROS_MUERTOS))
