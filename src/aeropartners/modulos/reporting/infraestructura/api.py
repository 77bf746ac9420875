"""REST of reports (001, section 6)."""

from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.reporting import CambiarServicioDatos, CancelarReporte, FormarReporte
from aeropartners.modulos.reporting.aplicacion.comandos import SIN_RESPUESTA, leer_filtros
from aeropartners.modulos.reporting.aplicacion.generacion import formar
from aeropartners.modulos.reporting.aplicacion.puertos import FuenteDatos
from aeropartners.modulos.reporting.dominio.reporte import (
    SERVICIO,
    TIPOS,
    Reporte,
    ReporteGenerado,
    ServicioDatos,
)
from aeropartners.modulos.reporting.infraestructura.lecturas import LecturasReportes
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import Esquema, Texto

URL = validate.URL(schemes={"http", "https"}, require_tld=False)


class PeticionEsquema(Esquema):
    """The body of a request."""

    tipo_reporte = fields.String(required=True, validate=validate.OneOf(TIPOS))
    filtros = fields.Dict(load_default=dict, allow_none=True)


class MotivoEsquema(Esquema):
    """The optional body of a cancellation."""

    motivo = Texto(maximo=500, vacio=True, load_default="", allow_none=True)
    saga_id = fields.UUID(load_default=None, allow_none=True)


class ServicioEsquema(Esquema):
    """The body of a switch of the data service."""

    url = fields.String(required=True, validate=[URL, validate.Length(max=500)])
    version = Texto(required=True, maximo=50)


class ListaEsquema(Esquema):
    """The query of a list."""

    tipo = fields.String(validate=validate.OneOf(TIPOS))
    limite = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class HistorialEsquema(Esquema):
    """The query of the configuration."""

    incluir_historial = fields.Boolean(load_default=False)


class UrlEsquema(Esquema):
    """The query of a check."""

    url = fields.String(validate=[URL, validate.Length(max=500)])


def rutas(
    escritura: Escritura, lecturas: LecturasReportes, ids: Identificadores, fuente: FuenteDatos
) -> Blueprint:
    """Return the blueprint of /reporting."""
    b = Blueprint("reporting", __name__, url_prefix="/reporting", description="Reportes")

    @b.post("/report")
    @b.arguments(PeticionEsquema)
    def generar(cuerpo: dict[str, Any]) -> Response | tuple[Response, int]:
        """Make a report: the data are fetched first, outside any transaction."""
        tipo, filtros = leer_filtros(cuerpo)
        id = ids.nuevo()
        registro = formar(FormarReporte(id, tipo, filtros), fuente)
        if registro.codigo:
            falta: dict[str, Any] = {"detail": registro.error}
            if registro.codigo == SIN_RESPUESTA:
                falta["reintentable"] = True
            return jsonify(falta), 400
        return escritura.hacer(registro, id, _generado, idempotente=True)

    @b.get("/report/<id_reporte>")
    def uno(id_reporte: str) -> Response:
        """Return a report."""
        return jsonify(_objeto(_existente(lecturas, id_reporte)))

    @b.get("/reports")
    @b.arguments(ListaEsquema, location="query")
    def lista(consulta: dict[str, Any]) -> Response:
        """List the newest reports."""
        return jsonify([_objeto(f) for f in lecturas.lista(consulta.get("tipo"), consulta["limite"])])

    @b.patch("/<id_reporte>/cancel")
    @b.arguments(MotivoEsquema)
    def cancelar(cuerpo: dict[str, Any], id_reporte: str) -> Response:
        """Cancel a report; repeated, the same answer."""
        fila = _existente(lecturas, id_reporte)
        mensaje = CancelarReporte(fila.id, cuerpo["motivo"] or "", cuerpo["saga_id"])
        return escritura.hacer(mensaje, fila.id, _generado, saga_id=cuerpo["saga_id"])

    return _administracion(b, escritura, lecturas, fuente)


def _administracion(
    b: Blueprint, escritura: Escritura, lecturas: LecturasReportes, fuente: FuenteDatos
) -> Blueprint:
    @b.post("/admin/servicio-datos")
    @b.arguments(ServicioEsquema)
    def cambiar(cuerpo: dict[str, Any]) -> Response:
        """Switch the data service."""
        return escritura.hacer(CambiarServicioDatos(**cuerpo), SERVICIO, _cambiado)

    @b.get("/admin/configuracion")
    @b.arguments(HistorialEsquema, location="query")
    def configuracion(consulta: dict[str, Any]) -> Response:
        """Return the active service, and those before it."""
        cuerpo: dict[str, Any] = {"configuracion_activa": lecturas.configuracion()}
        if consulta["incluir_historial"]:
            cuerpo["historial"] = lecturas.historial()
        return jsonify(cuerpo)

    @b.get("/admin/verificar-servicio")
    @b.arguments(UrlEsquema, location="query")
    def verificar(consulta: dict[str, Any]) -> Response:
        """Say whether a service answers."""
        url, error = fuente.verificar(consulta.get("url"))
        cuerpo = {"disponible": error is None, "url": url, "timestamp": datetime.now().astimezone()}
        return jsonify(cuerpo | ({"error": error} if error else {}))

    @b.get("/health")
    def salud() -> Response:
        """Whether reports can be read."""
        lecturas.activa()
        ahora = datetime.now().astimezone()
        return jsonify({"status": "healthy", "service": "reporting", "timestamp": ahora})

    return b


def _existente(lecturas: LecturasReportes, id_reporte: str) -> Any:
    fila = lecturas.uno(id_reporte) if len(id_reporte) <= 100 and "\x00" not in id_reporte else None
    if fila is None:
        raise NoEncontrado("Reporte no encontrado")
    return fila


def _objeto(fila: Any) -> dict[str, Any]:
    campos = ("tipo", "estado", "fecha_generacion", "datos", "metadatos", "version_servicio_datos")
    return {"id": fila.id_publico, **{c: getattr(fila, c) for c in campos}}


def _generado(decision: Decision) -> dict[str, Any]:
    reporte = decision.resultado
    if not isinstance(reporte, Reporte) or not isinstance(reporte.ficha, ReporteGenerado):
        raise ErrorDeDominio("El reporte no se generó")
    ficha = reporte.ficha
    return {
        "id": ficha.id_publico,
        "tipo": ficha.tipo,
        "estado": str(reporte.estado),
        "fecha_generacion": ficha.fecha,
        "datos": ficha.datos,
        "metadatos": {"filtros_aplicados": ficha.filtros},
        "version_servicio_datos": ficha.version_servicio_datos,
    }


def _cambiado(decision: Decision) -> dict[str, Any]:
    servicio = decision.resultado
    assert isinstance(servicio, ServicioDatos)
    assert servicio.actual is not None
    actual = servicio.actual
    return {
        "mensaje": "Servicio de datos actualizado",
        "url": actual.url,
        "version": actual.version,
        "fecha_actualizacion": actual.fecha,
    }
