"""The orchestrator's REST API of partner sagas (004, section 2): start, status, list, and retry."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.partners import TIPO_PARTNER, ComandoCrearPartner
from aeropartners.contratos.saga import IniciarSaga, OrdenOperador
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    DESPLAZAMIENTO_MAXIMO,
    Esquema,
    Texto,
    uuid_o_nada,
)
from aeropartners.seedwork.infraestructura.web.lugares import situada
from aeropartners.seedwork.infraestructura.web.permisos import Permiso, exige
from saga_orchestrator.aplicacion.ordenes import SIN_MOTIVO
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.partners import respuestas as r
from saga_orchestrator.sistemas.partners.estados import LecturasPartners
from saga_orchestrator.sistemas.partners.solicitud import leer

MENSAJE = "Partner creation saga started successfully"
OPCIONAL: dict[str, Any] = {"allow_none": True, "metadata": {"type": "string", "nullable": True}}
TEXTO: dict[str, Any] = {"required": True, "metadata": {"type": "string"}}


class InicioEsquema(Esquema):
    """The body of a start, for the OpenAPI only; `solicitud.leer` validates it."""

    nombre = fields.Raw(**TEXTO)
    email = fields.Raw(**TEXTO)
    telefono = fields.Raw(**OPCIONAL)
    direccion = fields.Raw(**OPCIONAL)
    correlation_id = fields.Raw(**OPCIONAL)
    contrato = fields.Raw(allow_none=True, metadata={"type": "object", "nullable": True})


class ActivasEsquema(Esquema):
    """The query of the open sagas."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, DESPLAZAMIENTO_MAXIMO))


class ReintentoEsquema(Esquema):
    """The body of a retry, which may be empty."""

    motivo = Texto(load_default="", maximo=500, vacio=True)
    quien = Texto(load_default="", maximo=100, vacio=True)


class RutasPartners:
    """The routes of partner sagas."""

    def __init__(
        self,
        escritura: Escritura,
        admision: Admision,
        lecturas: LecturasPartners,
        ids: Identificadores,
        timeout_minutos: int,
    ) -> None:
        self.escritura = escritura
        self._admision = admision
        self._lecturas = lecturas
        self._ids = ids
        self._timeout = timeout_minutos

    def iniciar(self, cuerpo: dict[str, Any]) -> Response:
        """Start a saga; the answer comes before any step has run."""
        return self._iniciar(cuerpo, por_comando=False)

    def mandar(self, cuerpo: dict[str, Any]) -> Response:
        """Start a saga by a command that is published on its topic too; the BFF uses this route."""
        return self._iniciar(cuerpo, por_comando=True)

    def estado(self, saga_id: str) -> Response:
        """Return a saga."""
        saga = self._lecturas.una(_saga(saga_id))
        if saga is None:
            raise ErrorDeDominio("SAGA no encontrada", "SAGA_NO_ENCONTRADA")
        return jsonify({"saga": saga})

    def activas(self, consulta: dict[str, Any]) -> Response:
        """List the sagas that have not ended, oldest first."""
        sagas, total = self._lecturas.activas(consulta["limit"], consulta["offset"])
        return jsonify({"active_sagas": sagas, "total": total})

    def reintentar(self, cuerpo: dict[str, Any], saga_id: str) -> Response:
        """Retry the stuck undo of a saga."""
        id = _saga(saga_id)
        if self._lecturas.una(id) is None:
            raise ErrorDeDominio("SAGA no encontrada", "SAGA_NO_ENCONTRADA")
        quien = cuerpo["quien"] or request.remote_addr or ""
        mensaje = OrdenOperador(id, "reintentar", cuerpo["motivo"] or SIN_MOTIVO, quien)
        return self.escritura.hacer(mensaje, id, _reintentada, siempre=True, saga_id=id, estado=202)

    def _iniciar(self, cuerpo: dict[str, Any], *, por_comando: bool) -> Response:
        self._admision.exigir()
        solicitud, saga_id = leer(cuerpo), self._ids.nuevo()
        partner, contrato = solicitud.partner_data, solicitud.contrato
        correlacion = solicitud.correlacion or str(g.correlacion_id)
        mensaje: object = IniciarSaga(
            saga_id, TIPO_PARTNER, {"partner_data": partner, "contrato": contrato}, self._timeout, correlacion
        )
        if por_comando:
            mensaje = ComandoCrearPartner(saga_id, partner, contrato, self._timeout, correlacion)
        presentar = _mandada if por_comando else _iniciada
        return self.escritura.hacer(
            mensaje, saga_id, presentar, idempotente=True, saga_id=saga_id, estado=202
        )


def _saga(texto: str) -> UUID:
    g.saga_id = texto
    id = uuid_o_nada(texto)
    if id is None:
        raise ErrorDeDominio("SAGA no encontrada", "SAGA_NO_ENCONTRADA")
    return id


def _iniciada(decision: Decision) -> dict[str, Any]:
    return {"mensaje": MENSAJE, **_comun(decision)}


def _mandada(decision: Decision) -> dict[str, Any]:
    return {"message": MENSAJE, **_comun(decision)}


def _comun(decision: Decision) -> dict[str, Any]:
    saga = _de(decision)
    iniciada = saga.definicion.estados.iniciada
    return {"saga_id": str(saga.id), "correlation_id": saga.memoria.correlacion_id, "status": iniciada}


def _reintentada(decision: Decision) -> dict[str, Any]:
    saga = _de(decision)
    return {"mensaje": "Reintento aceptado", "saga_id": str(saga.id), "status": saga.memoria.estado}


def _de(decision: Decision) -> Saga:
    saga = decision.resultado
    assert isinstance(saga, Saga)
    return saga


def rutas(casos: RutasPartners) -> Blueprint:
    """Return the blueprint."""
    b = Blueprint("saga_partners", __name__, url_prefix="/api/v1/saga", description="Sagas de partners")
    leer, crear, cambiar = map(exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR))
    iniciada, mandada = b.response(202, r.INICIADA), b.response(202, r.MANDADA)
    inicio = casos.escritura.repetible(iniciada(b.arguments(InicioEsquema)(casos.iniciar)))
    en_su_lugar = situada(".estado", saga_id="saga_id")
    b.post("/partner-creation")(crear(en_su_lugar(inicio)))
    mandado = casos.escritura.repetible(mandada(b.arguments(InicioEsquema)(casos.mandar)))
    b.post("/comando-crear-partner")(crear(en_su_lugar(mandado)))
    b.get("/status/<saga_id>")(leer(b.response(200, r.ESTADO)(casos.estado)))
    activas = b.arguments(ActivasEsquema, location="query")(casos.activas)
    b.get("/active")(leer(b.response(200, r.ACTIVAS)(activas)))
    reintentar = b.arguments(ReintentoEsquema, required=False)(casos.reintentar)
    b.post("/<saga_id>/retry")(cambiar(b.response(202, r.REINTENTADA)(reintentar)))
    return b
