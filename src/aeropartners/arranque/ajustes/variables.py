"""Variables as data: each field of a settings class (a frozen dataclass) names its variable.

This is the only reader of the environment. It imports no library, so that short commands start fast.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from aeropartners.arranque.ajustes.valores import http
from aeropartners.seedwork.infraestructura.base.direcciones import TAPADO, sin_secretos

T = TypeVar("T")
# Another name of a variable, read when the variable itself is not set.
SINONIMOS = {"PULSAR_URL": "BROKER_URL", "OPERADOR_URL": "ORQUESTADOR_URL"}


def entorno_del_proceso() -> Mapping[str, str]:
    """Return the environment variables of this process."""
    return os.environ


class Faltas(Exception):
    """Variables with wrong values; each line names one variable and says what it should be."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its name, its default text, its reader, and in words what it should be.

    `leer` raises ValueError. The value of a `secreto` is never shown. `de` is the service whose address is
    the default.
    """

    nombre: str
    defecto: str
    leer: Callable[[str], Any]
    debe: str
    secreto: bool = False
    de: str = ""


def variable(
    nombre: str, defecto: str, leer: Callable[[str], Any], *, debe: str, secreto: bool = False
) -> Any:
    """Return the dataclass field that a variable sets."""
    return field(repr=not secreto, metadata={"": Variable(nombre, defecto, leer, debe, secreto)})


def direccion(nombre: str, de: str) -> Any:
    """Return the field of a service's address; the default is the service `de` on this machine."""
    return field(metadata={"": Variable(nombre, "", http, "http://host:puerto", de=de)})


def variables(clase: type) -> Iterator[tuple[str, Variable]]:
    """Yield the fields of a settings class, each with the variable that sets it."""
    return ((f.name, f.metadata[""]) for f in fields(clase) if "" in f.metadata)


def leer_campos(
    clase: type, entorno: Mapping[str, str], implicitos: Mapping[str, str], direcciones: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values of a settings class; raises Faltas, which names every wrong variable.

    `implicitos`: default texts that depend on other variables, by name. `direcciones`: the address of each
    service on this machine, by name.
    """
    valores: dict[str, Any] = {}
    faltas = []
    for campo, v in variables(clase):
        puesta = next((n for n in (v.nombre, SINONIMOS.get(v.nombre, "")) if entorno.get(n)), v.nombre)
        texto = entorno.get(puesta) or implicitos.get(v.nombre) or direcciones.get(v.de, v.defecto)
        try:
            valores[campo] = leida(replace(v, nombre=puesta), texto)
        except Faltas as error:
            faltas.append(str(error))
    if faltas:
        raise Faltas("\n".join(faltas))
    return valores


def leida(v: Variable, texto: str) -> Any:
    """Return the value of a text; raises Faltas."""
    try:
        if not texto.isprintable():  # such as the carriage return of a Windows file, which nobody would see
            raise ValueError(texto)
        return v.leer(texto)
    except (ValueError, KeyError) as error:
        raise Faltas(_falta(v, texto)) from error


def mostrados(ajustes: object) -> Iterator[tuple[str, str]]:
    """Yield the variables of a settings object with their values, secrets masked."""
    for campo, v in variables(type(ajustes)):
        valor = str(getattr(ajustes, campo))
        yield v.nombre, _mostrado(valor, v.secreto)


def _falta(v: Variable, texto: str) -> str:
    """Return the error of a value, without the secret in it: even a broken URL may have a password."""
    dicho = TAPADO if v.secreto else sin_secretos(repr(texto))
    if "://" not in texto and "@" in texto and not v.secreto:
        dicho = repr(f"{TAPADO}@{texto.rpartition('@')[2]}")
    oculto = "" if texto.isprintable() else ", sin caracteres de control"
    return f"{v.nombre}={dicho}: debe ser {v.debe}{oculto}"


def _mostrado(valor: str, secreto: bool) -> str:
    """Return a value for display: a URL without its passwords; of other secrets, only that there is one."""
    if not secreto or "://" in valor:
        return sin_secretos(valor)
    return TAPADO if valor.strip("()") else ""
