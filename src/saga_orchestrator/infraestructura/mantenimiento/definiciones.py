"""The table of saga definitions: the form that each was registered with, and if an operator allows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.censo import VersionPendiente
from aeropartners.seedwork.aplicacion.puertos import Conflicto, Reloj
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Momento
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.retrato import cambios, retrato_de
from saga_orchestrator.infraestructura.almacen.tablas import sagas

definiciones = Table(
    "definiciones",
    metadatos,
    Column("tipo", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("forma", JSON),
    Column("registrada", Momento),
    Column("permitida", Boolean),
)
# An orchestrator that knows the definition wakes the saga up sooner than this.
TARDE = timedelta(seconds=10)
TOPE = 1_000


class DefinicionEditada(Exception):
    """A definition differs from the one that its open sagas began with; the message says in what."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a saga type in the database; `registrada` is None when only sagas name it."""

    tipo: str
    version: int
    abiertas: int
    registrada: datetime | None
    permitida: bool


class DefinicionesSQL:
    """The store of definitions; safe for several processes at once: each registers what it knows."""

    def __init__(self, motor: Motor, reloj: Reloj) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._reloj = reloj

    def registrar(self, registro: Registro) -> None:
        """Store new definitions; raises DefinicionEditada for one that differs from its open sagas'."""
        for definicion in registro.definiciones:
            try:
                self._registrar(definicion)
            except Conflicto:  # another process has stored it in the meantime
                self._registrar(definicion)

    def permitidas(self) -> frozenset[Conocida]:
        """Return the versions that an operator allows to begin, although not all processes know them."""
        d = definiciones.c
        with self._motor.lectura() as con:
            return frozenset((t, v) for t, v in con.execute(select(d.tipo, d.version).where(d.permitida)))

    def permitir(self, con: Connection, tipo: str, version: int, permitida: bool) -> bool:
        """Allow sagas to begin with a version, or forbid it; False when no process ever registered it."""
        cambio = update(definiciones).where(_es(definiciones.c.tipo, definiciones.c.version, tipo, version))
        return con.execute(cambio.values(permitida=permitida)).rowcount == 1

    def todas(self) -> list[Version]:
        """Return every version that is registered or that an open saga has."""
        s, d = sagas.c, definiciones.c
        cuenta = select(s.tipo, s.definicion, func.count()).where(_abierta())
        with self._motor.lectura() as con:
            contadas = con.execute(cuenta.group_by(s.tipo, s.definicion))
            abiertas = {(tipo, version): cuantas for tipo, version, cuantas in contadas}
            filas = con.execute(select(d.tipo, d.version, d.registrada, d.permitida)).all()
        registradas = {(f.tipo, f.version): f for f in filas}
        return [
            Version(
                *clave,
                abiertas.get(clave, 0),
                fila.registrada if (fila := registradas.get(clave)) else None,
                bool(fila and fila.permitida),
            )
            for clave in sorted({*abiertas, *registradas})
        ]

    def sin_despertar(self, conocidas: Collection[Conocida]) -> Sequence[VersionPendiente]:
        """Return the versions that this process does not know whose sagas are due and are not woken up."""
        s = sagas.c
        with self._motor.lectura() as con:
            limite = self._sql.ahora(con, self._reloj) - TARDE
            ajena = tuple_(s.tipo, s.definicion).not_in(list(conocidas))
            vencidas = select(s.tipo, s.definicion).where(s.revisar_en <= limite, ajena)
            v = vencidas.limit(TOPE).subquery().c
            cuenta = select(v.tipo, v.definicion, func.count()).group_by(v.tipo, v.definicion)
            return [VersionPendiente(SUSCRIPCION, *fila) for fila in con.execute(cuenta)]

    def _registrar(self, definicion: Definicion) -> None:
        d, retrato = definiciones.c, retrato_de(definicion)
        suya = _es(d.tipo, d.version, definicion.tipo, definicion.version)
        with self._motor.escritura() as con:
            fila = con.execute(select(d.forma).where(suya).with_for_update()).first()
            nueva = {"forma": retrato, "registrada": self._sql.ahora(con, self._reloj), "permitida": False}
            if fila is None:
                clave = {"tipo": definicion.tipo, "version": definicion.version}
                con.execute(insert(definiciones).values(**clave, **nueva))
            elif distinto := cambios(fila.forma, retrato):
                _exigir_sin_abiertas(con, definicion, distinto)
                con.execute(update(definiciones).where(suya).values(**nueva))
            con.commit()


def _exigir_sin_abiertas(con: Connection, definicion: Definicion, distinto: Sequence[str]) -> None:
    suyas = _es(sagas.c.tipo, sagas.c.definicion, definicion.tipo, definicion.version)
    if con.scalar(select(exists().where(_abierta(), suyas))):
        nombre = f"{definicion.tipo} v{definicion.version}"
        raise DefinicionEditada(
            f"La definición {nombre} cambió y hay SAGAs abiertas con ella ({'; '.join(distinto)}):"
            f" déjela como era y ponga el cambio en la versión {definicion.version + 1}"
        )


def _abierta() -> ColumnElement[bool]:
    """The condition of an open saga; both columns have a partial index."""
    return or_(sagas.c.requiere_atencion, sagas.c.revisar_en.is_not(None))


def _es(
    tipo: ColumnElement[str], version: ColumnElement[int], un_tipo: str, una_version: int
) -> ColumnElement[bool]:
    return and_(tipo == un_tipo, version == una_version)
