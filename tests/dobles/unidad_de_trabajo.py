"""A module without a database: its real table over streams that are kept in memory."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Envio, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision, Modulo, sobre_de
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.aplicacion.serializacion import descifrar_sobre
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de
from tests.dobles.relojes import Numerados

SAGA = UUID("11111111-1111-1111-1111-111111111111")
ID = UUID("22222222-2222-2222-2222-222222222222")
RESPUESTAS = "respuestas-saga"
A = TypeVar("A", bound=Agregado)


class UnidadEnMemoria:
    """See the port `UnidadDeTrabajo`: loads what was stored, and stores each batch, as one transaction.

    `historias` are the events of each stream, `unicos` who owns what, `contadores` the last number that
    each has given, `salidas` every message sent.
    `tema_propio` is where the module sends orders to itself, or to its caller.
    """

    def __init__(self, modulo: Modulo, ahora: datetime, tema_propio: str = "") -> None:
        self.ahora = ahora
        self.ids = Numerados("a000")
        self.historias: dict[UUID, list[object]] = {}
        self.unicos: dict[Unico, UUID] = {}
        self.contadores: dict[str, int] = {}
        self.salidas: list[Envio] = []
        self._procesador = Procesador(modulo, Numerados())
        self._clases: dict[UUID, type[Agregado]] = {}
        self._tema_propio = tema_propio

    # The port

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        return {id: self.rehecho(self._clases[id](id)) for id in ids if id in self.historias}

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        return {u: self.unicos[u] for u in unicos if u in self.unicos}

    def numeros(self, contadores: Collection[str]) -> dict[str, int]:
        return {c: self.contadores.get(c, 0) for c in contadores}

    # What happens

    def sobre(self, mensaje: object, **campos: Any) -> Sobre:
        """Return the envelope of a message."""
        return sobre_de(mensaje, self.ids.nuevo(), "c", self.ahora, **campos)

    def http(self, mensaje: object) -> Decision:
        """Send a command as an HTTP client does."""
        return self.tratar(self.sobre(mensaje))

    def saga(self, mensaje: object, paso: str, intento: int = 1) -> Respuesta | None:
        """Send a command as the orchestrator does; return the reply it gets at once."""
        antes = len(self.contestado)
        self.tratar(self.sobre(mensaje, saga_id=SAGA, paso=paso, intento=intento, responder_a=RESPUESTAS))
        nuevas = self.contestado[antes:]
        return nuevas[0][1] if nuevas else None

    def tratar(self, *sobres: Sobre) -> Decision:
        """Run the messages as one batch and keep what it changes; return the last decision."""
        uow: Any = self
        resultado = self._procesador.procesar(uow, sobres)
        cambios = resultado.cambios
        self._clases |= {a.id: type(a) for a in cambios.agregados}
        for registrado in cambios.registrados:
            historia = self.historias.setdefault(registrado.flujo, [])
            historia.append(registrado.evento)
            assert registrado.version == len(historia)
        self.unicos = {u: f for u, f in self.unicos.items() if u not in cambios.libera} | cambios.toma
        self.contadores |= cambios.numeros
        self.salidas += cambios.envios
        return resultado.decisiones[-1]

    # What came of it

    def rehecho(self, agregado: A) -> A:
        """Return a fresh aggregate as the stored events of its stream make it."""
        agregado.reproducir(self.historias.get(agregado.id, []))
        return agregado

    def eventos(self, id: UUID = ID) -> list[str]:
        """Return the names of a stream's events."""
        return [nombre_de(type(e))[0] for e in self.historias.get(id, [])]

    @property
    def contestado(self) -> list[tuple[Sobre, Respuesta]]:
        """Return each reply to the orchestrator, and its envelope."""
        sobres = [descifrar_sobre(bytes(e.cuerpo)) for e in self.salidas if e.tema == RESPUESTAS]
        return [(s, msgspec.json.decode(s.cuerpo, type=Respuesta)) for s in sobres]

    def ordenes(self) -> list[Sobre]:
        """Take the orders that wait on its own topic."""
        ordenes = [e for e in self.salidas if e.tema == self._tema_propio]
        self.salidas = [e for e in self.salidas if e.tema != self._tema_propio]
        return [descifrar_sobre(bytes(e.cuerpo)) for e in ordenes]
