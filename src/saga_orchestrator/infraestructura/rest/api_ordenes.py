"""The operator's orders over HTTP: `reintentar`, `omitir`, `cerrar`, `cancelar`, for a saga of any system."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from aeropartners.contratos.saga import OrdenOperador
from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.dominio.valores import LARGO_MOTIVO
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import id_valido
from saga_orchestrator.aplicacion.ordenes import SIN_MOTIVO
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.rest import respuestas

ORDENES = ("reintentar", "omitir", "cerrar", "cancelar")


class OrdenEsquema(Esquema):
    """The body of an operator's order that needs a reason; without `quien` the header X-Operador says who."""

    motivo = Texto(required=True, maximo=LARGO_MOTIVO)
    quien = Texto(maximo=100)


class ReintentoEsquema(OrdenEsquema):
    """The body of a retry, which may be empty."""

    motivo = Texto(load_default="", maximo=LARGO_MOTIVO, vacio=True)


def rutas_ordenes(escritura: Escritura, estados: Sequence[str]) -> Blueprint:
    """Return the blueprint of the orders; `estados` are the known state words of sagas."""
    ordenada = respuestas.vistas(estados).ordenada
    b = Blueprint("ordenes", __name__, url_prefix="/saga", description="Órdenes del operador")
    for orden in ORDENES:
        b.post(f"/<saga_id>/{orden}", endpoint=orden)(
            exige(Permiso.CAMBIAR)(b.response(202, ordenada)(_orden(b, escritura, orden)))
        )
    return b


def _orden(b: Blueprint, escritura: Escritura, orden: str) -> Callable[..., Any]:
    def ordenar(cuerpo: dict[str, Any], saga_id: str) -> Response:
        id = id_valido(saga_id, "ID de SAGA inválido")
        motivo, quien = cuerpo["motivo"] or SIN_MOTIVO, cuerpo.get("quien") or _operador()
        mensaje = OrdenOperador(id, orden, motivo, quien)
        return escritura.hacer(mensaje, id, _ordenada(orden), siempre=True, saga_id=id, estado=202)

    ordenar.__name__ = orden
    ordenar.__doc__ = f"Operator's order: {orden}."
    sin_cuerpo = orden == "reintentar"
    esquema = ReintentoEsquema if sin_cuerpo else OrdenEsquema
    decorada: Callable[..., Any] = b.arguments(esquema, required=not sin_cuerpo)(ordenar)
    return decorada


def _operador() -> str:
    """Return the operator that `X-Operador` names, or else the caller's address.

    The header is UTF-8, which WSGI hands over as latin-1.
    """
    dicho = request.headers.get("X-Operador", "").encode("latin-1").decode("utf-8", "replace")
    return (
        OrdenEsquema().load({"motivo": "-", "quien": dicho})["quien"] if dicho else request.remote_addr or ""
    )


def _ordenada(orden: str) -> Callable[[Decision], dict[str, Any]]:
    def presentar(decision: Decision) -> dict[str, Any]:
        saga = decision.resultado
        assert isinstance(saga, Saga)
        return {
            "mensaje": f"Orden {orden} aceptada",
            "saga_id": str(saga.id),
            "estado": saga.memoria.estado,
        }

    return presentar
