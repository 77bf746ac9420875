"""The calls to the service of partners: create and delete; pure over the service's port."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aeropartners.contratos.partners import BorrarPartner, PedirPartner
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera, Tarea
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.serializacion import Diccionario


@dataclass(frozen=True, slots=True)
class Hecho:
    """The service did it, now or before; `partner` is its answer."""

    partner: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Negado:
    """A final refusal: no partner exists under this key, and none will."""

    codigo: str
    error: str


@dataclass(frozen=True, slots=True)
class SinContestar:
    """A technical failure; `incierto`: the call may have had its effect all the same."""

    error: str
    incierto: bool


class Integraciones(Protocol):
    """The service of partners. Safe from several threads; it raises nothing for failures of the network.

    A creation repeated for the same saga is the same creation, with the same answer.
    """

    def crear(self, sobre: Sobre, datos: dict[str, Any]) -> Hecho | Negado | SinContestar:
        """Create the partner of the saga in `sobre`."""

    def borrar(self, sobre: Sobre, partner_id: str) -> Hecho | SinContestar:
        """Delete a partner; a partner that is deleted already, or unknown, counts as deleted."""


@dataclass(frozen=True, slots=True)
class Crear(Tarea):
    """One call that creates the partner; repeated after a crash it gets the same answer."""

    sobre: Sobre
    orden: PedirPartner
    servicio: Integraciones

    def marca(self) -> object | None:
        return None

    def no_antes(self) -> datetime | None:
        return None

    def llamar(self, _marcado: object) -> Espera | object | None:
        match self.servicio.crear(self.sobre, self.orden.datos):
            case Hecho(partner):
                resultado = {"partner_id": str(partner["id"]), "estado": partner.get("estado")}
                return Respuesta(exito=True, resultado=resultado)
            case Negado(codigo, error):
                return Respuesta(exito=False, codigo=codigo, error=f"{codigo}: {error}")
            case SinContestar(error, incierto):
                return Respuesta(exito=False, reintentable=True, error=error, incierto=incierto)


@dataclass(frozen=True, slots=True)
class Borrar(Tarea):
    """The deletion of a saga's partner.

    When its id is not known, the creation is repeated first: its answer has the id.
    """

    sobre: Sobre
    orden: BorrarPartner
    servicio: Integraciones

    def marca(self) -> object | None:
        return None

    def no_antes(self) -> datetime | None:
        return None

    def llamar(self, _marcado: object) -> Espera | object | None:
        hallado = self._hallar()
        if isinstance(hallado, SinContestar):
            return Respuesta(exito=False, reintentable=True, error=hallado.error)
        if hallado is None:
            return Respuesta(exito=True, resultado={"partner_id": None})
        borrado = self.servicio.borrar(self.sobre, hallado)
        if isinstance(borrado, SinContestar):
            return Respuesta(exito=False, reintentable=True, error=borrado.error)
        return Respuesta(exito=True, resultado={"partner_id": hallado})

    def _hallar(self) -> str | SinContestar | None:
        if self.orden.partner_id:
            return self.orden.partner_id
        creado = self.servicio.crear(self.sobre, self.orden.datos)
        if isinstance(creado, SinContestar):
            return creado
        return str(creado.partner["id"]) if isinstance(creado, Hecho) else None


def tareas(servicio: Integraciones) -> Callable[[Sobre], Tarea]:
    """Return the function that makes the task of an order; it raises NoDescifrable for an unknown order."""
    diccionario = Diccionario((PedirPartner, BorrarPartner))

    def tarea(sobre: Sobre) -> Tarea:
        orden = diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo))
        if isinstance(orden, PedirPartner):
            return Crear(sobre, orden, servicio)
        assert isinstance(orden, BorrarPartner)
        return Borrar(sobre, orden, servicio)

    return tarea
