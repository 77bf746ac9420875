"""Variables as data: a settings class is a frozen dataclass whose fields each say one of them.

The only reader of the environment. It imports no library: the shortest commands read variables too.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from aeropartners.arranque.ajustes.valores import http
from aeropartners.seedwork.infraestructura.base.direcciones import TAPADO, sin_secretos

T = TypeVar("T")
# Other names of a variable, which count when it is not set itself.
SINONIMOS = {"PULSAR_URL": "BROKER_URL", "OPERADOR_URL": "ORQUESTADOR_URL"}


def entorno_del_proceso() -> Mapping[str, str]:
    """Return the variables that this process was given."""
    return os.environ


class Faltas(Exception):
    """Variables with values that cannot be; each line names one, and says what it should be."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its name, its text when it is not set, its reader, what it should be, in words.

    `leer` raises ValueError. Of a secret nothing is shown. `de` is the service whose address it is when it
    is not set.
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
    """Return the field of a settings class that a variable sets."""
    return field(repr=not secreto, metadata={"": Variable(nombre, defecto, leer, debe, secreto)})


def direccion(nombre: str, de: str) -> Any:
    """Return the field of a neighbour's address; unset it is that of the service `de` on this machine."""
    return field(metadata={"": Variable(nombre, "", http, "http://host:puerto", de=de)})


def variables(clase: type) -> Iterator[tuple[str, Variable]]:
    """Return the fields of a settings class, and the variable that sets each."""
    return ((f.name, f.metadata[""]) for f in fields(clase) if "" in f.metadata)


def leer_campos(
    clase: type, entorno: Mapping[str, str], implicitos: Mapping[str, str], direcciones: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values of a settings class; raises Faltas naming every wrong variable.

    `implicitos` are the texts of variables that depend on others when they are not set.
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
    """Return the value that a text stands for; raises Faltas."""
    try:
        if not texto.isprintable():  # the end of a line of another system, or worse: seen by nobody
            raise ValueError(texto)
        return v.leer(texto)
    except (ValueError, KeyError) as error:
        raise Faltas(_falta(v, texto)) from error


def mostrados(ajustes: object) -> Iterator[tuple[str, str]]:
    """Return the variables of settings and their values, secrets masked."""
    for campo, v in variables(type(ajustes)):
        valor = str(getattr(ajustes, campo))
        yield v.nombre, _mostrado(valor, v.secreto)


def _falta(v: Variable, texto: str) -> str:
    """Say what is wrong with a value, and not the secret in it: half a URL may have one all the same."""
    dicho = TAPADO if v.secreto else sin_secretos(repr(texto))
    if "://" not in texto and "@" in texto and not v.secreto:
        dicho = repr(f"{TAPADO}@{texto.rpartition('@')[2]}")
    oculto = "" if texto.isprintable() else ", sin caracteres de control"
    return f"{v.nombre}={dicho}: debe ser {v.debe}{oculto}"


def _mostrado(valor: str, secreto: bool) -> str:
    """An address without its passwords; of any other secret nothing but that it is there."""
    if not secreto or "://" in valor:
        return sin_secretos(valor)
    return TAPADO if valor.strip("()") else ""
