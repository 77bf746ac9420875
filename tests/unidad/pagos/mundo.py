"""Payments without a database: the real table of the module over streams kept in a dictionary."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.cobros import tareas
from aeropartners.modulos.pagos.aplicacion.puertos import (
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    Reembolsado,
)
from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.modulos.pagos.modulo import modulo
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera
from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_sobre
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de

AHORA = datetime(2025, 1, 1, tzinfo=UTC)
SAGA = UUID("11111111-1111-1111-1111-111111111111")
RESPUESTAS = "respuestas-saga"


class Ids:
    """Random ids."""

    def nuevo(self) -> UUID:
        return uuid4()


class Pasarela:
    """A gateway with a script: each charge takes the next answer; its ledger counts what really moved."""

    def __init__(self, *respuestas: object) -> None:
        self.guion = list(respuestas)
        self.cobrados: set[str] = set()
        self.devueltos: set[str] = set()
        self.llamadas: list[str] = []

    def cobrar(self, clave: str, _cargo: Cargo) -> EnProceso | CobroExitoso | CobroRechazado:
        self.llamadas.append(clave)
        respuesta = self.guion.pop(0) if self.guion else CobroExitoso()
        if isinstance(respuesta, Exception):
            self.cobrados.add(clave)
            raise respuesta
        if isinstance(respuesta, CobroExitoso):
            self.cobrados.add(clave)
        assert isinstance(respuesta, EnProceso | CobroExitoso | CobroRechazado)
        return respuesta

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        assert clave_cobro in self.cobrados
        self.llamadas.append(clave)
        self.devueltos.add(clave)
        return Reembolsado()


class Mundo:
    """The unit of work and the caller's loop, in memory; `salidas` is every message sent."""

    def __init__(self) -> None:
        self.ahora = AHORA
        self.procesador = Procesador(modulo(1.0), Ids())
        self.historias: dict[UUID, list[object]] = {}
        self.unicos: dict[Unico, UUID] = {}
        self.salidas: list[Envio] = []

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        return {id: self.pago(id) for id in ids if id in self.historias}

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        return {u: self.unicos[u] for u in unicos if u in self.unicos}

    def pago(self, id: UUID) -> Pago:
        """Return the payment as its stored events make it."""
        pago = Pago(id)
        pago.reproducir(self.historias.get(id, []))
        return pago

    def eventos(self, id: UUID) -> list[str]:
        """Return the names of its events."""
        return [nombre_de(type(e))[0] for e in self.historias.get(id, [])]

    def http(self, mensaje: object) -> Decision:
        """Send a command as an HTTP client does."""
        return self.tratar(_sobre(mensaje))

    def saga(self, mensaje: object, paso: str = "PROCESAR_PAGO", intento: int = 1) -> Respuesta | None:
        """Send a command as the orchestrator does; return the reply it gets at once."""
        antes = len(self.respuestas)
        self.tratar(_sobre(mensaje, SAGA, paso, intento, RESPUESTAS))
        nuevas = self.respuestas[antes:]
        return nuevas[0][1] if nuevas else None

    def tratar(self, sobre: Sobre) -> Decision:
        """Run one message as a batch and keep what it changes."""
        resultado = self.procesador.procesar(self, [sobre])  # type: ignore[arg-type]
        for registrado in resultado.cambios.registrados:
            self.historias.setdefault(registrado.flujo, []).append(registrado.evento)
        self.unicos |= resultado.cambios.toma
        self.salidas += resultado.cambios.envios
        return resultado.decisiones[0]

    @property
    def respuestas(self) -> list[tuple[str | None, Respuesta]]:
        """Return (step, reply) of each reply to the orchestrator."""
        sobres = [descifrar_sobre(bytes(e.cuerpo)) for e in self.salidas if e.tema == RESPUESTAS]
        return [(s.paso, msgspec.json.decode(s.cuerpo, type=Respuesta)) for s in sobres]

    def ordenes(self) -> list[Sobre]:
        """Take the orders that wait for the caller."""
        ordenes = [e for e in self.salidas if e.tema == "llamadas-pagos"]
        self.salidas = [e for e in self.salidas if e.tema != "llamadas-pagos"]
        return [descifrar_sobre(bytes(e.cuerpo)) for e in ordenes]

    def publicos(self, tema: str) -> list[dict[str, object]]:
        """Return the bodies on a public topic."""
        return [msgspec.json.decode(e.cuerpo) for e in self.salidas if e.tema == tema]

    def atender(self, orden: Sobre, pasarela: Pasarela, turnos: int = 10) -> bool:
        """Do an order as the caller does; False when its last turn has to wait."""
        tarea = tareas(pasarela)(orden)
        marca = tarea.marca()
        marcado = self.tratar(_causado(orden, marca)).resultado if marca else None
        for _ in range(turnos):
            resultado = tarea.llamar(marcado)
            if isinstance(resultado, Espera):
                self.ahora = max(self.ahora, resultado.hasta)
                continue
            if resultado is not None:
                self.tratar(_causado(orden, resultado))
            return True
        return False

    def agotar(self, pasarela: Pasarela) -> None:
        """Do all orders that wait, and those that they cause."""
        while ordenes := self.ordenes():
            for orden in ordenes:
                self.atender(orden, pasarela)


def en(segundos: float) -> EnProceso:
    """Return the answer of a gateway that needs that long."""
    return EnProceso(AHORA + timedelta(seconds=segundos))


def _causado(causa: Sobre, mensaje: object) -> Sobre:
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    return msgspec.structs.replace(causa, id=uuid4(), tipo=nombre, version=version, cuerpo=cuerpo)


def _sobre(
    mensaje: object,
    saga_id: UUID | None = None,
    paso: str | None = None,
    intento: int = 0,
    responder_a: str | None = None,
) -> Sobre:
    nombre, version = nombre_de(type(mensaje))
    return Sobre(
        id=uuid4(),
        tipo=nombre,
        version=version,
        clave="c",
        saga_id=saga_id,
        paso=paso,
        intento=intento,
        responder_a=responder_a,
        fecha=AHORA,
        cuerpo=msgspec.Raw(codificar(mensaje)),
    )
