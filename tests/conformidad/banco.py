"""The account module over a database of its own, with a broker that only keeps what it gets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.lote import Procesador, Resultado
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.publicador import Publicador
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.sistema import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.uow import UnidadSQL
from tests.conformidad.cuentas import MODULO, Depositar, persistencia, tabla


class BrokerDeMentira:
    """Keeps what it was sent; the suite of the brokers is another one."""

    def __init__(self) -> None:
        self.enviados: list[Envio] = []

    def enviar(self, lote: Any) -> None:
        self.enviados += lote

    def asegurar(self) -> None:
        return

    def suscribir(self, temas: Sequence[str], nombre: str) -> Any:
        raise NotImplementedError

    def cerrar(self) -> None:
        return


class Cinta:
    """A subscription that hands over what a test gives it."""

    def __init__(self) -> None:
        self.lotes: list[list[Recibido]] = []
        self.confirmados = 0

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        return self.lotes.pop(0) if self.lotes else []

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        self.confirmados += len(lote)

    def cerrar(self) -> None:
        return


class Banco:
    """The account module over a database."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        with motor.escritura() as con:
            tabla.create(con)
            con.commit()
        self.broker = BrokerDeMentira()
        self.publicador = Publicador(self.broker)
        self.cinta = Cinta()
        almacen = persistencia()
        self.ejecutor = Ejecutor(
            Procesador(MODULO, self.ids),
            lambda: UnidadSQL(motor, almacen, self.reloj, self.ids),
            self.publicador,
        )

    def consumidor(self) -> Consumidor:
        return Consumidor(self.ejecutor, lambda: self.cinta, self.reloj)

    def sobre(self, id: UUID, importe: int = 1, apodo: str = "") -> Sobre:
        return Sobre(
            id=self.ids.nuevo(),
            tipo="Depositar",
            clave=str(id),
            fecha=self.reloj.ahora(),
            cuerpo=msgspec.Raw(codificar(Depositar(id, importe, apodo))),
        )

    def recibir(self, *sobres: Sobre) -> None:
        """Have the loop receive these in one batch."""
        self.cinta.lotes.append([Recibido("cuentas", codificar(s), {}, None, str(s.id)) for s in sobres])

    def depositar(self, *sobres: Sobre) -> Resultado:
        return self.ejecutor.ejecutar(lambda _uow: sobres)

    def valor(self, consulta: str) -> Any:
        with self.motor.lectura() as con:
            return con.execute(text(consulta)).scalar()
