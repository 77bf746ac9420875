"""The table of stock: commands and handlers, for the classes of one variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from aeropartners.contratos.inventario import (
    AbrirExistencia,
    ConsumirReserva,
    ExpirarReserva,
    ReservarExistencias,
    SoltarReserva,
)
from aeropartners.modulos.inventario.dominio.existencia import Existencia
from aeropartners.modulos.inventario.dominio.reserva import Partida, Reserva
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Consulta, Contexto, Decision, Manejador
from aeropartners.seedwork.aplicacion.puertos import Conflicto

DE_RESERVA = "de_reserva"


@dataclass(frozen=True, slots=True)
class Comandos:
    """Handlers over the streams of one variant."""

    existencia: type[Existencia]
    reserva: type[Reserva]

    def abrir(self, m: AbrirExistencia, contexto: Contexto) -> Decision:
        """Open the stock of a product."""
        contexto.flujo(self.existencia, m.id).abrir(m.producto, m.total)
        return Decision(respuesta=Respuesta(exito=True, resultado={"id": str(m.id)}))

    def reservar(self, m: ReservarExistencias, contexto: Contexto) -> Decision:
        """Reserve all lines or none."""
        reserva = contexto.flujo(self.reserva, m.id)
        existencias = {li.existencia: contexto.flujo(self.existencia, li.existencia) for li in m.lineas}
        lineas = [(Partida(li.existencia, li.producto, li.cantidad), li.nombre) for li in m.lineas]
        reserva.hacer(lineas, existencias, contexto.ahora + timedelta(seconds=m.ttl_s), m.referencia)
        return _contada(reserva)

    def consumir(self, m: ConsumirReserva, contexto: Contexto) -> Decision:
        """Take the units out of stock."""
        reserva = contexto.flujo(self.reserva, m.id)
        reserva.consumir(self._suyas(reserva, contexto), contexto.ahora)
        return _contada(reserva)

    def soltar(self, m: SoltarReserva, contexto: Contexto) -> Decision:
        """Give the units back."""
        reserva = contexto.flujo(self.reserva, m.id)
        reserva.soltar(self._suyas(reserva, contexto))
        return _contada(reserva)

    def expirar(self, m: ExpirarReserva, contexto: Contexto) -> Decision:
        """Set the units free if it is time."""
        reserva = contexto.flujo(self.reserva, m.id)
        reserva.expirar(self._suyas(reserva, contexto), contexto.ahora)
        return Decision()

    def _suyas(self, reserva: Reserva, contexto: Contexto) -> dict[UUID, Existencia]:
        """Return the stock of its lines; raises Conflicto if it was made while the batch was loaded."""
        suyas = {a.existencia: contexto.flujo(self.existencia, a.existencia) for a in reserva.partidas}
        if any(not existencia.existe for existencia in suyas.values()):
            raise Conflicto(f"la reserva {reserva.id} se hizo mientras se cargaba el lote")
        return suyas

    def manejadores(self) -> tuple[Manejador, ...]:
        """Return the table."""
        return (
            Manejador(AbrirExistencia, self.abrir, _suyo),
            Manejador(ReservarExistencias, self.reservar, _de_reserva),
            Manejador(ConsumirReserva, self.consumir, _suyo, carga=_existencias),
            Manejador(SoltarReserva, self.soltar, _suyo, carga=_existencias),
            Manejador(ExpirarReserva, self.expirar, _suyo, carga=_existencias),
        )


def _contada(reserva: Reserva) -> Decision:
    estado = str(reserva.estado)
    return Decision(respuesta=Respuesta(exito=True, resultado={"id": str(reserva.id), "estado": estado}))


def _suyo(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


def _de_reserva(m: ReservarExistencias, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id, *(linea.existencia for linea in m.lineas))


def _existencias(m: Any, _sobre: Sobre) -> Sequence[Consulta]:
    return ((DE_RESERVA, str(m.id)),)
