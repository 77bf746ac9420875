"""The OpenAPI of every service as a test reads it, and answers held to it to the letter."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema
from flask import Flask

Objeto = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operacion:
    """One operation of one service."""

    servicio: str
    metodo: str
    ruta: str
    dicho: Objeto

    def __str__(self) -> str:
        return f"{self.servicio} {self.metodo} {self.ruta}"

    @property
    def cabeceras(self) -> set[str]:
        """The headers that a request may carry."""
        return {p["name"] for p in self.dicho.get("parameters", ()) if p["in"] == "header"}

    @property
    def logros(self) -> Iterator[tuple[str, Objeto]]:
        """The successes, by status."""
        return ((e, r) for e, r in self.dicho["responses"].items() if e.startswith("2"))


def operaciones(apps: Mapping[str, Flask]) -> list[Operacion]:
    """Return every operation that these services declare."""
    return [
        Operacion(servicio, metodo.upper(), ruta, dicho)
        for servicio, app in apps.items()
        for ruta, suyas in documento(app)["paths"].items()
        for metodo, dicho in suyas.items()
        if metodo != "parameters"
    ]


def documento(app: Flask) -> Objeto:
    """Return the OpenAPI of a service."""
    return dict(app.test_client().get("/openapi.json").get_json())


def partes(esquema: Any, donde: str = "") -> Iterator[tuple[str, Objeto]]:
    """Yield each schema that is in this one, with the path of names to it."""
    if not isinstance(esquema, dict):
        return
    yield donde, esquema
    for nombre, suyo in esquema.get("properties", {}).items():
        yield from partes(suyo, f"{donde}.{nombre}")
    yield from partes(esquema.get("items"), f"{donde}[]")


def exigir_declarado(app: Flask, ruta: str, cuerpo: object) -> None:
    """Hold the 200 of a GET to its schema, in which all that is there must be named."""
    dicho = documento(app)["paths"][ruta]["get"]["responses"]["200"]
    jsonschema.validate(cuerpo, _estricto(dicho["content"]["application/json"]["schema"]))


def _estricto(esquema: Any) -> Any:
    """Say in JSON Schema what OpenAPI 3.0 says, without other fields than those that are named."""
    if not isinstance(esquema, dict):
        return esquema
    hecho = {clave: valor for clave, valor in esquema.items() if clave != "nullable"}
    for de_todos in {"items", "additionalProperties"} & hecho.keys():
        hecho[de_todos] = _estricto(hecho[de_todos])
    if "properties" in hecho:
        hecho["properties"] = {n: _estricto(e) for n, e in hecho["properties"].items()}
        hecho["additionalProperties"] = False
    return {"anyOf": [hecho, {"type": "null"}]} if esquema.get("nullable") else hecho
