"""Open sagas that have not changed for a while, and where the trace of their last command ends."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, true

from aeropartners.contratos.saga import SUSCRIPCION, TEMA_RESPUESTAS
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.base.tablas import entrada, eventos
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo
from saga_orchestrator.aplicacion.espera import nombre_de
from saga_orchestrator.cotejo.aplicacion.libros import Enviado
from saga_orchestrator.cotejo.dominio.hallazgo import CALLADA, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.cotejo.infraestructura.mapa import Vista
from saga_orchestrator.cotejo.infraestructura.mensajes import nombres
from saga_orchestrator.cotejo.infraestructura.tramos import orden_de, ordena
from saga_orchestrator.dominio.memoria import Avance
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

MAXIMO = 2_000


def abiertas(con: Connection, tras: str, limite: datetime) -> tuple[str, list[str]]:
    """Return where the next page begins, and this page's open sagas that are unchanged since `limite`.

    A page begins at the wake-up `tras` and reads at most MAXIMO rows; `""` is the place before the first page
    and after the last.
    """
    s = sagas.c
    desde = s.revisar_en > datetime.fromisoformat(tras) if tras else true()
    filas = con.execute(
        select(texto(s.id), s.revisar_en, s.updated_at)
        .where(s.revisar_en.is_not(None), desde)
        .order_by(s.revisar_en)
        .limit(MAXIMO)
    ).all()
    siguiente = texto_utc(filas[-1].revisar_en) if len(filas) == MAXIMO else ""
    return siguiente, [id for id, _, movida in filas if movida < limite]


def calladas(v: Vista, ids: Collection[str]) -> list[Hallazgo]:
    """Return a finding for each saga that waits for an answer to its last command: where the trace ends.

    A command without an inbox row in this database has its deadline only, and makes no finding.
    """
    cargadas = v.cargar(ids)
    ultimas = _ultimas_ordenes(v.con, cargadas)
    hallazgos = []
    for id, saga in cargadas.items():
        abierto = saga.abierto
        if id in ultimas and abierto is not None and abierto.reintentar_en is None:
            testigo = v.testigo(saga, abierto.paso, abierto.parte)
            if testigo is None or not testigo.sustituible:
                hallazgos.append(_callada(v, saga, abierto, ultimas[id], testigo))
    return hallazgos


def _ultimas_ordenes(con: Connection, ids: Collection[str]) -> dict[str, Enviado]:
    e = saga_eventos.alias("e")
    versiones = (
        select(e.c.saga_id, func.max(e.c.version).label("version"))
        .where(entre(con, e.c.saga_id, ids), ordena(e))
        .group_by(e.c.saga_id)
        .subquery()
    )
    filas = con.execute(
        select(texto(e.c.saga_id), e.c.version, e.c.fecha_creacion).join(
            versiones, (versiones.c.saga_id == e.c.saga_id) & (versiones.c.version == e.c.version)
        )
    )
    return {fila[0]: orden_de(*fila) for fila in filas}


def _callada(v: Vista, saga: Saga, abierto: Avance, orden: Enviado, testigo: Testigo | None) -> Hallazgo:
    flujo = saga.id_de(abierto.paso)
    suyas = entrada.c.id.in_([UUID(nombre) for nombre in nombres([orden.id])])
    llegada = v.con.execute(select(entrada.c.consumidor).where(suyas).limit(1)).scalar()
    hecho = v.con.execute(select(func.max(eventos.c.version)).where(eventos.c.flujo == flujo)).scalar()
    que, tema, suscripcion = _donde(v.con, testigo, str(flujo), llegada)
    repara = v.volver(tema, suscripcion, orden.fecha) if tema else None
    return Hallazgo(
        ClaseDeHallazgo.PERDIDO,
        orden.saga_id,
        orden.id,
        f"{nombre_de(saga)}, intento {abierto.intentos}, espera y {que}",
        repara or f"aeropartners saga cancelar {orden.saga_id} --quien … --motivo …",
        CALLADA,
        f"{saga.version}/{hecho}/{llegada}",
    )


def _donde(con: Connection, testigo: Testigo | None, flujo: str, llegada: str | None) -> tuple[str, str, str]:
    """Return what is missing, with the topic and the subscription that it should have gone by."""
    if testigo is None:
        return "nada de lo enviado sigue en camino", "", ""
    if llegada is None:
        return f"su orden no llegó a {testigo.suscripcion}", testigo.tema, testigo.suscripcion
    fila = testigo.estados(con, [flujo]).get(flujo)
    if testigo.llamadas and (fila is None or fila[0] in testigo.en_curso):
        return f"la llamada de {testigo.suscripcion} no se hizo", *testigo.llamadas
    return f"la respuesta de {testigo.suscripcion} no llegó", TEMA_RESPUESTAS, SUSCRIPCION
