"""The module `inventario` for one variant: streams, tables, topics and names of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from aeropartners.contratos.inventario import ESPACIO, ExpirarReserva, existencia_de
from aeropartners.modulos.inventario.aplicacion.comandos import Comandos
from aeropartners.modulos.inventario.dominio.existencia import Existencia
from aeropartners.modulos.inventario.dominio.reserva import Reserva
from aeropartners.modulos.inventario.infraestructura.almacen import Tablas, persistencia
from aeropartners.modulos.inventario.infraestructura.testigo import testigo
from aeropartners.seedwork.aplicacion.bucles.vigilante import DespertarDe
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo, sobre_de
from aeropartners.seedwork.aplicacion.puertos import Identificadores, UnidadDeTrabajo
from aeropartners.seedwork.infraestructura.pieza import Pieza


@dataclass(frozen=True, slots=True)
class Variante:
    """The stock of one system. Nothing of it is shared with another system's: equal ids and names are others.

    `sistema` begins the name of its module, its consumer and its streams; `suscripcion` and the topics are
    those of the system's contract.
    """

    sistema: str
    tema: str
    tema_muertos: str
    suscripcion: str
    tablas: Tablas

    @property
    def nombre(self) -> str:
        """The name of its module in a process."""
        return f"{self.sistema}-inventario"

    def existencia_de(self, producto: object) -> UUID:
        """Return the stream of a product's stock."""
        return existencia_de(self.sistema, producto)

    def reserva_de(self, referencia: object) -> UUID:
        """Return the stream of the reservation that a foreign program knows by this reference."""
        return uuid5(ESPACIO, f"{self.sistema}:reserva:{referencia}")

    def pieza(self) -> Pieza:
        """Return the module's `Pieza`."""
        existencia = type("ExistenciaDeVariante", (Existencia,), {"tipo": f"{self.sistema}-existencia"})
        reserva = type("ReservaDeVariante", (Reserva,), {"tipo": f"{self.sistema}-reserva"})
        modulo = Modulo(
            nombre=self.nombre,
            suscripcion=self.suscripcion,
            temas=(self.tema,),
            tema_muertos=self.tema_muertos,
            manejadores=Comandos(existencia, reserva).manejadores(),
            agregados=(existencia, reserva),
            consumidor=f"{self.nombre}/{self.suscripcion}",
        )
        almacen = persistencia(existencia, reserva, self.tablas)
        return Pieza(self.nombre, modulo, almacen, _expirar, testigo=testigo(modulo, reserva, self.tablas))


def _expirar(ids: Identificadores) -> DespertarDe:
    """Return what the timers do with reservations whose time is over."""

    def despertar(vencidas: Sequence[UUID], uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        return [sobre_de(ExpirarReserva(id), ids.nuevo(), id, uow.ahora) for id in vencidas]

    return despertar
