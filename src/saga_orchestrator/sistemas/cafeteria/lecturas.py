"""Queries of orders' sagas."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from aeropartners.contratos.cafeteria import TIPO_PEDIDO
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from saga_orchestrator.sistemas.cafeteria.vista import Objeto, vista_de

# Returns the order with a number, as its own service shows it; None without one.
LeerPedido = Callable[[int], dict[str, Any] | None]


class LecturasDePedidos:
    """Orders' sagas, each as the object of 000, section 2."""

    def __init__(
        self, motor: Motor, almacen: AlmacenSagas, sagas: LecturasSagas, leer_pedido: LeerPedido
    ) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._almacen = almacen
        self._sagas = sagas
        self._leer_pedido = leer_pedido

    def saga(self, id: UUID) -> Saga | None:
        """Return the saga of an order; None when there is none."""
        return self._leer([id]).get(id)

    def una(self, id: UUID) -> Objeto | None:
        """Return a saga, with its order if there is one; None when there is no such saga."""
        saga = self.saga(id)
        if saga is None:
            return None
        pedido = self.pedido(saga)
        return {**vista_de(saga), **({"pedido": pedido} if pedido else {})}

    def pedido(self, saga: Saga) -> Objeto | None:
        """Return the order of a saga; None before it was created, and once it was undone."""
        numero = saga.datos_iniciales.get("numero")
        return None if numero is None else self._leer_pedido(numero)

    def pagina(self, estado: str | None, desde: int, limite: int) -> tuple[list[Objeto], int]:
        """Return a page of sagas, newest first, and the number of matches before paging."""
        ids, total = self._sagas.elegidas((TIPO_PEDIDO,), estado, desde, limite)
        leidas = self._leer(ids)
        return [vista_de(leidas[id]) for id in ids if id in leidas], total

    def _leer(self, ids: list[UUID]) -> dict[UUID, Saga]:
        with self._motor.lectura() as con:
            leidas = self._almacen.leer(con, self._sql, ids)
        return {id: saga for id, saga in leidas.items() if saga.definicion.tipo == TIPO_PEDIDO}
