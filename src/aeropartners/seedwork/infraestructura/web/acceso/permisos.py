"""Roles and permissions in one table, and how a route declares its permission."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Request

V = TypeVar("V", bound=Callable[..., Any])


class Rol(StrEnum):
    """The role of a caller (004, section 8)."""

    LECTOR = "lector"
    OPERADOR = "operador"
    SERVICIO = "servicio"
    ADMIN = "admin"


class Permiso(StrEnum):
    """The permission that a route requires.

    ABIERTO needs no key. CREAR is what one service asks of another: start, create, and undo what was created.
    CAMBIAR is for operators: change, repair, give orders. ADMINISTRAR covers the audit, the keys and
    destructive cleanup.
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
    """A route declares no permission: the application must not start."""


def exige(permiso: str) -> Callable[[V], V]:
    """Declare the permission of a view: `@exige(Permiso.LEER)`, anywhere below its route."""
    exigido = Permiso(permiso)

    def marcar(vista: V) -> V:
        setattr(vista, _MARCA, exigido)
        return vista

    return marcar


def exigir_permisos(app: Flask) -> Mapping[str, Permiso]:
    """Return the permission of each endpoint; raises RutaSinPermiso naming the routes without one."""
    faltan = [
        f"{','.join(sorted(regla.methods or ()))} {regla.rule}"
        for regla in app.url_map.iter_rules()
        if not isinstance(permiso_de(app, regla.endpoint), Permiso)
    ]
    if faltan:
        raise RutaSinPermiso(f"{app.name}: sin permiso declarado (use @exige): {'; '.join(sorted(faltan))}")
    return {nombre: getattr(vista, _MARCA) for nombre, vista in app.view_functions.items()}


def permiso_de(app: Flask, endpoint: str | None) -> Permiso | None:
    """Return the permission that an endpoint declares, or None."""
    return getattr(app.view_functions.get(endpoint or ""), _MARCA, None)


def cambia_algo(app: Flask, peticion: Request) -> bool:
    """Whether the request is for an operation that changes something, done or refused."""
    permiso = permiso_de(app, peticion.endpoint)
    # Reading with ADMINISTRAR changes nothing either.
    return permiso not in SIN_EFECTO and peticion.method not in ("GET", "HEAD", "OPTIONS")
