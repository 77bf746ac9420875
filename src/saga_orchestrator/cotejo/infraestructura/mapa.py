"""Which module's witness sees what each step of a definition makes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Connection

from aeropartners.seedwork.infraestructura.dialecto import SQL
from aeropartners.seedwork.infraestructura.testigo import Testigo
from saga_orchestrator.dominio.ajena import DESCONOCIDO, tema_de
from saga_orchestrator.dominio.definicion import Definicion, Registro
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen import AlmacenSagas


class Mapa:
    """Which witness sees what a step makes: the one whose module takes the step's command."""

    def __init__(self, registro: Registro, almacen: AlmacenSagas, testigos: Sequence[Testigo]) -> None:
        self.registro = registro
        self.almacen = almacen
        self.testigos = {t.tipo_flujo: t for t in testigos}
        self._por_tema = {t.tema: t for t in testigos}
        self._pasos: dict[tuple[str, int], Sequence[Testigo | None]] = {}

    def cargar(self, con: Connection, sql: SQL, ids: Collection[str]) -> dict[str, Saga]:
        """Load sagas by their rows, those whose definition this process knows."""
        cargadas = self.almacen.leer(con, sql, [UUID(id) for id in ids]) if ids else {}
        return {str(id): s for id, s in cargadas.items() if not s.es_ajena}

    def pasos(
        self, con: Connection, sql: SQL, definicion: Definicion, ejemplo: str
    ) -> Sequence[Testigo | None]:
        """Return the witness of each step; a saga of the definition says where its commands go."""
        clave = definicion.tipo, definicion.version
        if clave not in self._pasos:
            saga = self.cargar(con, sql, [ejemplo])[ejemplo]
            temas = [tema_de(saga, i, p) for i, p in enumerate(definicion.pasos)]
            testigos = [self._por_tema.get(tema) for tema in temas]
            if DESCONOCIDO in temas:
                return testigos  # another saga may tell where they go
            self._pasos[clave] = testigos
        return self._pasos[clave]
