"""The REST API of orders' sagas (000, section 2): a POST that waits for the end, look-ups, and the retry."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate

from aeropartners.contratos.cafeteria import PedirPedido
from aeropartners.contratos.saga import OrdenOperador
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.espera_de_finales import EsperaDeFinales
from aeropartners.seedwork.aplicacion.formularios import Esquema, Parte, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import DesdeEsquema, uuid_o_nada
from aeropartners.seedwork.infraestructura.web.openapi.documento import Objeto
from saga_orchestrator.aplicacion.ordenes import SIN_MOTIVO
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.rest.api_ordenes import ReintentoEsquema
from saga_orchestrator.sistemas.cafeteria import respuestas as r
from saga_orchestrator.sistemas.cafeteria.definicion import ESTADOS, PALABRAS_DE_ESTADO
from saga_orchestrator.sistemas.cafeteria.lecturas import LecturasDePedidos
from saga_orchestrator.sistemas.cafeteria.vista import vista_de

CREADO = "Pedido creado exitosamente"
EN_PROCESO = "Pedido en proceso"
DESHECHO = "Error al crear pedido. Se han revertido todos los cambios."
SIN_DESHACER = "Error al crear pedido. La reversión no se ha completado."
REINTENTADA = "Reintento aceptado"
MAXIMO_ENTERO, MAXIMO_ITEMS = 2**31 - 1, 1_000
POSITIVO = validate.Range(1, MAXIMO_ENTERO)


class ItemEsquema(Esquema):
    """So many units of one product."""

    producto_id = fields.Integer(required=True, strict=True, validate=POSITIVO)
    cantidad = fields.Integer(required=True, strict=True, validate=POSITIVO)


class PedidoEsquema(Esquema):
    """The body of an order."""

    cliente = Texto(required=True)
    items = fields.List(Parte(ItemEsquema), required=True, validate=validate.Length(min=1, max=MAXIMO_ITEMS))


class ListaEsquema(DesdeEsquema):
    """The query of the list of sagas."""

    estado = Texto(validate=validate.OneOf(PALABRAS_DE_ESTADO))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 1000))


class RutasPedidos:
    """The routes of orders' sagas; a POST waits up to `espera_s` seconds for the end of its saga."""

    def __init__(
        self,
        escritura: Escritura,
        admision: Admision,
        lecturas: LecturasDePedidos,
        ids: Identificadores,
        espera: EsperaDeFinales,
        espera_s: float,
    ) -> None:
        self.escritura = escritura
        self._admision = admision
        self._lecturas = lecturas
        self._ids = ids
        self._espera = espera
        self._espera_s = espera_s

    def crear(self, cuerpo: dict[str, Any]) -> Response:
        """Start the saga of an order; what is stored with the key is that it was accepted."""
        self._admision.exigir()
        saga_id = self._ids.nuevo()
        mensaje = PedirPedido(saga_id, cuerpo["cliente"], cuerpo["items"])
        return self.escritura.hacer(
            mensaje, saga_id, _aceptado, idempotente=True, saga_id=saga_id, estado=202
        )

    def al_final(self, aceptado: Response) -> Response:
        """Wait for the end of the saga that was accepted, and answer with what came of it."""
        if aceptado.status_code != 202:
            return aceptado
        id = UUID(aceptado.get_json()["saga_id"])
        self._espera.esperar(id, self._espera_s)
        saga = self._lecturas.saga(id)
        return self._contestar(saga) if saga else aceptado

    def estado(self, saga_id: str) -> Response:
        """Return a saga, with its order."""
        objeto = self._lecturas.una(_id(saga_id))
        if objeto is None:
            raise NoEncontrado("Saga no encontrada")
        return jsonify(objeto)

    def lista(self, consulta: dict[str, Any]) -> Response:
        """Return a page of sagas, newest first."""
        sagas, total = self._lecturas.pagina(consulta.get("estado"), consulta["offset"], consulta["limit"])
        return jsonify({"sagas": sagas, "total": total})

    def reintentar(self, cuerpo: dict[str, Any], saga_id: str) -> Response:
        """Retry the stuck undo of a saga."""
        id = _id(saga_id)
        if self._lecturas.saga(id) is None:
            raise NoEncontrado("Saga no encontrada")
        quien = cuerpo.get("quien") or request.remote_addr or ""
        mensaje = OrdenOperador(id, "reintentar", cuerpo["motivo"] or SIN_MOTIVO, quien)
        return self.escritura.hacer(mensaje, id, _reintentado, siempre=True, saga_id=id, estado=202)

    def _contestar(self, saga: Saga) -> Response:
        vista = vista_de(saga)
        match vista["estado"]:
            case ESTADOS.completada:
                return _json(201, {"mensaje": CREADO, "pedido": self._lecturas.pedido(saga), "saga": vista})
            case ESTADOS.compensada:
                return _json(400, {"detail": {"mensaje": DESHECHO, "saga": vista}})
            case ESTADOS.atascada:
                return _json(500, {"detail": {"mensaje": SIN_DESHACER, "saga": vista}})
        return _json(202, _por_aceptar(saga, EN_PROCESO))


