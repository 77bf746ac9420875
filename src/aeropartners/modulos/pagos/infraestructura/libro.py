"""The ledger of the simulated gateway, in transactions of its own: the first outcome of a key stands."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Executable, Integer, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import metadatos
from aeropartners.seedwork.infraestructura.tipos import Momento, Monto

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
    """What stands for a key."""

    exito: bool
    mensaje: str | None
    lista_en: datetime


class LibroCaido(Exception):
    """The ledger did not take the line: nobody knows what became of it, and the caller asks again."""


@dataclass(slots=True)
class _Linea:
    valores: dict[str, Any]
    asentado: Asentado | None = None
    fallo: Exception | None = None


class Libro:
    """Safe from any thread: lines that come together are written in one transaction, as a bank would."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._orden = _orden(motor)
        self._esperan: deque[_Linea] = deque()
        self._turno = Lock()

    def asentar(
        self,
        clave: str,
        operacion: str,
        importe: Decimal,
        moneda: str,
        rechazo: str | None,
        lista_en: datetime,
    ) -> Asentado:
        """Write the first outcome of a key, or count another call; return what stands."""
        valores = {
            "clave": clave,
            "operacion": operacion,
            "importe": importe,
            "moneda": moneda,
            "exito": rechazo is None,
            "mensaje": rechazo,
            "lista_en": lista_en,
            "veces": 1,
        }
        linea = _Linea(valores)
        self._esperan.append(linea)
        with self._turno:
            while linea.asentado is None and linea.fallo is None:
                self._escribir()
        if linea.asentado is None:
            raise LibroCaido(clave) from linea.fallo
        return linea.asentado

    def cobrado(self, clave: str) -> tuple[Decimal, str] | None:
        """Return the amount and currency that were taken under a key."""
        cargos = pasarela_cargos.c
        with self._motor.lectura() as con:
            fila = con.execute(
                select(cargos.importe, cargos.moneda).where(cargos.clave == clave, cargos.exito)
            ).first()
        return (fila.importe, fila.moneda) if fila else None

    def _escribir(self) -> None:
        """Write what waits, up to a second line of one key: that one is the next transaction's."""
        grupo: dict[str, _Linea] = {}
        while self._esperan and self._esperan[0].valores["clave"] not in grupo:
            linea = self._esperan.popleft()
            grupo[linea.valores["clave"]] = linea
        # In the order of their keys: two processes never wait for each other in a circle.
        valores = [grupo[clave].valores for clave in sorted(grupo)]
        try:
            with self._motor.escritura() as con:
                filas = con.execute(self._orden, valores).all()
                con.commit()
        except Exception as error:
            for linea in grupo.values():
                linea.fallo = error
        else:
            for clave, *resto in filas:
                grupo[clave].asentado = Asentado(*resto)


def _orden(motor: Motor) -> Executable:
    """Return the one statement that makes a repeated key harmless, built once: it is on the hot path."""
    insertar = (postgresql if motor.es_postgres else sqlite).insert(pasarela_cargos)
    cargos = pasarela_cargos.c
    orden: Executable = insertar.on_conflict_do_update(
        index_elements=["clave"], set_={"veces": cargos.veces + 1}
    ).returning(cargos.clave, cargos.exito, cargos.mensaje, cargos.lista_en)
    return orden
