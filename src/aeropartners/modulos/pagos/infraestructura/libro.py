"""The ledger of the simulated gateway: it stores the first outcome of each key, in its own transactions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Executable, Integer, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Momento, Monto

COBRO, REEMBOLSO = "COBRO", "REEMBOLSO"

pasarela_cargos = Table(
    "pasarela_cargos",
    metadatos,
    Column("clave", String(100), primary_key=True),
    Column("operacion", String(10)),
    Column("importe", Monto),
    Column("moneda", String(3)),
    Column("exito", Boolean),
    Column("mensaje", String(200)),
    Column("lista_en", Momento),
    Column("veces", Integer),
)


class Asentado(NamedTuple):
    """The stored outcome of a key, and when it is known to callers."""

    exito: bool
    mensaje: str | None
    lista_en: datetime


class Linea(NamedTuple):
    """A call to store; `rechazo` is the reason of a decline, or None."""

    clave: str
    operacion: str
    importe: Decimal
    moneda: str
    rechazo: str | None
    lista_en: datetime


class Libro:
    """The ledger; safe from any thread and process."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._orden = _orden(motor)

    def asentar(self, lineas: Sequence[Linea]) -> Sequence[Asentado]:
        """Store the first outcome of each key, or count another call of it; return the stored outcomes.

        All in one transaction; the outcomes come in the order of `lineas`. A key that is in it twice raises.
        """
        # Sorted by key, so that two processes never wait for each other in a circle.
        valores = [
            {
                "clave": linea.clave,
                "operacion": linea.operacion,
                "importe": linea.importe,
                "moneda": linea.moneda,
                "exito": linea.rechazo is None,
                "mensaje": linea.rechazo,
                "lista_en": linea.lista_en,
                "veces": 1,
            }
            for linea in sorted(lineas, key=itemgetter(0))
        ]
        with self._motor.escritura() as con:
            filas = con.execute(self._orden, valores).all()
            con.commit()
        asentados = {clave: Asentado(*resto) for clave, *resto in filas}
        return [asentados[linea.clave] for linea in lineas]

    def cobrado(self, clave: str) -> tuple[Decimal, str] | None:
        """Return the amount and currency charged under a key; None when nothing was."""
        cargos = pasarela_cargos.c
        with self._motor.lectura() as con:
            fila = con.execute(
                select(cargos.importe, cargos.moneda).where(cargos.clave == clave, cargos.exito)
            ).first()
        return (fila.importe, fila.moneda) if fila else None


def _orden(motor: Motor) -> Executable:
    """Return the statement that makes a repeated key harmless; built once, as it is on the hot path."""
    insertar = (postgresql if motor.es_postgres else sqlite).insert(pasarela_cargos)
    cargos = pasarela_cargos.c
    orden: Executable = insertar.on_conflict_do_update(
        index_elements=["clave"], set_={"veces": cargos.veces + 1}
    ).returning(cargos.clave, cargos.exito, cargos.mensaje, cargos.lista_en)
    return orden
