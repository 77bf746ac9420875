"""What must be true of every run of orders, counted from the tables: no unit is lost or sold twice."""

import json
from collections import Counter
from typing import Any
from uuid import UUID

from aeropartners.contratos.cafeteria import SISTEMA, TIPO_PEDIDO
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.simulacion.invariantes import Consultable, Sagas, de_toda_saga
from saga_orchestrator.sistemas.cafeteria.definicion import CREAR, ESTADOS, PASOS, RESERVAR, VALIDAR
from tests.e2e.invariantes import Cuentas, Invariantes, Violadas

EXISTENCIAS = f"SELECT producto, stock, reservado FROM inventario_{SISTEMA}_existencias"
RESERVAS = f"SELECT id, estado, partidas, referencia FROM inventario_{SISTEMA}_reservas"
PEDIDOS = "SELECT id, estado, numero FROM pedidos_cafeteria"
ABIERTAS = "SELECT datos FROM eventos WHERE tipo = 'ExistenciaAbierta'"


class Cafeteria(Sagas):
    """The effects of CREAR_PEDIDO in a system at rest, and what is wrong in them."""

    def __init__(self, sistema: Consultable) -> None:
        super().__init__(sistema, ESTADOS, TIPO_PEDIDO, sin_undo=(VALIDAR,))
        abiertas = [_json(datos) for (datos,) in sistema.sql(ABIERTAS)]
        self._iniciales = {abierta["producto"]: abierta["total"] for abierta in abiertas}
        self._existencias = {p: (total, reservado) for p, total, reservado in sistema.sql(EXISTENCIAS)}
        reservas = sistema.sql(RESERVAS)
        self.reservas = {str(id): estado for id, estado, _, _ in reservas}
        self._ajenas = [
            (str(id), referencia)
            for id, _, _, referencia in reservas
            if str(id) != str(id_de_paso(UUID(referencia), PASOS[RESERVAR]))
        ]
        self.pedidos = {str(id): estado for id, estado, _ in sistema.sql(PEDIDOS)}
        self._numeros = Counter(numero for _, _, numero in sistema.sql(PEDIDOS))
        self._apartado, self._consumido = Counter[str](), Counter[str]()
        for _, estado, partidas, _ in reservas:
            cuenta = {"ACTIVA": self._apartado, "CONSUMIDA": self._consumido}.get(estado)
            for partida in _json(partidas):
                if cuenta is not None:
                    cuenta[partida["producto"]] += partida["cantidad"]

    def violaciones(self) -> Violadas:
        """Return what is wrong, by the name of the invariant."""
        return {
            "stock que no cuadra": self.sumas(),
            "efectos que no cuadran con el final": self.efectos(),
            "reservas de nadie": self._ajenas,
            "un número en dos pedidos": [n for n, veces in self._numeros.items() if veces > 1],
        }

    def sumas(self) -> list[Any]:
        """Of each product: initial = available + reserved + consumed, and nothing is below 0."""
        return [
            (producto, total, reservado, self._apartado[producto], self._consumido[producto])
            for producto, (total, reservado) in self._existencias.items()
            if reservado != self._apartado[producto]
            or total != self._iniciales.get(producto, 0) - self._consumido[producto]
            or not 0 <= reservado <= total
        ]

    def efectos(self) -> list[Any]:
        """An ended saga has its order confirmed and its reservation consumed, or neither stands."""
        mal = []
        for id, (estado, atencion, _) in self.sagas.items():
            reserva = self.reservas.get(str(id_de_paso(UUID(id), PASOS[RESERVAR])))
            pedido = self.pedidos.get(str(id_de_paso(UUID(id), PASOS[CREAR])))
            if estado == ESTADOS.completada:
                bien = (reserva, pedido) == ("CONSUMIDA", "confirmado")
            elif estado == ESTADOS.compensada and not self.intervenida(id):
                bien = reserva not in ("ACTIVA", "CONSUMIDA") and pedido in (None, "eliminado")
            elif atencion:
                bien = pedido in (None, "eliminado", "fallido")
            else:
                bien = estado not in ESTADOS.finales or reserva != "ACTIVA"
            if not bien:
                mal.append((id, estado, reserva, pedido))
        return mal

    def intervenida(self, id: str) -> bool:
        """Whether an operator had an undo left out, or closed the saga."""
        return any(clase == "ORDEN_OPERADOR" for _, _, clase in self.eventos.get(id, ()))


def _json(valor: Any) -> Any:
    return json.loads(valor) if isinstance(valor, str | bytes) else valor


def _reglas(sistema: Consultable) -> Violadas:
    cafeteria = Cafeteria(sistema)
    return {**de_toda_saga(sistema, cafeteria), **cafeteria.violaciones()}


def _cuentas(sagas: int, rechazadas: int) -> Cuentas:
    """So many sagas, those that ask for too much undone and all others completed."""
    suyas = f"SELECT count(*) FROM sagas WHERE tipo = '{TIPO_PEDIDO}'"
    confirmados = "SELECT count(*) FROM pedidos_cafeteria WHERE estado = 'confirmado'"
    return {
        "sagas": (suyas, sagas),
        "completadas": (f"{suyas} AND estado = '{ESTADOS.completada}'", sagas - rechazadas),
        "compensadas": (f"{suyas} AND estado = '{ESTADOS.compensada}'", rechazadas),
        "confirmados": (confirmados, sagas - rechazadas),
    }


CAFETERIA = Invariantes(_reglas, _cuentas)
