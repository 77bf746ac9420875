"""The `Location` header: the address of what a request created or started."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, url_for

V = TypeVar("V", bound=Callable[..., Any])
_MARCA = "dice_el_lugar"


def situada(endpoint: str, **campos: str) -> Callable[[V], V]:
    """Make a view's successes carry `Location`: the route `endpoint`, filled in from fields of the body.

    Use it above `repetible`, so that the answer to a repeated key has the header as well. A field may be a
    path, such as `a.b`.
    """

    def decorar(vista: V) -> V:
        @wraps(vista)
        def con_lugar(*argumentos: Any, **nombrados: Any) -> Response:
            respuesta: Response = vista(*argumentos, **nombrados)
            if respuesta.status_code < 300:
                cuerpo = respuesta.get_json()
                valores = {nombre: _campo(cuerpo, camino) for nombre, camino in campos.items()}
                respuesta.headers["Location"] = url_for(endpoint, **valores)
            return respuesta

        setattr(con_lugar, _MARCA, True)
        return cast(V, con_lugar)

    return decorar


def dice_el_lugar(vista: Callable[..., Any]) -> bool:
    """Whether the successes of a view carry `Location`."""
    return getattr(vista, _MARCA, False)


def _campo(cuerpo: Any, camino: str) -> Any:
    for nombre in camino.split("."):
        cuerpo = cuerpo[nombre]
    return cuerpo
