"""Payments without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from aeropartners.contratos.pagos import TEMA_LLAMADAS
from aeropartners.modulos.pagos.aplicacion.cobros import tareas
from aeropartners.modulos.pagos.aplicacion.puertos import EnProceso
from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.modulos.pagos.modulo import modulo
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_derivado
from tests.dobles.pasarela import Pasarela
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria

AHORA = datetime(2025, 1, 1, tzinfo=UTC)


class Mundo(UnidadEnMemoria):
    """The payments module and the caller's loop."""

    def __init__(self) -> None:
        super().__init__(modulo(1.0), AHORA, TEMA_LLAMADAS)

    def pago(self, id: UUID) -> Pago:
        """Return the payment as its stored events make it."""
        return self.rehecho(Pago(id))

    def saga(self, mensaje: object, paso: str = "PROCESAR_PAGO", intento: int = 1) -> Respuesta | None:
        """Send a command as the orchestrator does; return the reply it gets at once."""
        return super().saga(mensaje, paso, intento)

    @property
    def respuestas(self) -> list[tuple[str | None, Respuesta]]:
        """Return (step, reply) of each reply to the orchestrator."""
        return [(sobre.paso, respuesta) for sobre, respuesta in self.contestado]

    def publicos(self, tema: str) -> list[dict[str, object]]:
        """Return the bodies on a public topic."""
        return [msgspec.json.decode(e.cuerpo) for e in self.salidas if e.tema == tema]

    def atender(self, orden: Sobre, pasarela: Pasarela, turnos: int = 10) -> bool:
        """Do an order as the caller does; False when its last turn has to wait."""
        tarea = tareas(pasarela)(orden)
        marca = tarea.marca()
        marcado = self.tratar(self._causado(orden, marca)).resultado if marca else None
        for _ in range(turnos):
            resultado = tarea.llamar(marcado)
            if isinstance(resultado, Espera):
                self.ahora = max(self.ahora, resultado.hasta)
                continue
            if resultado is not None:
                self.tratar(self._causado(orden, resultado))
            return True
        return False

    def agotar(self, pasarela: Pasarela) -> None:
        """Do all orders that wait, and those that they cause."""
        while ordenes := self.ordenes():
            for orden in ordenes:
                self.atender(orden, pasarela)

    def _causado(self, causa: Sobre, mensaje: object) -> Sobre:
        return sobre_derivado(causa, self.ids.nuevo(), mensaje, self.ahora)


def en(segundos: float) -> EnProceso:
    """Return the answer of a gateway that needs that long."""
    return EnProceso(AHORA + timedelta(seconds=segundos))
