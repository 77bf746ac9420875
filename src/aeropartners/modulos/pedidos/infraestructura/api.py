"""The REST API of orders: reading them (000, section 2); the saga's own routes create them."""

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from aeropartners.modulos.pedidos.infraestructura.lecturas import LecturasPedidos
from aeropartners.modulos.pedidos.infraestructura.respuestas import PEDIDO
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import PaginaEsquema, numero_o_nada
from aeropartners.seedwork.infraestructura.web.openapi.documento import ENTERO, lista, un_entero

TOTAL = "X-Total-Count"
CUANTOS = {TOTAL: {"description": "Cuántos pedidos hay, antes de paginar", "schema": ENTERO}}


class RutasPedidos:
    """The routes of orders."""

    def __init__(self, lecturas: LecturasPedidos) -> None:
        self._lecturas = lecturas

    def lista(self, consulta: dict[str, Any]) -> Response:
        """List orders, all of them unless a page is asked for."""
        pedidos, total = self._lecturas.lista(consulta.get("limit"), consulta["offset"])
        respuesta = jsonify(pedidos)
        respuesta.headers[TOTAL] = str(total)
        return respuesta

    def uno(self, pedido_id: str) -> Response:
        """Return an order."""
        numero = numero_o_nada("pedido_id", pedido_id)
        pedido = self._lecturas.uno(numero) if numero else None
        if pedido is None:
            raise NoEncontrado("Pedido no encontrado")
        return jsonify(pedido)


def rutas(casos: RutasPedidos) -> Blueprint:
    """Return the blueprint."""
    b = Blueprint("pedidos", __name__, url_prefix="/api/v1/pedidos", description="Pedidos")
    leer = exige(Permiso.LEER)
    todos = b.arguments(PaginaEsquema, location="query")(casos.lista)
    b.get("/")(leer(b.response(200, lista(PEDIDO), headers=CUANTOS)(todos)))
    uno = leer(b.response(200, PEDIDO)(casos.uno))
    b.get("/<pedido_id>", parameters=[un_entero("pedido_id")])(uno)
    return b
