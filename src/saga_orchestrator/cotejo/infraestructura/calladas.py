"""Open sagas that nothing has happened to for a while, and where the trace of their last command ends."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, true

from aeropartners.contratos.saga import SUSCRIPCION, TEMA_RESPUESTAS
from aeropartners.seedwork.infraestructura.dialecto import SQL
from aeropartners.seedwork.infraestructura.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.tablas import entrada, eventos
from aeropartners.seedwork.infraestructura.testigo import Testigo
from aeropartners.seedwork.infraestructura.tipos import texto_utc
from saga_orchestrator.aplicacion.espera import nombre_de
from saga_orchestrator.cotejo.dominio.hallazgo import CALLADA, Clase, Hallazgo
from saga_orchestrator.cotejo.infraestructura.envios import Volver
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.cotejo.infraestructura.mensajes import nombres
from saga_orchestrator.cotejo.infraestructura.tramos import orden_de, ordena
from saga_orchestrator.dominio.saga import Fase, Saga
from saga_orchestrator.infraestructura.tablas import saga_eventos, sagas

MAXIMO = 2_000


def abiertas(con: Connection, tras: str, limite: datetime) -> tuple[str, list[str]]:
    """Return the next ones by their wake-up, at most MAXIMO looked at; `""` begins again."""
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


def calladas(con: Connection, sql: SQL, mapa: Mapa, ids: Collection[str], volver: Volver) -> list[Hallazgo]:
    """Say which wait for an answer to their last command, and where its trace ends."""
    cargadas = mapa.cargar(con, sql, ids)
    ultimas = _ultimas_ordenes(con, cargadas)
    return [
        _callada(con, sql, mapa, saga, ultimas[id], volver)
        for id, saga in cargadas.items()
        if id in ultimas and _espera_respuesta(saga) and _deja_rastro(con, sql, mapa, saga)
    ]


def _espera_respuesta(saga: Saga) -> bool:
    abierto = saga.abierto
    return abierto is not None and abierto.reintentar_en is None


def _deja_rastro(con: Connection, sql: SQL, mapa: Mapa, saga: Saga) -> bool:
    """Whether its command leaves an inbox row here; of any other the deadline is all that can be said."""
    testigo = mapa.pasos(con, sql, saga.definicion, str(saga.id))[_paso(saga)]
    return testigo is None or not testigo.sustituible


def _paso(saga: Saga) -> int:
    memoria = saga.memoria
    return memoria.compensaciones[-1].paso if memoria.fase is Fase.ATRAS else memoria.actual


def _ultimas_ordenes(con: Connection, ids: Collection[str]) -> dict[str, tuple[int, datetime]]:
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
    return {id: (version, fecha) for id, version, fecha in filas}


def _callada(
    con: Connection, sql: SQL, mapa: Mapa, saga: Saga, orden: tuple[int, datetime], volver: Volver
) -> Hallazgo:
    id, (version, fecha) = str(saga.id), orden
    paso = _paso(saga)
    testigo = mapa.pasos(con, sql, saga.definicion, id)[paso]
    enviado = orden_de(id, version, fecha)
    flujo = saga.id_de(paso)
    llegada = _llegada(con, enviado.id)
    hecho = con.execute(select(func.max(eventos.c.version)).where(eventos.c.flujo == flujo)).scalar()
    que, tema, suscripcion = _donde(con, testigo, str(flujo), llegada)
    abierto = saga.abierto
    texto = f"{nombre_de(saga)}, intento {abierto.intentos if abierto else 0}, espera y {que}"
    repara = volver(tema, suscripcion, fecha) if tema else None
    return Hallazgo(
        Clase.PERDIDO,
        id,
        enviado.id,
        texto,
        repara or f"aeropartners saga cancelar {id} --quien … --motivo …",
        CALLADA,
        f"{saga.version}/{hecho}/{llegada}",
    )


def _llegada(con: Connection, id: str) -> str | None:
    suyas = entrada.c.id.in_([UUID(nombre) for nombre in nombres([id])])
    return con.execute(select(entrada.c.consumidor).where(suyas).limit(1)).scalar()


def _donde(con: Connection, testigo: Testigo | None, flujo: str, llegada: str | None) -> tuple[str, str, str]:
    """Say which message is missing, and which topic and subscription it went by."""
    if testigo is None:
        return "nada de lo enviado sigue en camino", "", ""
    if llegada is None:
        return f"su orden no llegó a {testigo.suscripcion}", testigo.tema, testigo.suscripcion
    estado: Any = testigo.estados(con, [flujo]).get(flujo, (None, 0))[0]
    pendiente = estado is None or estado in testigo.en_curso
    if pendiente and testigo.llamadas:
        return f"la llamada de {testigo.suscripcion} no se hizo", *testigo.llamadas
    return f"la respuesta de {testigo.suscripcion} no llegó", TEMA_RESPUESTAS, SUSCRIPCION
