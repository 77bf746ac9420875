"""The account module, and its loops, over a database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador, Resultado
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from tests.conformidad.cuentas import MODULO, Depositar, persistencia, tabla
from tests.dobles.broker import BrokerEnMemoria, Cinta


class ModuloDeCuentas:
    """The account module over a database, with a broker and a subscription that the test looks into."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        with motor.escritura() as con:
            tabla.create(con)
            con.commit()
        self.broker = BrokerEnMemoria()
        self.publicador = Publicador(self.broker)
        self.cinta = Cinta()
        almacen = persistencia()
        self.unidad = lambda: UnidadSQL(motor, almacen, self.reloj, self.ids)
        self.ejecutor = Ejecutor(Procesador(MODULO, self.ids), self.unidad, self.publicador)

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

    def romper(self, monkeypatch: pytest.MonkeyPatch, sobre: Sobre, error: Exception) -> None:
        """Have every batch fail that holds a message about the account of this one; nobody pauses."""
        procesar = self.ejecutor.procesador.procesar

        def procesar_o_fallar(uow: Any, sobres: Sequence[Sobre]) -> Resultado:
            if sobre.clave in [s.clave for s in sobres]:
                raise error
            return procesar(uow, sobres)

        monkeypatch.setattr(self.ejecutor.procesador, "procesar", procesar_o_fallar)
        monkeypatch.setattr(self.ejecutor, "_dormir", lambda _segundos: None)

    def vencer(self, tabla: str, columna: str) -> None:
        """Make everything in a table due."""
        pasado = self.reloj.ahora() - timedelta(minutes=1)
        with self.motor.escritura() as con:
            momento = pasado if self.motor.es_postgres else texto_utc(pasado)
            con.execute(text(f"UPDATE {tabla} SET {columna} = :m"), {"m": momento})
            con.commit()

    def valor(self, consulta: str) -> Any:
        with self.motor.lectura() as con:
            return con.execute(text(consulta)).scalar()
