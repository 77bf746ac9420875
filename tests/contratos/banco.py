"""A module without a database: its table over streams kept in a dictionary; what it sends is kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de


class Numerados:
    """Ids that are the same in every run."""

    def __init__(self) -> None:
        self._ultimo = 0

    def nuevo(self) -> UUID:
        self._ultimo += 1
        return UUID(f"0190a5a0-0000-7000-9000-{self._ultimo:012d}")


class Banco:
    """Streams and claims, as `UnidadDeTrabajo` would load them."""

    def __init__(self, procesador: Procesador, ahora: datetime) -> None:
        self.ahora = ahora
        self.envios: list[Envio] = []
        self.agregados: dict[UUID, Agregado] = {}
        self._unicos: dict[Unico, UUID] = {}
        self._procesador = procesador
        self._ids = Numerados()

    @staticmethod
    def ids() -> Numerados:
        """Return where ids come from."""
        return Numerados()

    def contexto(self) -> Contexto:
        """Return what a handler sees."""
        sobre = Sobre(id=self._ids.nuevo(), tipo="x", clave="x", fecha=self.ahora)
        return Contexto(sobre, self.ahora, {}, {}, {}, self._ids)

    def tratar(self, mensaje: object, saga_id: UUID | None = None) -> Decision:
        """Handle a message."""
        nombre, version = nombre_de(type(mensaje))
        return self.tratar_sobre(
            Sobre(
                id=self._ids.nuevo(),
                tipo=nombre,
                version=version,
                clave="x",
                correlacion_id="correlacion",
                saga_id=saga_id,
                fecha=self.ahora,
                cuerpo=msgspec.Raw(codificar(mensaje)),
            )
        )

    def tratar_sobre(self, sobre: Sobre) -> Decision:
        """Handle an envelope, as a batch of one."""
        uow: Any = self
        resultado = self._procesador.procesar(uow, [sobre])
        cambios = resultado.cambios
        for agregado in cambios.agregados:
            agregado.version_inicial = agregado.version
            self.agregados[agregado.id] = agregado
        self._unicos = {u: f for u, f in self._unicos.items() if u not in cambios.libera} | cambios.toma
        self.envios += cambios.envios
        return resultado.decisiones[0]

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Return the streams that exist."""
        return {id: self.agregados[id] for id in ids if id in self.agregados}

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        """Return the owners of claimed values."""
        return {u: self._unicos[u] for u in unicos if u in self._unicos}
