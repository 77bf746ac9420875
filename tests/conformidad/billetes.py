"""A tiny module of tickets: numbered in sequence, spent by their owner's name, and expired by a timer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, select

from aeropartners.seedwork.aplicacion.mensajes import Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Consulta, Contexto, Decision, Manejador, Modulo
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Plazos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

CONTADOR = "billetes"
tabla = Table(
    "billetes_prueba",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("numero", Integer),
    Column("dueno", String(20)),
    Column("usos", Integer),
    Column("version", Integer),
    Column("revisar_en", Momento),
)


@evento("BilleteEmitido", 1)
@dataclass(frozen=True, slots=True)
class BilleteEmitido:
    """A ticket was issued; it expires at `caduca`."""

    numero: int
    dueno: str
    caduca: datetime


@evento("BilleteUsado", 1)
@dataclass(frozen=True, slots=True)
class BilleteUsado:
    """A ticket was used once more."""


@evento("BilleteCaducado", 1)
@dataclass(frozen=True, slots=True)
class BilleteCaducado:
    """A ticket expired."""


class Billete(Agregado):
    """A ticket."""

    tipo: ClassVar[str] = "billete"
    eventos: ClassVar[tuple[type[object], ...]] = (BilleteEmitido, BilleteUsado, BilleteCaducado)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.emitido: BilleteEmitido | None = None
        self.usos = 0
        self.caducado = False

    def aplicar(self, evento: object) -> None:
        match evento:
            case BilleteEmitido():
                self.emitido = evento
            case BilleteUsado():
                self.usos += 1
            case BilleteCaducado():
                self.caducado = True


@mensaje("Emitir", 1)
@dataclass(frozen=True, slots=True)
class Emitir:
    """Issue a ticket; to nobody is refused, after its number was taken."""

    id: UUID
    dueno: str


@mensaje("Usar", 1)
@dataclass(frozen=True, slots=True)
class Usar:
    """Use all tickets of an owner, in the order of their ids."""

    dueno: str


@mensaje("Caducar", 1)
@dataclass(frozen=True, slots=True)
class Caducar:
    """Let a ticket expire, if it is time."""

    id: UUID


def emitir(m: Emitir, contexto: Contexto) -> Decision:
    """Issue it, with the next number; nothing for one that exists."""
    billete = contexto.flujo(Billete, m.id)
    if billete.emitido:
        return Decision(resultado=billete.emitido.numero)
    numero = contexto.numero(CONTADOR)
    if not m.dueno:
        raise ErrorDeDominio("sin dueño", "SIN_DUENO")
    billete.registrar(BilleteEmitido(numero, m.dueno, contexto.ahora + timedelta(minutes=1)))
    return Decision(resultado=numero)


def usar(m: Usar, contexto: Contexto) -> Decision:
    """Use those that the query found."""
    for id in contexto.consultar("de_dueno", m.dueno):
        contexto.flujo(Billete, id).registrar(BilleteUsado())
    return Decision()


def caducar(m: Caducar, contexto: Contexto) -> Decision:
    """Let it expire once."""
    billete = contexto.flujo(Billete, m.id)
    if billete.emitido and not billete.caducado and billete.emitido.caduca <= contexto.ahora:
        billete.registrar(BilleteCaducado())
    return Decision()


def _suyo(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


def _de_dueno(m: Usar, _sobre: Sobre) -> Sequence[Consulta]:
    return (("de_dueno", m.dueno),)


MODULO = Modulo(
    nombre="billetes",
    suscripcion="billetes",
    temas=("billetes",),
    tema_muertos="dlq-billetes",
    manejadores=(
        Manejador(Emitir, emitir, _suyo, contadores=lambda _m, _s: (CONTADOR,)),
        Manejador(Usar, usar, consultas=_de_dueno, carga=_de_dueno),
        Manejador(Caducar, caducar, _suyo),
    ),
    agregados=(Billete,),
)


def _consultar(con: Connection, duenos: Collection[str]) -> Mapping[str, Sequence[UUID]]:
    hallados: dict[str, list[UUID]] = {}
    consulta = select(tabla.c.dueno, tabla.c.id).where(tabla.c.dueno.in_(duenos)).order_by(tabla.c.id)
    for dueno, id in con.execute(consulta):
        hallados.setdefault(dueno, []).append(id)
    return hallados


def _fila(billete: Billete) -> dict[str, Any]:
    assert billete.emitido
    return {
        "id": billete.id,
        "numero": billete.emitido.numero,
        "dueno": billete.emitido.dueno,
        "usos": billete.usos,
        "revisar_en": None if billete.caducado else billete.emitido.caduca,
    }


def persistencia() -> AlmacenEventos:
    """Return how tickets are stored: many writers of one ticket wait for each other."""
    return AlmacenEventos(
        (Billete,),
        {Billete: Lectura(tabla, _fila)},
        consultas={"de_dueno": _consultar},
        plazos=Plazos(tabla.name),
        disputadas=(tabla,),
    )
