"""Which module's witness sees each step's effect, and what all queries of one snapshot share."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection

from aeropartners.seedwork.infraestructura.base.dialecto import SQL
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo
from saga_orchestrator.aplicacion.borde import Anuncio
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, LIBRO, SAGA
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import sagas

# A function that returns the shell command to read a topic again: topic, subscription, from when.
Volver = Callable[[str, str, datetime], str | None]


SIN_ANUNCIOS: Mapping[str, Sequence[Anuncio]] = {}


class Mapa:
    """The definitions, the store of sagas, and the witnesses by kind of stream and by topic of commands.

    `consumidores`: the consumers whose inbox rows are compared. `columnas`: check → the id column that it
    goes through in pages. `anunciados`: saga type and kind of event → the topic and subscription by which the
    announcement of such an event is read.
    """

    def __init__(
        self,
        registro: Registro,
        almacen: AlmacenSagas,
        testigos: Sequence[Testigo],
        anuncios: Mapping[str, Sequence[Anuncio]] = SIN_ANUNCIOS,
    ) -> None:
        self.registro = registro
        self.almacen = almacen
        self.testigos = {t.tipo_flujo: t for t in testigos}
        self.por_tema = {t.tema: t for t in testigos}
        self.consumidores = [t.consumidor for t in testigos]
        self.anunciados = {
            (tipo, str(anuncio.cuando)): (anuncio.tema, self.por_tema[anuncio.tema].suscripcion)
            for tipo, suyos in anuncios.items()
            for anuncio in suyos
            if anuncio.tema in self.por_tema
        }
        flujos = {FLUJO + t.tipo_flujo: t.tabla.c.id for t in testigos}
        libros = {LIBRO + t.tipo_flujo: t.libro for t in testigos if t.libro is not None}
        self.columnas: dict[str, Column[Any]] = {SAGA: sagas.c.id, **flujos, **libros}


@dataclass(frozen=True, slots=True)
class Vista:
    """One snapshot: its connection and its moment, and what its rows are compared with."""

    con: Connection
    sql: SQL
    mapa: Mapa
    volver: Volver
    ahora: datetime

    def cargar(self, ids: Collection[str]) -> dict[str, Saga]:
        """Return the sagas of these ids, without those of a definition that this process does not know."""
        cargadas = self.mapa.almacen.leer(self.con, self.sql, [UUID(id) for id in ids]) if ids else {}
        return {str(id): s for id, s in cargadas.items() if not s.es_ajena}

    def testigos(self, definicion: Definicion) -> Sequence[Testigo | None]:
        """Return the witness of the module that each step's commands go to; None where it has none."""
        return [self.mapa.por_tema.get(paso.tema) for paso in definicion.pasos]

    def testigo(self, saga: Saga, paso: int, parte: int = 0) -> Testigo | None:
        """Return the witness of a part of a step."""
        return self.mapa.por_tema.get(saga.paso(paso).partes[parte].tema)
