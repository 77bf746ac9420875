"""What left and did not arrive: commands and public events without an inbox row."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, select

from aeropartners.seedwork.infraestructura.dialecto import SQL
from saga_orchestrator.cotejo.aplicacion.tramo import Enviado
from saga_orchestrator.cotejo.dominio.hallazgo import ENVIO, Clase, Hallazgo
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.infraestructura.tablas import saga_eventos

# The command that reads a topic again: topic, subscription, from when.
Volver = Callable[[str, str, datetime], str | None]


def perdidos(
    con: Connection, sql: SQL, mapa: Mapa, enviados: Collection[Enviado], volver: Volver
) -> list[Hallazgo]:
    """Return the findings of messages that have no inbox row, of those that must leave one here."""
    ordenes = [e for e in enviados if e.version]
    cargadas = mapa.cargar(con, sql, {e.saga_id for e in ordenes})
    pasos = {(e.saga_id, e.version): _paso_de(con, e) for e in ordenes}
    hallazgos = []
    for e in enviados:
        tema, suscripcion, que = e.tema, e.suscripcion, "un evento público"
        saga = cargadas.get(e.saga_id)
        if e.version and saga is not None:
            paso = pasos[e.saga_id, e.version]
            testigo = mapa.pasos(con, sql, saga.definicion, e.saga_id)[paso]
            if testigo and testigo.sustituible:
                continue
            tema, suscripcion = (testigo.tema, testigo.suscripcion) if testigo else ("", "")
            que = f"la orden de {saga.paso(paso).tipo}, o de su compensación,"
        texto = f"{que} salió a las {e.fecha:%H:%M:%S} UTC y no llegó a {suscripcion or 'nadie'}"
        repara = volver(tema, suscripcion, e.fecha) if tema else None
        otro = f"aeropartners saga ver {e.saga_id}"
        hallazgos.append(Hallazgo(Clase.PERDIDO, e.saga_id, e.id, texto, repara or otro, ENVIO))
    return hallazgos


def _paso_de(con: Connection, enviado: Enviado) -> int:
    """Return the step that a command was for, or whose undo."""
    e = saga_eventos.c
    suyas = and_(e.saga_id == UUID(enviado.saga_id), e.version <= enviado.version)
    clase, indice, datos = con.execute(
        select(e.clase, e.indice, e.evento_datos)
        .where(suyas, e.clase.in_((Tipo.INICIADA, Tipo.PASO_LOGRADO, Tipo.COMPENSACION_INICIADA)))
        .order_by(e.version.desc())
        .limit(1)
    ).one()
    if clase == Tipo.COMPENSACION_INICIADA:
        return int(datos["indice_paso"])
    return indice + 1 if clase == Tipo.PASO_LOGRADO else 0
