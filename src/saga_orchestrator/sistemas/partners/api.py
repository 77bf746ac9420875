"""The orchestrator's REST API of partner sagas (004, section 2): start, status, list, and retry."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.formularios import INICIO_DE_PARTNER, InicioDePartner
from aeropartners.contratos.partners import TIPO_PARTNER, ComandoCrearPartner
from aeropartners.contratos.saga import IniciarSaga, OrdenOperador
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    DesdeEsquema,
    uuid_o_nada,
)
from saga_orchestrator.aplicacion.ordenes import SIN_MOTIVO
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.rest.api_ordenes import ReintentoEsquema
from saga_orchestrator.sistemas.partners import respuestas as r
from saga_orchestrator.sistemas.partners.estados import LecturasPartners

MENSAJE = "Partner creation saga started successfully"


class ActivasEsquema(DesdeEsquema):
    """The query of the open sagas."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


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

    def iniciar(self, pedido: InicioDePartner) -> Response:
        """Start a saga; no step has run when it is answered."""
        return self._iniciar(pedido, por_comando=False)

    def mandar(self, pedido: InicioDePartner) -> Response:
        """Start a saga by a command, which its topic carries as well: what the BFF asks for."""
        return self._iniciar(pedido, por_comando=True)

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
        quien = cuerpo.get("quien") or request.remote_addr or ""
        mensaje = OrdenOperador(id, "reintentar", cuerpo["motivo"] or SIN_MOTIVO, quien)
        return self.escritura.hacer(mensaje, id, _reintentada, siempre=True, saga_id=id, estado=202)

    def _iniciar(self, pedido: InicioDePartner, *, por_comando: bool) -> Response:
        self._admision.exigir()
        partner, contrato, saga_id = pedido.partner_data, pedido.contrato, self._ids.nuevo()
        correlacion = pedido.correlacion or str(g.correlacion_id)
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
    inicio = casos.escritura.repetible(iniciada(b.arguments(INICIO_DE_PARTNER)(casos.iniciar)))
    en_su_lugar = situada(".estado", saga_id="saga_id")
    b.post("/partner-creation")(crear(en_su_lugar(inicio)))
    mandado = casos.escritura.repetible(mandada(b.arguments(INICIO_DE_PARTNER)(casos.mandar)))
    b.post("/comando-crear-partner")(crear(en_su_lugar(mandado)))
    b.get("/status/<saga_id>")(leer(b.response(200, r.ESTADO)(casos.estado)))
    activas = b.arguments(ActivasEsquema, location="query")(casos.activas)
    b.get("/active")(leer(b.response(200, r.ACTIVAS)(activas)))
    reintentar = b.arguments(ReintentoEsquema, required=False)(casos.reintentar)
    b.post("/<saga_id>/retry")(cambiar(b.response(202, r.REINTENTADA)(reintentar)))
    return b
