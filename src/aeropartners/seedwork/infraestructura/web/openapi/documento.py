"""The OpenAPI document: error bodies, the statuses of each operation, and pieces of schemas."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from apispec import BasePlugin
from flask import Flask
from flask_smorest import Api

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.formas_de_error import FormaDeError
from aeropartners.seedwork.infraestructura.web.openapi.operaciones import CLAVES, declarar
from aeropartners.seedwork.infraestructura.web.rechazos import es_sonda

Objeto = dict[str, Any]

TEXTO: Objeto = {"type": "string"}
LOGICO: Objeto = {"type": "boolean"}
ENTERO: Objeto = {"type": "integer"}
NUMERO: Objeto = {"type": "number"}
MOMENTO: Objeto = {"type": "string", "format": "date-time"}
ID: Objeto = {"type": "string", "format": "uuid"}
LIBRE: Objeto = {"type": "object"}


def nulo(esquema: Objeto) -> Objeto:
    """Return the schema that accepts null as well."""
    palabras = {"enum": [*esquema["enum"], None]} if "enum" in esquema else {}
    return {**esquema, **palabras, "nullable": True}


def una_de(palabras: Iterable[str]) -> Objeto:
    """Return the schema of a text from a closed set."""
    return {**TEXTO, "enum": [str(palabra) for palabra in palabras]}


def conocida(palabras: Iterable[str]) -> Objeto:
    """Return the schema of a text from a set that other releases may extend."""
    return {**TEXTO, "x-extensible-enum": [str(palabra) for palabra in palabras]}


def lista(de: Objeto) -> Objeto:
    """Return the schema of a list."""
    return {"type": "array", "items": de}


def objeto(opcionales: tuple[str, ...] = (), /, **campos: Objeto) -> Objeto:
    """Return the schema of an object with these fields; it may have others."""
    faltan = [campo for campo in campos if campo not in opcionales]
    return {"type": "object", "properties": campos, "required": faltan}


def un_entero(nombre: str) -> Objeto:
    """Return the path parameter that is an integer."""
    return {"in": "path", "name": nombre, "required": True, "schema": ENTERO}


INFORMACION = objeto(service=TEXTO, version=TEXTO)
PROBLEMA = objeto(que=TEXTO, desde=MOMENTO, error=TEXTO)
SALUD = objeto(
    ("version", "error", "broker", "problemas"),
    status=TEXTO,
    service=TEXTO,
    version=TEXTO,
    error=TEXTO,
    broker=TEXTO,
    problemas=lista(PROBLEMA),
)


class EstadosDeError(BasePlugin):
    """Declares the error statuses of each operation; statuses that a route declares itself stay."""

    def __init__(self, forma: FormaDeError) -> None:
        super().__init__()
        self._forma = forma

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **_kw: Any
    ) -> None:
        """Replace the library's own error answers by those of the contract."""
        for metodo, operacion in (operations or {}).items():
            respuestas = operacion.setdefault("responses", {})
            for ajena in ("422", 422, "default"):
                respuestas.pop(ajena, None)
            mas = self._forma.mas if metodo != "get" else ()
            for estado in (*self._estados(metodo, path or "", operacion), *mas):
                respuestas.setdefault(str(estado.value), estado.name)

    def _estados(self, metodo: str, ruta: str, operacion: Objeto) -> list[HTTPStatus]:
        con_id, escribe = "{" in ruta, metodo != "get"
        posibles = {
            HTTPStatus(self._forma.mal_formada): con_id or escribe or "parameters" in operacion,
            HTTPStatus.UNAUTHORIZED: True,
            HTTPStatus.FORBIDDEN: True,
            HTTPStatus.NOT_FOUND: con_id,
            HTTPStatus.CONFLICT: escribe,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: metodo in ("post", "patch", "put"),
            HTTPStatus.REQUEST_URI_TOO_LONG: True,
            HTTPStatus.TOO_MANY_REQUESTS: not es_sonda(ruta),
            HTTPStatus.SERVICE_UNAVAILABLE: True,
        }
        return [estado for estado, posible in posibles.items() if posible]


class Contrato(Api):  # type: ignore[misc]
    """The OpenAPI document of an application, with the error body of its form."""

    def __init__(self, app: Flask, forma: FormaDeError) -> None:
        self.ERROR_SCHEMA = forma.esquema
        super().__init__(app, spec_kwargs={"extra_plugins": [EstadosDeError(forma)]})
        for nombre, esquema in CLAVES.items():
            self.spec.components.security_scheme(nombre, esquema)

    def declarar(self, app: Flask) -> None:
        """Complete each operation from its route, after all routes are registered."""
        declarar(app, self.spec.to_dict()["paths"])

    @exige(Permiso.LEER)
    def _openapi_json(self) -> Any:
        return super()._openapi_json()
