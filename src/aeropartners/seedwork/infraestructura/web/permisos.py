"""Who may do what, in one table, and how a route says what it needs: without saying so it does not start."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Request

V = TypeVar("V", bound=Callable[..., Any])


class Rol(StrEnum):
    """Who calls (004, section 8)."""

    LECTOR = "lector"
    OPERADOR = "operador"
    SERVICIO = "servicio"
    ADMIN = "admin"


class Permiso(StrEnum):
    """What a route needs.

    CREAR is all that a service asks of another: start, create, and undo what was created. CAMBIAR is a
    person's: change what is there, repair, order. ADMINISTRAR: the audit, the keys, destructive cleanup.
    """

    ABIERTO = "abierto"
    LEER = "leer"
    CREAR = "crear"
    CAMBIAR = "cambiar"
    ADMINISTRAR = "administrar"


PUEDE: Mapping[Rol, frozenset[Permiso]] = {
    Rol.LECTOR: frozenset({Permiso.LEER}),
    Rol.SERVICIO: frozenset({Permiso.LEER, Permiso.CREAR}),
    Rol.OPERADOR: frozenset({Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR}),
    Rol.ADMIN: frozenset({Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR, Permiso.ADMINISTRAR}),
}
SIN_EFECTO = frozenset({Permiso.ABIERTO, Permiso.LEER})
_MARCA = "permiso_exigido"


class RutaSinPermiso(Exception):
    """A route does not say what it needs; the application that has it must not start."""


def exige(permiso: str) -> Callable[[V], V]:
    """Say what a view needs: `@exige(Permiso.LEER)`, anywhere below its route."""
    exigido = Permiso(permiso)

    def marcar(vista: V) -> V:
        setattr(vista, _MARCA, exigido)
        return vista

    return marcar


def exigir_permisos(app: Flask) -> Mapping[str, Permiso]:
    """Return what each endpoint needs; raises RutaSinPermiso naming the routes that do not say it."""
    faltan = [
        f"{','.join(sorted(regla.methods or ()))} {regla.rule}"
        for regla in app.url_map.iter_rules()
        if not isinstance(permiso_de(app, regla.endpoint), Permiso)
    ]
    if faltan:
        raise RutaSinPermiso(f"{app.name}: sin permiso declarado (use @exige): {'; '.join(sorted(faltan))}")
    return {nombre: getattr(vista, _MARCA) for nombre, vista in app.view_functions.items()}


def permiso_de(app: Flask, endpoint: str | None) -> Permiso | None:
    """Return what an endpoint declared, or None."""
    return getattr(app.view_functions.get(endpoint or ""), _MARCA, None)


def cambia_algo(app: Flask, peticion: Request) -> bool:
    """Whether the request is for an operation that changes something, done or refused."""
    permiso = permiso_de(app, peticion.endpoint)
    # What an administrator only reads is no operation either.
    return permiso not in SIN_EFECTO and peticion.method not in ("GET", "HEAD", "OPTIONS")
