"""The REST API of reports (001, section 6)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate
from sqlalchemy import RowMapping
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.contratos.reporting import CambiarServicioDatos, CancelarReporte, FormarReporte
from aeropartners.modulos.reporting.aplicacion.generacion import Generador
from aeropartners.modulos.reporting.aplicacion.pedidos import PEDIDO
from aeropartners.modulos.reporting.aplicacion.puertos import FuenteDatos, ServicioNoResponde
from aeropartners.modulos.reporting.dominio.reporte import TIPOS, Pedido, Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import (
    SERVICIO,
    ServicioDatos,
    UrlDebeSerHttp,
    exigir_url,
)
from aeropartners.modulos.reporting.infraestructura import respuestas
from aeropartners.modulos.reporting.infraestructura.lecturas import LecturasReportes, objeto, objeto_de
from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import MotivoEsquema

LARGO_ID = 100


def _url_http(url: str) -> None:
    try:
        exigir_url(url)
    except UrlDebeSerHttp as error:
        raise ValidationError(error.mensaje) from error


class ServicioEsquema(Esquema):
    """The body of a switch of the data service."""

    url = Texto(required=True, maximo=500, validate=_url_http)
    version = Texto(required=True, maximo=50)


class ListaEsquema(Esquema):
    """The query of a list."""

    tipo = Texto(load_default=None, validate=validate.OneOf(TIPOS))
    limite = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class HistorialEsquema(Esquema):
    """The query of the configuration."""

    incluir_historial = fields.Boolean(load_default=False)


class UrlEsquema(Esquema):
    """The query of the check of a data service."""

    url = Texto(load_default=None, maximo=500, validate=_url_http)


def rutas(
    escritura: Escritura, lecturas: LecturasReportes, ids: Identificadores, fuente: FuenteDatos
) -> Blueprint:
    """Return the blueprint of /reporting."""
    b = Blueprint("reporting", __name__, url_prefix="/reporting", description="Reportes")
    b.register_error_handler(ServicioNoResponde, _reintentable)
    _escrituras(b, escritura, lecturas, ids, Generador(fuente))
    _consultas(b, lecturas)
    _administracion(b, escritura, lecturas, fuente)
    return b


def _escrituras(
    b: Blueprint,
    escritura: Escritura,
    lecturas: LecturasReportes,
    ids: Identificadores,
    generador: Generador,
) -> None:
    @b.post("/report")
    @exige(Permiso.CREAR)
    @situada(".uno", id_reporte="id")
    @escritura.repetible
    @b.response(200, respuestas.REPORTE)
    @b.arguments(PEDIDO)
    def generar(pedido: Pedido) -> Response:
        """Make a report; the data are fetched first, outside any transaction."""
        orden = FormarReporte(ids.nuevo(), pedido.tipo, pedido.filtros)
        mensaje = generador.formar(orden, generador.llegar())
        return escritura.hacer(mensaje, orden.id, _reporte, idempotente=True, saga_id=_saga())

    @b.patch("/<id_reporte>/cancel")
    @exige(Permiso.CREAR)
    @b.response(200, respuestas.REPORTE)
    @b.arguments(MotivoEsquema, required=False)
    def cancelar(cuerpo: dict[str, Any], id_reporte: str) -> Response:
        """Cancel a report; a repeat gets the same answer."""
        id: UUID = _existente(lecturas, id_reporte)["id"]
        saga_id = cuerpo["saga_id"] or _saga()
        mensaje = CancelarReporte(id, cuerpo["motivo"] or "", saga_id)
        return escritura.hacer(mensaje, id, _reporte, saga_id=saga_id)


def _consultas(b: Blueprint, lecturas: LecturasReportes) -> None:
    @b.get("/report/<id_reporte>")
    @exige(Permiso.LEER)
    @b.response(200, respuestas.REPORTE)
    def uno(id_reporte: str) -> Response:
        """Return a report."""
        return jsonify(objeto(_existente(lecturas, id_reporte)))

    @b.get("/reports")
    @exige(Permiso.LEER)
    @b.response(200, respuestas.REPORTES)
    @b.arguments(ListaEsquema, location="query")
    def lista(consulta: dict[str, Any]) -> Response:
        """List the newest reports."""
        return jsonify(lecturas.lista(consulta["tipo"], consulta["limite"]))

    @b.get("/health")
    @exige(Permiso.ABIERTO)
    @b.response(200, respuestas.SALUD)
    @b.alt_response(503, schema=respuestas.SALUD)
    def salud() -> tuple[Response, int]:
        """Tell whether reports can be read."""
        cuerpo = {"status": "healthy", "service": "reporting", "timestamp": datetime.now(UTC)}
        try:
            lecturas.activa()
        except SQLAlchemyError as error:
            return jsonify({**cuerpo, "status": "unhealthy", "error": type(error).__name__}), 503
        return jsonify(cuerpo), 200


def _administracion(
    b: Blueprint, escritura: Escritura, lecturas: LecturasReportes, fuente: FuenteDatos
) -> None:
    @b.post("/admin/servicio-datos")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, respuestas.CAMBIADO)
    @b.arguments(ServicioEsquema)
    def cambiar(cuerpo: dict[str, Any]) -> Response:
        """Switch the data service."""
        return escritura.hacer(CambiarServicioDatos(**cuerpo), SERVICIO, _cambiado)

    @b.get("/admin/configuracion")
    @exige(Permiso.LEER)
    @b.response(200, respuestas.CONFIGURACION)
    @b.arguments(HistorialEsquema, location="query")
    def configuracion(consulta: dict[str, Any]) -> Response:
        """Return the active service and, if asked for, all switches."""
        cuerpo: dict[str, Any] = {"configuracion_activa": lecturas.configuracion()}
        if consulta["incluir_historial"]:
            cuerpo["historial"] = lecturas.historial()
        return jsonify(cuerpo)

    @b.get("/admin/verificar-servicio")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, respuestas.VERIFICADO)
    @b.arguments(UrlEsquema, location="query")
    def verificar(consulta: dict[str, Any]) -> Response:
        """Tell whether a data service answers."""
        url, error = fuente.verificar(consulta["url"])
        cuerpo = {"disponible": error is None, "url": url, "timestamp": datetime.now(UTC)}
        return jsonify(cuerpo | ({"error": error} if error else {}))


def _existente(lecturas: LecturasReportes, id_reporte: str) -> RowMapping:
    legible = len(id_reporte) <= LARGO_ID and id_reporte.isprintable()
    fila = lecturas.uno(id_reporte) if legible else None
    if fila is None:
        raise NoEncontrado("Reporte no encontrado")
    return fila


def _saga() -> UUID | None:
    """Return the saga in the header `X-Saga-ID`; None without a valid one."""
    try:
        return UUID(request.headers["X-Saga-ID"])
    except (KeyError, ValueError):
        return None


def _reintentable(error: ServicioNoResponde) -> tuple[Response, int]:
    return jsonify({"detail": str(error), "reintentable": True}), 400


def _reporte(decision: Decision) -> object:
    assert isinstance(decision.resultado, Reporte)
    return objeto_de(decision.resultado)


def _cambiado(decision: Decision) -> dict[str, Any]:
    servicio = decision.resultado
    assert isinstance(servicio, ServicioDatos)
    assert servicio.actual is not None
    return {
        "mensaje": "Servicio de datos actualizado",
        "url": servicio.actual.url,
        "version": servicio.actual.version,
        "fecha_actualizacion": servicio.actual.fecha,
    }
