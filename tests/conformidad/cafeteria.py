"""The modules of the coffee shop over a database, without the saga: a test sends their commands itself."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from aeropartners.contratos.inventario import AbrirExistencia, Linea, ReservarExistencias
from aeropartners.contratos.pedidos import ConfirmarPedido, CrearPedido, ItemPedido
from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.modulos.menu import modulo as menu
from aeropartners.modulos.pedidos import modulo as pedidos
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.pieza import Pieza
from tests.dobles.broker import BrokerEnMemoria

STOCK, TTL_S = 100, 900.0
ITEMS = (
    ItemPedido(1, "Café Americano", 2, Decimal("2.50")),
    ItemPedido(3, "Latte", 1, Decimal("4.00")),
)


class Cafeteria:
    """One coffee shop; each call is one batch of one process."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        self.menu, self.pedidos, self.inventario = menu.pieza(), pedidos.pieza(), VARIANTE.pieza()

    def hacer(self, pieza: Pieza, *mensajes: object, saga_id: UUID | None = None) -> list[str]:
        """Run these as one batch of a module; return how each was refused, or an empty text."""
        ahora = self.reloj.ahora()
        sobres = [sobre_de(m, self.ids.nuevo(), "c", ahora, saga_id=saga_id) for m in mensajes]
        hechas = self._ejecutor(pieza).ejecutar(lambda _uow: sobres).decisiones
        return [d.error.codigo if d.error else "" for d in hechas]

    def _ejecutor(self, pieza: Pieza) -> Ejecutor:
        unidad = partial(UnidadSQL, self.motor, pieza.persistencia, self.reloj, self.ids)
        return Ejecutor(Procesador(pieza.modulo, self.ids), unidad, Publicador(BrokerEnMemoria()))

    def vigilante(self) -> Vigilante:
        """Return the timers of the stock."""
        assert self.inventario.despertar
        return Vigilante(self._ejecutor(self.inventario), self.inventario.despertar(self.ids))

    def abrir(self) -> "Cafeteria":
        """Open the menu, and the stock of its products."""
        existencias = [AbrirExistencia(VARIANTE.existencia_de(n), str(n), STOCK) for n in menu.NUMEROS]
        self.hacer(self.menu, menu.abrir_catalogo())
        self.hacer(self.inventario, *existencias)
        return self

    def pedir(self, numero: int, *ordenes: type[Any], cliente: str = "Juan Pérez") -> UUID:
        """Create the example's order with this number, then send these commands; return its id."""
        id = uuid4()
        creado = CrearPedido(id, uuid4(), numero, cliente, ITEMS)
        for mensaje in (creado, *(orden(id) for orden in ordenes)):
            assert self.hacer(self.pedidos, mensaje) == [""]
        return id

    def confirmar(self, *numeros: int) -> "Cafeteria":
        """Create and confirm orders of these numbers."""
        for numero in numeros:
            self.pedir(numero, ConfirmarPedido)
        return self

    def reservar(self, **cantidades: int) -> tuple[UUID, UUID]:
        """Reserve so many units of `p<product>` for a saga; return the reservation and the saga."""
        id, saga = uuid4(), uuid4()
        lineas = tuple(
            Linea(VARIANTE.existencia_de(p[1:]), p[1:], cantidad, p) for p, cantidad in cantidades.items()
        )
        orden = ReservarExistencias(id, lineas, TTL_S, str(saga))
        assert self.hacer(self.inventario, orden, saga_id=saga) == [""]
        return id, saga

    def vista(self, nombre: str, orden: str = "id") -> Sequence[dict[str, Any]]:
        """Return all that an SQL reader sees of one relation."""
        relacion = f"cafeteria{'.' if self.motor.es_postgres else '_'}{nombre}"
        with self.motor.lectura() as con:
            filas = con.execute(text(f"SELECT * FROM {relacion} ORDER BY {orden}")).mappings()
            return [dict(fila) for fila in filas]
