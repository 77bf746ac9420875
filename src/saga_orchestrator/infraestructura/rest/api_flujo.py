"""GET /saga/events/stream: the saga events as server-sent events, for monitors without a broker."""

from flask import Response, jsonify, request
from flask_smorest import Blueprint

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.base.dialecto import INICIO, Posicion
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.openapi.documento import TEXTO
from saga_orchestrator.infraestructura.consultas.flujo import Flujo, leer_posicion

DESDE_EL_INICIO = "inicio"
REINTENTAR_EN_S = "5"
PARAMETROS = [
    {"in": "query", "name": "desde", "schema": TEXTO},
    {"in": "header", "name": "Last-Event-ID", "schema": TEXTO},
]
TRAMAS = {"description": "Un evento a cada trama", "content": {"text/event-stream": {"schema": TEXTO}}}


def rutas_flujo(flujo: Flujo) -> Blueprint:
    """Return the blueprint of the stream."""
    b = Blueprint("flujo", __name__, url_prefix="/saga", description="Eventos de sagas en vivo")

    @b.get("/events/stream")
    @exige(Permiso.LEER)
    @b.doc(parameters=PARAMETROS, responses={"200": TRAMAS})
    def seguir() -> Response:
        """Stream events from now on, from `?desde=` (an id, or `inicio`), or after `Last-Event-ID`."""
        lector = flujo.abrir(_desde())
        if lector is None:
            ocupado = jsonify(
                {"detail": f"El flujo está completo o se cierra (máximo {flujo.maximo} lectores)"}
            )
            ocupado.status_code = 503
            ocupado.headers["Retry-After"] = REINTENTAR_EN_S
            return ocupado
        respuesta = Response(lector.tramas, content_type="text/event-stream; charset=utf-8")
        respuesta.call_on_close(lector.soltar)
        respuesta.headers["Cache-Control"] = "no-store"
        respuesta.headers["X-Accel-Buffering"] = "no"
        return respuesta

    return b


def _desde() -> Posicion | None:
    texto = request.headers.get("Last-Event-ID") or request.args.get("desde")
    if not texto:
        return None
    if texto == DESDE_EL_INICIO:
        return INICIO
    try:
        return leer_posicion(texto)
    except ValueError as error:
        raise ErrorDeDominio(f"Posición inválida: {texto[:50]!r}", "VALIDACION") from error