def _json(estado: int, cuerpo: dict[str, Any]) -> Response:
    respuesta = jsonify(cuerpo)
    respuesta.status_code = estado
    return respuesta


def _id(texto: str) -> UUID:
    id = uuid_o_nada(texto)
    if id is None:
        raise ValidationError({"path": {"saga_id": ["Debe ser un UUID"]}})
    return id


def _de(decision: Decision) -> Saga:
    saga = decision.resultado
    assert isinstance(saga, Saga)
    return saga


def _aceptado(decision: Decision) -> dict[str, Any]:
    return _por_aceptar(_de(decision), EN_PROCESO)


def _reintentado(decision: Decision) -> dict[str, Any]:
    return _por_aceptar(_de(decision), REINTENTADA)


def _por_aceptar(saga: Saga, mensaje: str) -> dict[str, Any]:
    return {"mensaje": mensaje, "saga_id": str(saga.id), "saga": vista_de(saga)}


def rutas(casos: RutasPedidos, pedido: Objeto) -> list[Blueprint]:
    """Return the blueprints; `pedido` is the OpenAPI schema of an order."""
    leer, crear, cambiar = map(exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR))
    pedidos = Blueprint("crear_pedidos", __name__, url_prefix="/api/v1/pedidos", description="Pedidos")
    inicio = pedidos.response(201, r.creado(pedido))(pedidos.arguments(PedidoEsquema)(casos.crear))
    for estado, esquema, dicho in (
        (202, r.aceptado(pedido), EN_PROCESO),
        (400, r.negado(pedido), DESHECHO),
        (500, r.negado(pedido), SIN_DESHACER),
    ):
        inicio = pedidos.alt_response(estado, schema=esquema, description=dicho)(inicio)
    repetible = casos.escritura.repetible(inicio, casos.al_final)
    pedidos.post("/")(crear(situada("sagas_de_pedidos.estado", saga_id="saga.saga_id")(repetible)))

    sagas = Blueprint(
        "sagas_de_pedidos", __name__, url_prefix="/api/v1/sagas", description="Sagas de pedidos"
    )
    sagas.get("/<saga_id>")(leer(sagas.response(200, r.saga(pedido))(casos.estado)))
    lista = sagas.arguments(ListaEsquema, location="query")(casos.lista)
    sagas.get("/")(leer(sagas.response(200, r.pagina(pedido))(lista)))
    reintentar = sagas.arguments(ReintentoEsquema, required=False)(casos.reintentar)
    sagas.post("/<saga_id>/reintentar")(cambiar(sagas.response(202, r.aceptado(pedido))(reintentar)))
    return [pedidos, sagas]
