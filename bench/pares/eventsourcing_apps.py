"""The saga as a system of `eventsourcing` process applications: each step is an event, and a row beside it.

Campanas is followed by Pagos, and Pagos by Reportes; of a refused payment Campanas hears, and cancels. A
policy's new events, its position in the log that it follows and the row are one transaction: the recorder
below writes the row beside them, as the library's example "Searchable content" does.
"""

from typing import Any
from uuid import UUID

from eventsourcing.application import ProcessingEvent
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.postgres import PostgresProcessRecorder
from eventsourcing.system import ProcessApplication
from eventsourcing.utils import get_topic

from bench.pares import filas

SECCION = 100
"""Events that a follower reads at a time; 10 unless an application says otherwise."""


class RegistroConFila(PostgresProcessRecorder):
    """Writes the row that comes with the events in their transaction, in the same pipeline."""

    def _insert_events(self, curs: Any, stored_events: Any, **kwargs: Any) -> None:
        for orden, parametros in kwargs.get("filas", ()):
            curs.execute(orden, parametros, prepare=True)
        super()._insert_events(curs, stored_events, **kwargs)


class Campana(Aggregate):
    """A campaign; its id is its saga's."""

    @event("Creada")
    def __init__(self, saga: str, rechazada: bool) -> None:
        self.saga = saga
        self.rechazada = rechazada
        self.estado = "BORRADOR"

    @staticmethod
    def create_id(saga: str) -> UUID:
        """Return the id of the campaign of a saga."""
        return UUID(saga)

    @event("Cancelada")
    def cancelar(self) -> None:
        """Compensate."""
        self.estado = "CANCELADA"


class PagoExitoso(Aggregate):
    """A payment that was made. The two outcomes are two classes: followers select events by their topic."""

    @event("Creado")
    def __init__(self, saga: str) -> None:
        self.saga = saga


class PagoFallido(Aggregate):
    """A payment that was refused."""

    @event("Creado")
    def __init__(self, saga: str) -> None:
        self.saga = saga


class Reporte(Aggregate):
    """A report."""

    @event("Creado")
    def __init__(self, saga: str) -> None:
        self.saga = saga


class Aplicacion(ProcessApplication[UUID]):
    """What the three have in common."""

    log_section_size = SECCION
    pull_section_size = SECCION


class Campanas(Aplicacion):
    """Step 1 and its compensation."""

    topics = (get_topic(PagoFallido.Creado),)

    def iniciar(self, saga: str, rechazada: bool) -> int:
        """Start a saga by its first step, and return the position of its event."""
        guardados = self.save(Campana(saga=saga, rechazada=rechazada), filas=[filas.campana(saga)])
        return guardados[-1].notification.id

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        """Ignore what is not named below."""

    @policy.register
    def _(self, domain_event: PagoFallido.Creado, processing_event: ProcessingEvent[UUID]) -> None:
        campana: Campana = self.repository.get(UUID(domain_event.saga))
        campana.cancelar()
        processing_event.collect_events(campana, filas=[filas.cancelar(domain_event.saga)])


class Pagos(Aplicacion):
    """Step 2."""

    topics = (get_topic(Campana.Creada),)

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        """Ignore what is not named below."""

    @policy.register
    def _(self, domain_event: Campana.Creada, processing_event: ProcessingEvent[UUID]) -> None:
        clase = PagoFallido if domain_event.rechazada else PagoExitoso
        orden = filas.pago(domain_event.saga, domain_event.rechazada)
        processing_event.collect_events(clase(saga=domain_event.saga), filas=[orden])


class Reportes(Aplicacion):
    """Step 3."""

    topics = (get_topic(PagoExitoso.Creado),)

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        """Ignore what is not named below."""

    @policy.register
    def _(self, domain_event: PagoExitoso.Creado, processing_event: ProcessingEvent[UUID]) -> None:
        orden = filas.reporte(domain_event.saga)
        processing_event.collect_events(Reporte(saga=domain_event.saga), filas=[orden])
