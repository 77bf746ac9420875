"""GET /api/v1/auditoria (004, section 8): what was done and what was refused, by saga and by time."""

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Resultado
from aeropartners.seedwork.aplicacion.formularios import MomentoUtc
from aeropartners.seedwork.infraestructura.almacen.auditoria import Busqueda, contar, pagina
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import DesdeEsquema
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    LIBRE,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

FILA = objeto(
    id=ID,
    momento=MOMENTO,
    actor=TEXTO,
    rol=nulo(TEXTO),
    operacion=TEXTO,
    recurso=TEXTO,
    motivo=TEXTO,
    saga_id=nulo(ID),
    correlation_id=TEXTO,
    origen=TEXTO,
    resultado=una_de(Resultado),
    detalle=LIBRE,
)
PAGINA = objeto(auditoria=lista(FILA), total=nulo(ENTERO), limit=ENTERO, offset=ENTERO)


class BusquedaEsquema(DesdeEsquema):
    """The query; counting reads all that match, so who reads page after page does without."""

    saga_id = fields.UUID()
    desde = MomentoUtc()
    hasta = MomentoUtc()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1_000))
    contar = fields.Boolean(load_default=True)


def rutas_auditoria(motor: Motor) -> Blueprint:
    """Return the blueprint of the audit."""
    b = Blueprint("auditoria", __name__, url_prefix="/api/v1/auditoria", description="Auditoría")

    @b.get("/")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, PAGINA)
    @b.arguments(BusquedaEsquema, location="query")
    def leer(consulta: dict[str, Any]) -> Response:
        """List what was done and refused, oldest first; `hasta` is not included.

        `total` is null with `contar=false`.
        """
        limite, desde, contado = (consulta.pop(c) for c in ("limit", "offset", "contar"))
        with motor.lectura() as con:
            halladas = pagina(con, Busqueda(**consulta), limite, desde)
            total = contar(con, Busqueda(**consulta)) if contado else None
        filas = [fila(a) for a in halladas]
        return jsonify({"auditoria": filas, "total": total, "limit": limite, "offset": desde})

    return b


def fila(a: Anotacion) -> dict[str, Any]:
    """Return an audit row as JSON clients get it."""
    f = a.firma
    return {
        "id": a.id,
        "momento": a.momento,
        "actor": f.actor,
        "rol": f.rol,
        "operacion": f.operacion,
        "recurso": f.recurso,
        "motivo": f.motivo,
        "saga_id": f.saga_id,
        "correlation_id": f.correlation_id,
        "origen": f.origen,
        "resultado": str(a.resultado),
        "detalle": a.detalle,
    }
