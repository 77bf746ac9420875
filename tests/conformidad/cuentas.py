"""A tiny event-sourced module, to hold the store and the loop to their promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, Table

from aeropartners.seedwork.aplicacion.mensajes import Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador, Modulo
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.dominio.errores import Duplicado, ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.dominio.instantanea import ConInstantaneas
from aeropartners.seedwork.infraestructura.almacen import AlmacenEventos, Lectura
from aeropartners.seedwork.infraestructura.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.tipos import Id
from aeropartners.seedwork.infraestructura.totales import TODOS, Clave, Totales

TEMA = "cuentas"
tabla = Table(
    "cuentas_prueba",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("saldo", Integer),
    Column("version", Integer),
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
        raise RuntimeError("un defecto")
    unico = Unico("apodo", m.apodo)
    if m.apodo and contexto.dueno(unico) not in (None, m.id):
        raise Duplicado("apodo ocupado")
    cuenta.registrar(Depositado(m.importe))
    envio = contexto.orden(TEMA, m, m.id)
    return Decision(resultado=cuenta.saldo, envios=[envio], toma={unico: m.id} if m.apodo else {})


def _flujos(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


def _unicos(m: Depositar, _sobre: Sobre) -> Sequence[Unico]:
    return (Unico("apodo", m.apodo),) if m.apodo else ()


MODULO = Modulo(
    nombre="cuentas",
    suscripcion="cuentas",
    temas=(TEMA,),
    tema_muertos="dlq-cuentas",
    manejadores=(Manejador(Depositar, depositar, _flujos, _unicos),),
    agregados=(Cuenta,),
)


def _aporte(cuenta: Cuenta) -> Totales:
    grande = "grande" if cuenta.saldo >= 10 else "chica"
    return {Clave(TODOS, grande, "cuentas"): Decimal(1), Clave(TODOS, grande, "saldo"): Decimal(cuenta.saldo)}


TOTALES = TotalesDeFlujos("cuentas", Cuenta, _aporte)


def persistencia() -> AlmacenEventos:
    """Return how accounts are stored, and that they are counted."""
    lectura = Lectura(tabla, lambda c: {"id": c.id, "saldo": c.saldo})
    return AlmacenEventos((Cuenta,), {Cuenta: lectura}, aportes=TOTALES)
