"""What another release wrote is left to whoever can read it: on both databases, and without an attempt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.apartados import Apartador
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Sobre, mensaje
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador, Modulo
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Lectura, Persistencia
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.operacion.procesos import ProcesosSQL
from tests.conformidad.banco import Banco
from tests.conformidad.cuentas import MODULO, Cuenta, Depositado, persistencia, tabla

PARTES = 3


@evento("Depositado", 2)
@dataclass(frozen=True, slots=True)
class DepositadoDosVeces:
    """Money came in twice, as the next release stores it."""

    importe: int


class CuentaNueva(Cuenta):
    """An account as the next release has it."""

    eventos: ClassVar[tuple[type[object], ...]] = (Depositado, DepositadoDosVeces)

    def aplicar(self, evento: object) -> None:
        if isinstance(evento, DepositadoDosVeces):
            self.saldo += 2 * evento.importe
        else:
            super().aplicar(evento)


@mensaje("Depositar", 2)
@dataclass(frozen=True, slots=True)
class DepositarDosVeces:
    """Pay in twice, as the next release can be asked to."""

    id: UUID
    importe: int


def depositar_dos_veces(m: DepositarDosVeces, contexto: Contexto) -> Decision:
    """Pay in twice."""
    contexto.flujo(CuentaNueva, m.id).registrar(DepositadoDosVeces(m.importe))
    return Decision()


def _flujos(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


NUEVO = replace(
    MODULO,
    manejadores=(*MODULO.manejadores, Manejador(DepositarDosVeces, depositar_dos_veces, _flujos)),
    agregados=(CuentaNueva,),
)


def nueva_persistencia() -> AlmacenEventos:
    """How the next release stores accounts."""
    lectura = Lectura(tabla, lambda c: {"id": c.id, "saldo": c.saldo})
    return AlmacenEventos((CuentaNueva,), {CuentaNueva: lectura})


def ejecutor(banco: Banco, modulo: Modulo, almacen: Persistencia) -> Ejecutor:
    """A process of one release, over the database that all share."""
    return Ejecutor(
        Procesador(modulo, banco.ids),
        lambda: UnidadSQL(banco.motor, almacen, banco.reloj, banco.ids),
        banco.publicador,
    )


def nueva(banco: Banco) -> Ejecutor:
    """A process of the next release."""
    return ejecutor(banco, NUEVO, nueva_persistencia())


def vieja(banco: Banco) -> Ejecutor:
    """A process of this one."""
    return ejecutor(banco, MODULO, persistencia())


def sobre(banco: Banco, cuenta: UUID, version: int = 2, tipo: str = "Depositar") -> Sobre:
    """A message of the next release."""
    cuerpo = msgspec.Raw(codificar(DepositarDosVeces(cuenta, 5)))
    id, ahora = banco.ids.nuevo(), banco.reloj.ahora()
    return Sobre(id=id, tipo=tipo, version=version, clave=str(cuenta), fecha=ahora, cuerpo=cuerpo)


def esperando(banco: Banco) -> list[tuple[Any, ...]]:
    """What waits, with its attempts."""
    with banco.motor.lectura() as con:
        consulta = "SELECT falta, falta_version, intentos FROM reintentos ORDER BY falta"
        return [tuple(f) for f in con.execute(text(consulta))]


def test_una_version_desconocida_espera_a_quien_la_conozca(banco: Banco) -> None:
    """Of a batch, the messages of this release are done; the other waits, however often it is looked at."""
    cuenta = uuid4()
    banco.recibir(banco.sobre(uuid4()), sobre(banco, cuenta), banco.sobre(uuid4()))
    assert banco.consumidor().una_ronda() == PARTES
    assert banco.cinta.confirmados == PARTES
    assert banco.valor("SELECT count(*) FROM eventos") == PARTES - 1
    for _ in range(5):
        assert Vigilante(vieja(banco)).una_ronda() == 0
    assert esperando(banco) == [("Depositar", 2, 0)]
    assert Vigilante(nueva(banco)).una_ronda() == 1
    assert esperando(banco) == []
    assert banco.valor("SELECT saldo FROM cuentas_prueba ORDER BY saldo DESC") == 10
    assert banco.valor("SELECT count(*) FROM muertos") == 0


def test_lo_que_se_repite_no_espera_dos_veces(banco: Banco) -> None:
    """The inbox takes it in once, as any other."""
    uno = sobre(banco, uuid4())
    for _ in range(2):
        banco.recibir(uno)
        banco.consumidor().una_ronda()
    assert len(esperando(banco)) == 1


def test_lo_guardado_por_otra_version_tambien_espera(banco: Banco) -> None:
    """A message that this release knows, for a stream with an event that it does not know."""
    cuenta = uuid4()
    nueva(banco).ejecutar(lambda _uow: [sobre(banco, cuenta)])
    banco.recibir(banco.sobre(cuenta, 3))
    assert banco.consumidor().una_ronda() == 1
    assert esperando(banco) == [("Depositado", 2, 0)]
    assert Vigilante(vieja(banco)).una_ronda() == 0
    assert Vigilante(nueva(banco)).una_ronda() == 1
    assert banco.valor("SELECT saldo FROM cuentas_prueba") == 13


def test_un_tipo_que_nadie_tiene_muere(banco: Banco) -> None:
    """A name that no version of this module has is a defect, and no other release's."""
    banco.recibir(sobre(banco, uuid4(), tipo="Saquear"))
    banco.consumidor().una_ronda()
    for _ in range(2):
        with banco.motor.escritura() as con:
            con.execute(text("UPDATE reintentos SET proximo = '2000-01-01T00:00:00.000000Z'"))
            con.commit()
        assert Vigilante(vieja(banco)).una_ronda() == 1
    assert banco.valor("SELECT count(*) FROM muertos") == 1


def test_un_reintento_de_otra_version_no_pierde_intentos(banco: Banco) -> None:
    """An operator sends it back, or its saga went on meanwhile: it waits with the attempts that it had."""
    banco.recibir(sobre(banco, uuid4()))
    banco.consumidor().una_ronda()
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE reintentos SET falta = NULL, falta_version = NULL, intentos = 2"))
        con.commit()
    assert Vigilante(vieja(banco)).una_ronda() == 1
    assert esperando(banco) == [("Depositar", 2, 2)]


def test_quien_lo_deja_no_lo_resucita(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look of a process that cannot read it and its word, another one does it: once."""
    banco.recibir(sobre(banco, uuid4()))
    banco.consumidor().una_ronda()
    with banco.motor.escritura() as con:
        con.execute(text("UPDATE reintentos SET falta = NULL, falta_version = NULL"))
        con.commit()
    lento = Vigilante(vieja(banco))
    dejar = Apartador.dejar

    def tras_otro(*partes: Any) -> None:
        assert Vigilante(nueva(banco)).una_ronda() == 1
        dejar(*partes)

    monkeypatch.setattr(Apartador, "dejar", tras_otro)
    lento.una_ronda()
    assert esperando(banco) == []
    assert Vigilante(nueva(banco)).una_ronda() == 0
    assert banco.valor("SELECT saldo FROM cuentas_prueba") == 10


def test_lo_que_espera_se_cuenta(banco: Banco) -> None:
    """By consumer and version, for whoever asks what an upgrade is waited for with."""
    for _ in range(PARTES):
        banco.recibir(sobre(banco, uuid4()))
        banco.consumidor().una_ronda()
    [falta] = ProcesosSQL(banco.motor, banco.reloj).faltas()
    assert (falta.consumidor, falta.nombre, falta.cuantos) == ("cuentas", "Depositar v2", PARTES)
