"""What the caller does for partner sagas: create over HTTP, and delete; pure over the service's port."""

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
    """The service did it, or had done it; `partner` is what it says of it."""

    partner: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Negado:
    """A refusal for good: under this key there is nothing, and there never will be."""

    codigo: str
    error: str


@dataclass(frozen=True, slots=True)
class SinContestar:
    """A technical failure; `incierto`: it may have been done all the same."""

    error: str
    incierto: bool


class Integraciones(Protocol):
    """The service of partners. Safe from several threads; it never raises for what the network does.

    A creation repeated under its saga is the same creation, with the same answer.
    """

    def crear(self, sobre: Sobre, datos: dict[str, Any]) -> Hecho | Negado | SinContestar:
        """Create the partner of a saga."""

    def borrar(self, sobre: Sobre, partner_id: str) -> Hecho | SinContestar:
        """Delete a partner; one that is deleted already, or unknown, is done."""


@dataclass(frozen=True, slots=True)
class Crear(Tarea):
    """One call; whoever repeats it after a crash gets the same answer."""

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
    """Learn the id if nobody knows it, by repeating the key; then delete."""

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
    """Return what makes the task of an order; it raises NoDescifrable for one that is unknown."""
    diccionario = Diccionario((PedirPartner, BorrarPartner))

    def tarea(sobre: Sobre) -> Tarea:
        orden = diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo))
        if isinstance(orden, PedirPartner):
            return Crear(sobre, orden, servicio)
        assert isinstance(orden, BorrarPartner)
        return Borrar(sobre, orden, servicio)

    return tarea
