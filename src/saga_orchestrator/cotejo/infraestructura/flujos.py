"""Judges the modules' streams: each must belong to an existing saga, as the only stream of its step."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Connection, select

from aeropartners.seedwork.dominio.ids_de_paso import texto_de_paso
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.base.tablas import eventos
from aeropartners.seedwork.infraestructura.operacion.particiones import RETENCION_ENTRADA, frontera
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, LIBRO, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.cotejo.dominio.hechos import HechosDeFlujo, juzgar_flujo
from saga_orchestrator.cotejo.infraestructura.mapa import Vista
from saga_orchestrator.cotejo.infraestructura.sagas import Cuenta, cuentas, de_falta, efecto_de
from saga_orchestrator.infraestructura.almacen.tablas import sagas


def juzgar_flujos(v: Vista, tipo: str, ids: Collection[str]) -> list[Hallazgo]:
    """Return the findings of streams of a kind; a kind without a witness belongs to no saga and has none."""
    testigo = v.mapa.testigos.get(tipo)
    if testigo is None:
        return []
    m = eventos.c
    suyos, creadas = cuentas(v.con, m.flujo, m.version, ids), _creadas_por(v.con, ids)
    duenas = _sagas(v.con, {s for s in creadas.values() if s})
    estados = testigo.estados(v.con, ids)
    hallazgos = []
    for id in ids:
        (estado, version), saga_id = estados.get(id, (None, 0)), creadas.get(id)
        efecto = efecto_de(testigo, "", id, estado)
        ajeno = _ajeno(v, id, saga_id, duenas) if saga_id and efecto.vigente else None
        hechos = HechosDeFlujo(tipo, saga_id, version, *suyos.get(id, Cuenta()), efecto, ajeno)
        hallazgos.append(juzgar_flujo(hechos))
    # The book entries of a payment of a saga are judged with that saga.
    sueltos = [id for id in ids if id in suyos and creadas.get(id) is None]
    faltas = [de_falta(f, "", FLUJO + tipo) for f in testigo.cuentas(v.con, sueltos)]
    return [h for h in hallazgos if h] + faltas


def juzgar_claves(v: Vista, tipo: str, claves: Collection[str]) -> list[Hallazgo]:
    """Return the findings of keys of a module's other book, each with the saga of its stream, if any."""
    faltas = v.mapa.testigos[tipo].ajenas(v.con, claves)
    duenas = _creadas_por(v.con, {f.flujo for f in faltas if f.flujo})
    return [de_falta(f, duenas.get(f.flujo) or "", LIBRO + tipo) for f in faltas]


def _creadas_por(con: Connection, ids: Collection[str]) -> dict[str, str | None]:
    m = eventos.c
    primeros = select(texto(m.flujo), texto(m.saga_id)).where(entre(con, m.flujo, ids), m.version == 1)
    return {flujo: saga_id for flujo, saga_id in con.execute(primeros).all()}


def _sagas(con: Connection, ids: Collection[str]) -> dict[str, tuple[str, int]]:
    s = sagas.c
    filas = con.execute(select(texto(s.id), s.tipo, s.definicion).where(entre(con, s.id, ids)))
    return {id: (tipo, version) for id, tipo, version in filas}


def _ajeno(v: Vista, id: str, saga_id: str, duenas: Mapping[str, tuple[str, int]]) -> ClaseDeHallazgo | None:
    """Return what is wrong with an effect that stands: its saga is gone, or its step has another one."""
    if saga_id not in duenas:
        return None if _pudo_retirarse(v, UUID(saga_id)) else ClaseDeHallazgo.HUERFANO
    definicion = v.mapa.registro.conocida(*duenas[saga_id])
    if definicion is None or any(id == texto_de_paso(saga_id, p.tipo) for p in definicion.pasos):
        return None
    return ClaseDeHallazgo.DUPLICADO


def _pudo_retirarse(v: Vista, id: UUID) -> bool:
    """Whether `retencion` may have removed the saga: it removes whole old weeks of UUIDv7."""
    return id.version == 7 and id < frontera(v.ahora - RETENCION_ENTRADA)
