"""A witness: how the cotejo sees what the messages of sagas made in one module; it only reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, Table, select

from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.base.tipos import Id


def parche(direccion: str) -> str:
    """Return the command that takes an effect back by a PATCH with a reason, to a host, port and path."""
    cuerpo = '{"motivo": "auditoría"}'
    return f"curl -X PATCH {direccion} -H 'Content-Type: application/json' -d '{cuerpo}'"


def siguientes(con: Connection, columna: Column[Any], tras: str, maximo: int) -> Sequence[str]:
    """Return the next values of a key column, for who goes through all of them; from `""` the first."""
    consulta = select(columna).order_by(columna).limit(maximo)
    if tras:
        consulta = consulta.where(columna > (UUID(tras) if isinstance(columna.type, Id) else tras))
    return [str(valor) for valor in con.scalars(consulta)]


class Falta(NamedTuple):
    """What disagrees between the books of one module; `clase` is one of the words of the cotejo."""

    clase: str
    flujo: str
    objeto: str
    texto: str
    repara: str


@dataclass(frozen=True)
class Testigo:
    """One kind of stream: whose commands make it, where its rows are, and which of its states stand.

    `en_curso` are states that must pass: they wait for a call to another service, whose orders go by the
    topic and subscription `llamadas`. `sustituible`: another program may answer its commands, and keep what
    it made elsewhere: what is missing here may be there. `deshace` is the command that takes an effect
    back, with `{}` for its id. `libro` is the key column of the module's other book, if it has one.
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

    def deshacer(self, flujo: str) -> str:
        """Return the command that takes an effect back."""
        return self.deshace.replace("{}", flujo)

    def estados(self, con: Connection, ids: Collection[str]) -> Mapping[str, tuple[str, int]]:
        """Return state and version of those of these streams that have a row."""
        t = self.tabla.c
        filas = con.execute(select(texto(t.id), t.estado, t.version).where(entre(con, t.id, ids))).all()
        return {id: (estado, version) for id, estado, version in filas}

    def cuentas(self, _con: Connection, _ids: Collection[str]) -> Sequence[Falta]:
        """Say what is wrong between the books of these streams; here there is only one."""
        return ()

    def repetidas(self, _con: Connection, _ids: Collection[str]) -> int:
        """Count the calls of these streams that were made again, which is no fault."""
        return 0

    def ajenas(self, _con: Connection, _claves: Collection[str]) -> Sequence[Falta]:
        """Say which of these keys of the other book are nobody's, or a second one of somebody."""
        return ()
