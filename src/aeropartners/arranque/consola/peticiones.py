"""Requests of the operator's commands to the orchestrator's REST API, and the commands' exit codes."""

import json
from decimal import Decimal
from functools import cache
from typing import Any

import click
import httpx

from aeropartners.arranque.ajustes import del_terminal as terminal
from aeropartners.arranque.ajustes.variables import Faltas
from aeropartners.arranque.http.confianza import confianza
from aeropartners.seedwork.aplicacion.texto_visible import json_visible, visible
from aeropartners.seedwork.infraestructura.base.direcciones import sin_secretos
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_de_clave import cabecera

PLAZO_S = 30.0
# Cached: an order may make many requests, and reading the authorities takes longer than one request.
_confianza = cache(confianza)
HECHO, RECHAZO, USO, SIN_RESPUESTA = 0, 1, 2, 3
# The key in click's context under which --json is remembered.
EN_JSON = "arranque.en_json"


class Fallo(click.ClickException):
    """A command failed; printed as text, or as JSON with --json. Secrets in the message are masked."""

    exit_code = RECHAZO

    def __init__(self, mensaje: str) -> None:
        super().__init__("\n".join(visible(linea) for linea in sin_secretos(mensaje).split("\n")))
        contexto = click.get_current_context(silent=True)
        self._en_json = bool(contexto and contexto.meta.get(EN_JSON))

    def show(self, file: Any = None) -> None:
        """Print the failure: with --json to standard output, as an answer; else to standard error."""
        if self._en_json:
            imprimir({"error": self.message})
        else:
            super().show(file)


class MalPedido(Fallo):
    """The orchestrator did not understand the request."""

    exit_code = USO


class SinRespuesta(Fallo):
    """The orchestrator did not answer, or failed; an order may have been carried out all the same."""

    exit_code = SIN_RESPUESTA


class Peticiones:
    """Sends requests and returns the JSON of their answers; raises Fallo."""

    def pedir(self, metodo: str, ruta: str, **opciones: Any) -> Any:
        """Return the JSON of the answer; raises Fallo with the reason of a refusal."""
        ajustes = _ajustes()
        url, muestra = ajustes.operador_url, cabecera(ajustes.api_key or ajustes.service_api_key)
        opciones["verify"] = _confianza(ajustes.tls_ca_file)
        try:
            respuesta = httpx.request(metodo, f"{url}{ruta}", headers=muestra, timeout=PLAZO_S, **opciones)
        except httpx.HTTPError as error:
            raise SinRespuesta(f"El orquestador no responde en {url}: {visible(str(error))}") from error
        if respuesta.is_success:
            return _json(respuesta)
        raise _clase(respuesta.status_code)(_rechazo(respuesta))


def imprimir(objeto: Any, sangria: int | None = 1) -> None:
    """Print a JSON document, the same in a terminal and in a pipe; a Decimal is printed as a number."""
    click.echo(json_visible(json.dumps(objeto, ensure_ascii=False, indent=sangria, default=_numero)))


def decir(linea: str) -> None:
    """Print one line of text with its control characters escaped."""
    click.echo(visible(linea))


def _ajustes() -> terminal.Terminal:
    try:
        return terminal.leer()
    except Faltas as error:
        raise Fallo(str(error)) from error


def _json(respuesta: httpx.Response) -> Any:
    try:
        return respuesta.json()
    except ValueError as error:
        raise SinRespuesta(f"Lo que contesta en {respuesta.url.copy_with(query=None)} no es JSON") from error


def _numero(valor: object) -> float:
    if not isinstance(valor, Decimal):
        raise TypeError(f"{type(valor).__name__} no es JSON")
    return int(valor) if valor == int(valor) else float(valor)


def _clase(estado: int) -> type[Fallo]:
    if estado >= 500:
        return SinRespuesta
    return MalPedido if estado == 400 else Fallo


def _rechazo(respuesta: httpx.Response) -> str:
    try:
        detalle = respuesta.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"El orquestador contestó {respuesta.status_code}"
    if isinstance(detalle, list):
        return visible("; ".join(f"{'.'.join(d['loc'])}: {d['msg']}" for d in detalle))
    return visible(str(detalle))
