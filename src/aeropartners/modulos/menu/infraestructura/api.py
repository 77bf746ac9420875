"""The REST API of the menu (000, section 4)."""

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from aeropartners.modulos.menu.dominio.producto import TAMANOS
from aeropartners.modulos.menu.infraestructura.lecturas import LecturasMenu
from aeropartners.seedwork.aplicacion.serializacion import numero as en_moneda
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import numero_o_nada
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    LOGICO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
    un_entero,
    una_de,
)

PRODUCTO = objeto(
    id=ENTERO,
    nombre=TEXTO,
    descripcion=TEXTO,
    precio=NUMERO,
    categoria_id=ENTERO,
    disponible=LOGICO,
    tamano=nulo(una_de(TAMANOS)),
    ingredientes=nulo(lista(TEXTO)),
    calorias=nulo(ENTERO),
)
MENU = {"type": "object", "additionalProperties": lista(PRODUCTO)}


class RutasMenu:
    """The routes of the menu."""

    def __init__(self, lecturas: LecturasMenu) -> None:
        self._lecturas = lecturas

    def productos(self) -> Response:
        """List all products."""
        return jsonify([_objeto(f) for f in self._lecturas.productos()])

    def producto(self, producto_id: str) -> Response:
        """Return a product."""
        numero = numero_o_nada("producto_id", producto_id)
        fila = self._lecturas.producto(numero) if numero else None
        if fila is None:
            raise NoEncontrado("Producto no encontrado")
        return jsonify(_objeto(fila))

    def menu(self) -> Response:
        """Return the products of each category, by its name."""
        menu: dict[str, list[Any]] = {}
        for categoria, filas in self._lecturas.por_categoria():
            menu.setdefault(categoria, []).extend(map(_objeto, filas))
        return jsonify(menu)


def _objeto(fila: Any) -> dict[str, Any]:
    campos = {c: getattr(fila, c) for c in PRODUCTO["properties"]}
    return campos | {"id": fila.numero, "precio": en_moneda(fila.precio)}


def rutas(casos: RutasMenu) -> Blueprint:
    """Return the blueprint."""
    b = Blueprint("menu", __name__, url_prefix="/api/v1", description="Menú")
    leer = exige(Permiso.LEER)
    b.get("/productos/")(leer(b.response(200, lista(PRODUCTO))(casos.productos)))
    uno = leer(b.response(200, PRODUCTO)(casos.producto))
    b.get("/productos/<producto_id>", parameters=[un_entero("producto_id")])(uno)
    b.get("/menu")(leer(b.response(200, MENU)(casos.menu)))
    return b
