"""The route that tells how many units of each product are reserved now (000, section 2)."""

from collections.abc import Sequence

from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy import select

from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.openapi.documento import ENTERO, lista, objeto

RESERVAS = objeto(reservas=lista(objeto(producto_id=ENTERO, cantidad_reservada=ENTERO)))


class LecturasReservas:
    """Queries over the stock; a product is known by its number."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def por_producto(self) -> Sequence[tuple[int, int]]:
        """Return the number and the reserved units of each product that has any, by number."""
        e = VARIANTE.tablas.existencias.c
        with self._motor.lectura() as con:
            filas = con.execute(select(e.producto, e.reservado).where(e.reservado > 0)).all()
        return sorted((int(producto), reservado) for producto, reservado in filas)


def rutas(motor: Motor) -> list[Blueprint]:
    """Return the blueprints."""
    lecturas = LecturasReservas(motor)
    b = Blueprint("reservas", __name__, url_prefix="/api/v1/pedidos/inventario", description="Inventario")

    def reservas() -> Response:
        """List the units that are reserved now, one entry a product."""
        ahora = [{"producto_id": p, "cantidad_reservada": n} for p, n in lecturas.por_producto()]
        return jsonify({"reservas": ahora})

    b.get("/reservas")(exige(Permiso.LEER)(b.response(200, RESERVAS)(reservas)))
    return [b]
