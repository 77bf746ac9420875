"""How the cotejo, the search for lost and doubled effects, reads the effects of one module."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, Table, select

from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.base.tipos import Id


def parche(direccion: str) -> str:
    """Return the shell command that undoes an effect by an HTTP PATCH; `direccion` is host, port, path."""
    cuerpo = '{"motivo": "auditoría"}'
    return f"curl -X PATCH {direccion} -H 'Content-Type: application/json' -d '{cuerpo}'"


def siguientes(con: Connection, columna: Column[Any], tras: str, maximo: int) -> Sequence[str]:
    """Return the next `maximo` values of a key column after `tras`, in order; `""` starts at the first."""
    consulta = select(columna).order_by(columna).limit(maximo)
    if tras:
        consulta = consulta.where(columna > (UUID(tras) if isinstance(columna.type, Id) else tras))
    return [str(valor) for valor in con.scalars(consulta)]


class Contradiccion(NamedTuple):
    """A contradiction between the books of one module; `clase` is one of the words of the cotejo."""

    clase: str
    flujo: str
    objeto: str
    texto: str
    repara: str


@dataclass(frozen=True)
class Testigo:
    """One kind of stream of a module: the topic of its commands, its table, and which states are lasting.

    `vigentes` are the states of an effect that lasts. `en_curso` are states that must pass: they wait for a
    call to another service, whose orders use the topic and subscription in `llamadas`. `sustituible`: another
    program may answer the commands and store its effects elsewhere, so a missing row is no proof. `deshace`
    is the command that takes an effect back, with `{}` for its id. `libro` is the key column of the module's
    second book, if it has one. `consumidor` is the module's name in the inbox: see `Modulo`.
    """

    tipo_flujo: str
    tema: str
    suscripcion: str
    tabla: Table
    vigentes: frozenset[str]
    deshace: str
    en_curso: frozenset[str] = frozenset()
    llamadas: tuple[str, str] | None = None
    sustituible: bool = False
    libro: Column[Any] | None = None
    consumidor: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "consumidor", self.consumidor or self.suscripcion)

    def deshacer(self, flujo: str) -> str:
        """Return the command that takes the effect of this stream back."""
        return self.deshace.replace("{}", flujo)

    def estados(self, con: Connection, ids: Collection[str]) -> Mapping[str, tuple[str, int]]:
        """Return, by id, state and version of those of these streams that have a row."""
        t = self.tabla.c
        filas = con.execute(select(texto(t.id), t.estado, t.version).where(entre(con, t.id, ids))).all()
        return {id: (estado, version) for id, estado, version in filas}

    def cuentas(self, _con: Connection, _ids: Collection[str]) -> Sequence[Contradiccion]:
        """Return the contradictions between the books of these streams; none with a single book."""
        return ()

    def repetidas(self, _con: Connection, _ids: Collection[str]) -> int:
        """Return how many calls of these streams were repeated, which is no fault."""
        return 0

    def ajenas(self, _con: Connection, _claves: Collection[str]) -> Sequence[Contradiccion]:
        """Return the keys of the second book that belong to no stream, or that a stream has twice."""
        return ()
