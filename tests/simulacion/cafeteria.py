"""Schedules of CREAR_PEDIDO with the real modules; reservations expire, and stock runs out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from aeropartners.contratos.cafeteria import PedirPedido
from aeropartners.contratos.inventario import AbrirExistencia
from aeropartners.modulos.inventario.cafeteria.variante import VARIANTE
from aeropartners.modulos.menu import modulo as menu
from aeropartners.modulos.pedidos import modulo as pedidos
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.simulacion.copia import Copia
from aeropartners.simulacion.definiciones import PLAZO_PUNTUAL_S
from aeropartners.simulacion.guion import Desenlace, id_de_parte, numero_de, saga_de
from aeropartners.simulacion.mundo import Mundo
from aeropartners.simulacion.obra import MINUTOS, DeUnaDefinicion
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.referencia import Contesta
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.sistemas.cafeteria.borde import borde
from saga_orchestrator.sistemas.cafeteria.definicion import (
    PASOS,
    RESERVAR,
    VALIDAR,
    AjustesPedido,
    crear_pedido,
)
from tests.e2e.invariantes_cafeteria import Cafeteria

PLAZO_CORTO_S, SIN_FIN = 0.9, 500
LIMITE_CORTO_S, RESERVA_CORTA_S, SIN_LIMITE_S = 90.0, 8.0, MINUTOS * 60.0
# Products of which there is enough, and so little that sagas take it from each other.
DE_SOBRA, DESCONOCIDO = 1, 999
STOCK, MUCHAS, TODAS = 6, 100_000, 6


@dataclass(frozen=True, slots=True)
class Encargo:
    """What one saga orders, and the step that refuses it, if anybody can know; None: the others decide."""

    items: tuple[tuple[int, int], ...]
    falla: int | None = None
    disputado: bool = False

    def contesta(self) -> Contesta | None:
        """How its steps end, if anybody can know; undos always succeed in the end."""
        if self.disputado:
            return None
        malo = None if self.falla is None else PASOS[self.falla]
        return lambda tipo, _n: Desenlace.RECHAZO if tipo == malo else Desenlace.EXITO


@dataclass(frozen=True, slots=True)
class ObraCafeteria(DeUnaDefinicion):
    """See `Obra`."""

    def copias(self, plan: Plan, mundo: Mundo) -> list[Copia]:
        orquestadores, copias = plan.copias
        return mundo.poblar(
            *self.orquestadores(orquestadores, mundo, borde=borde()),
            ("cafeteria", [menu.pieza(), VARIANTE.pieza(), pedidos.pieza()], copias),
        )

    def datos_iniciales(self) -> Sequence[tuple[str, object]]:
        """Open the catalogue, and a little stock of each product."""
        existencias = [
            (VARIANTE.nombre, AbrirExistencia(VARIANTE.existencia_de(n), str(n), STOCK)) for n in menu.NUMEROS
        ]
        return [(menu.NOMBRE, menu.abrir_catalogo()), *existencias]

    def encargo(self, numero: int) -> Encargo:
        """What is asked of this saga, drawn from the seed."""
        propio = 1 + numero % 7
        if numero in self.plan.normales:
            return Encargo(((propio, 1),), disputado=True)
        azar = Random(f"{self.plan.semilla}:encargo:{numero}")
        [clase] = azar.choices(("bueno", "desconocido", "de más", "todo"), (5, 1, 2, 3))
        if clase == "desconocido":
            return Encargo(((propio, 1), (DESCONOCIDO, 1)), VALIDAR)
        if clase == "de más":
            return Encargo(((propio, 1), (1 + propio % 7, MUCHAS)), RESERVAR)
        return Encargo(((propio, TODAS if clase == "todo" else 1), (1 + propio % 7, 1)), disputado=True)

    def inicio(self, numero: int) -> PedirPedido:
        items = [{"producto_id": p, "cantidad": n} for p, n in self.encargo(numero).items]
        return PedirPedido(saga_de(numero), f"Cliente {numero}", items)

    def juzgar(self, mundo: Mundo) -> Mapping[str, list[Any]]:
        cafeteria = Cafeteria(mundo.entorno.motor)
        return {
            **self.lo_comun(mundo, cafeteria, self._guionizado, _hechos(cafeteria)),
            **cafeteria.violaciones(),
        }

    def _guionizado(self, saga: UUID) -> Contesta | None:
        return self.encargo(numero_de(saga)).contesta()


def _hechos(c: Cafeteria) -> set[UUID]:
    """Return the parts of steps whose effect stands; the first step's is that the saga came to its end."""
    hechos = set()
    for id in map(UUID, c.sagas):
        validar, reservar, crear, confirmar = (id_de_paso(id, paso) for paso in PASOS)
        reserva, pedido = c.reservas.get(str(reservar)), c.pedidos.get(str(crear))
        dicho = {
            id_de_parte(validar, 0): pedido == "confirmado",
            id_de_parte(reservar, 0): reserva in ("ACTIVA", "CONSUMIDA"),
            id_de_parte(crear, 0): pedido not in (None, "eliminado"),
            id_de_parte(confirmar, 0): reserva == "CONSUMIDA",
            id_de_parte(confirmar, 1): pedido == "confirmado",
        }
        hechos |= {parte for parte, hecho in dicho.items() if hecho}
    return hechos


def obra(plan: Plan) -> ObraCafeteria:
    """Return the play of a plan."""
    if not plan.puntual:
        propios = AjustesPedido(PLAZO_CORTO_S, LIMITE_CORTO_S, RESERVA_CORTA_S)
        # One attempt for each undo: real modules fail none, and one that a fault kills is stuck at once.
        return ObraCafeteria(plan, crear_pedido(Ajustes(reintentos_compensacion=0), propios))
    ajustes = Ajustes(reintentos=SIN_FIN, reintentos_compensacion=SIN_FIN)
    return ObraCafeteria(
        plan, crear_pedido(ajustes, AjustesPedido(PLAZO_PUNTUAL_S, SIN_LIMITE_S, SIN_LIMITE_S))
    )
