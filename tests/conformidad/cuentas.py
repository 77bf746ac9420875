"""A tiny event-sourced module, to hold the store and the loop to their promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import Column, Integer, MetaData, String, Table

from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador, Modulo
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.dominio.errores import Duplicado, ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.dominio.instantanea import ConInstantaneas
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import PlazosDeRespuesta
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento
from aeropartners.seedwork.infraestructura.totales.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, ClaveDeTotal, Totales

TEMA, PUBLICO = "cuentas", "cuentas-publicas"
# What a negative amount makes the handler raise; any other is a plain defect.
DEFECTOS: dict[int, Exception] = {}
tabla = Table(
    "cuentas_prueba",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("saldo", Integer),
    Column("version", Integer),
    Column("tipo", String(20)),
    Column("definicion", Integer),
    Column("revisar_en", Momento),
    Column("reintento", Momento),
)


@evento("Depositado", 1)
@dataclass(frozen=True, slots=True)
class Depositado:
    """Money came in."""

    importe: int


@dataclass(frozen=True, slots=True)
class EstadoCuenta:
    """What a snapshot of an account holds."""

    saldo: int


class Cuenta(ConInstantaneas):
    """An account."""

    tipo: ClassVar[str] = "cuenta"
    memento: ClassVar[type[object]] = EstadoCuenta
    eventos: ClassVar[tuple[type[object], ...]] = (Depositado,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.saldo = 0

    def recordar(self) -> EstadoCuenta:
        return EstadoCuenta(self.saldo)

    def restaurar(self, memento: object) -> None:
        assert isinstance(memento, EstadoCuenta)
        self.saldo = memento.saldo

    def aplicar(self, evento: object) -> None:
        assert isinstance(evento, Depositado)
        self.saldo += evento.importe


@mensaje("Depositar", 1)
@dataclass(frozen=True, slots=True)
class Depositar:
    """Pay in; 0 is refused, a negative amount is a defect."""

    id: UUID
    importe: int = 1
    apodo: str = ""


def depositar(m: Depositar, contexto: Contexto) -> Decision:
    """Pay in, and claim the nickname if one is given."""
    cuenta = contexto.flujo(Cuenta, m.id)
    if m.importe == 0:
        raise ErrorDeDominio("nada que depositar", "NADA")
    if m.importe < 0:
        raise DEFECTOS.get(m.importe, RuntimeError("un defecto"))
    unico = Unico("apodo", m.apodo)
    if m.apodo and contexto.dueno(unico) not in (None, m.id):
        raise Duplicado("apodo ocupado")
    cuenta.registrar(Depositado(m.importe))
    envio = contexto.comando(TEMA, m, m.id)
    return Decision(resultado=cuenta.saldo, envios=[envio], toma={unico: m.id} if m.apodo else {})


def _flujos(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


def _unicos(m: Depositar, _sobre: Sobre) -> Sequence[Unico]:
    return (Unico("apodo", m.apodo),) if m.apodo else ()


class _Publico(msgspec.Struct):
    event_id: UUID
    id: UUID
    importe: int = 1


def traducir(recibido: Recibido, ahora: datetime) -> Sobre:
    """Turn a public message into an envelope; it breaks on what it does not expect."""
    publico = msgspec.json.decode(recibido.cuerpo, type=_Publico)
    cuerpo = msgspec.Raw(msgspec.json.encode(Depositar(publico.id, publico.importe)))
    return Sobre(id=publico.event_id, tipo="Depositar", clave=str(publico.id), fecha=ahora, cuerpo=cuerpo)


MODULO = Modulo(
    nombre="cuentas",
    suscripcion="cuentas",
    temas=(TEMA, PUBLICO),
    tema_muertos="dlq-cuentas",
    manejadores=(Manejador(Depositar, depositar, _flujos, _unicos),),
    agregados=(Cuenta,),
    traductores={PUBLICO: traducir},
)


def _aporte(cuenta: Cuenta) -> Totales:
    grande = "grande" if cuenta.saldo >= 10 else "chica"
    return {
        ClaveDeTotal(TODOS, grande, "cuentas"): Decimal(1),
        ClaveDeTotal(TODOS, grande, "saldo"): Decimal(cuenta.saldo),
    }


TOTALES = TotalesDeFlujos("cuentas", Cuenta, _aporte)


def persistencia() -> AlmacenEventos:
    """Return how accounts are stored, that they are counted, and that their wake-ups are in their rows."""
    de_plazos = {"tipo": Cuenta.tipo, "definicion": 1, "revisar_en": None, "reintento": None}
    lectura = Lectura(tabla, lambda c: {"id": c.id, "saldo": c.saldo, **de_plazos})
    almacen = AlmacenEventos((Cuenta,), {Cuenta: lectura}, aportes=TOTALES)
    conocidas = frozenset({(Cuenta.tipo, 1)})
    almacen.plazos = PlazosDeRespuesta(tabla.name, ("tipo", "definicion"), conocidas, "reintento", "cuentas")
    return almacen
