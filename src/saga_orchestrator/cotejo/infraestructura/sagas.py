"""Compares the rows of many sagas with their events and with the effects of their steps."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, func, select

from aeropartners.seedwork.dominio.ids_de_paso import texto_de_paso
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.operacion.testigo import Contradiccion, Testigo
from saga_orchestrator.cotejo.aplicacion.libros import Juicio
from saga_orchestrator.cotejo.dominio.hallazgo import SAGA, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.cotejo.dominio.hechos import Efecto, HechosDeSaga, juzgar, reconstruir
from saga_orchestrator.cotejo.infraestructura.mapa import Vista
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, saga_pasos, sagas

PERDONAN = ("omitir", "cerrar")


class Cuenta(NamedTuple):
    """The newest version of a stream's events, and the number of its events."""

    ultima: int = 0
    eventos: int = 0


def juzgar_sagas(v: Vista, ids: Collection[str]) -> Juicio:
    """Return the findings of these sagas, the number of repeated calls, and the streams of their steps."""
    s, e = sagas.c, saga_eventos.c
    filas = v.con.execute(
        select(
            texto(s.id), s.tipo, s.definicion, s.estado, s.version, s.requiere_atencion, s.plazo,
            s.revisar_en, s.fecha_fin,
        ).where(entre(v.con, s.id, ids))
    ).all()  # fmt: skip
    suyos, pasos = cuentas(v.con, e.saga_id, e.version, ids), _pasos(v.con, ids)
    hallazgos = _sin_fila(set(ids) - {f[0] for f in filas}, suyos)
    # Sagas of a definition that this process does not know cannot be judged here.
    propias = [(v.mapa.registro.conocida(tipo, version), id, *resto) for id, tipo, version, *resto in filas]
    conocidas = [(d, id, *resto) for d, id, *resto in propias if d is not None]
    efectos, flujos = _efectos(v, conocidas)
    for definicion, id, estado, version, atencion, plazo, revisar_en, fin in conocidas:
        hechos = HechosDeSaga(
            id, definicion, estado, version, *suyos.get(id, Cuenta()), fin is not None, bool(atencion),
            plazo, revisar_en, *pasos.get(id, (0, 0)), efectos[id],
        )  # fmt: skip
        hallazgos += _indulgente(v.con, list(juzgar(hechos, v.ahora)))
    repetidas = 0
    for testigo, sagas_de in flujos.items():
        hallazgos += [de_falta(f, sagas_de.get(f.flujo, ""), SAGA) for f in testigo.cuentas(v.con, sagas_de)]
        repetidas += testigo.repetidas(v.con, sagas_de)
    return Juicio(hallazgos, repetidas, {flujo for suyos in flujos.values() for flujo in suyos})


def cuentas(
    con: Connection, flujo: Column[Any], version: Column[Any], ids: Collection[str]
) -> dict[str, Cuenta]:
    """Return the count of events of each stream; `flujo` and `version` are columns of their table."""
    filas = con.execute(
        select(texto(flujo), func.max(version), func.count()).where(entre(con, flujo, ids)).group_by(flujo)
    )
    return {id: Cuenta(ultima, cuantos) for id, ultima, cuantos in filas}


def de_falta(falta: Contradiccion, saga_id: str, origen: str) -> Hallazgo:
    """Return a fault that a module reports as a finding of the cotejo."""
    clase = ClaseDeHallazgo(falta.clase)
    return Hallazgo(clase, saga_id, falta.objeto, falta.texto, falta.repara, origen, falta.texto)


def efecto_de(testigo: Testigo, paso: str, flujo: str, estado: str | None) -> Efecto:
    """Return the effect that a stream is, by the state of its row."""
    vigente, en_curso = estado in testigo.vigentes, estado in testigo.en_curso
    return Efecto(paso, flujo, estado, vigente, en_curso, testigo.deshacer)


def _pasos(con: Connection, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    p = saga_pasos.c
    filas = con.execute(
        select(texto(p.saga_id), func.count(), func.count().filter(p.exitoso))
        .where(entre(con, p.saga_id, ids))
        .group_by(p.saga_id)
    ).all()
    return {id: (cuantos, logrados) for id, cuantos, logrados in filas}


def _efectos(v: Vista, filas: Sequence[Any]) -> tuple[dict[str, list[Efecto]], dict[Testigo, dict[str, str]]]:
    """Return the effects of each saga by its id, and for each witness its streams with the saga of each."""
    buscados: dict[Testigo, dict[str, tuple[str, str]]] = defaultdict(dict)
    for definicion, id, *_ in filas:
        for paso, testigo in zip(definicion.pasos, v.testigos(definicion), strict=True):
            if testigo is not None and paso.crea_flujo:
                buscados[testigo][texto_de_paso(id, paso.tipo)] = (id, paso.tipo)
    efectos: dict[str, list[Efecto]] = {fila[1]: [] for fila in filas}
    for testigo, suyos in buscados.items():
        estados = testigo.estados(v.con, suyos)
        for flujo, (id, paso) in suyos.items():
            if flujo in estados or not testigo.sustituible:
                estado = estados[flujo][0] if flujo in estados else None
                efectos[id].append(efecto_de(testigo, paso, flujo, estado))
    return efectos, {t: {f: id for f, (id, _) in suyos.items()} for t, suyos in buscados.items()}


def _sin_fila(ids: Collection[str], suyos: Mapping[str, Cuenta]) -> list[Hallazgo]:
    return [
        Hallazgo(
            ClaseDeHallazgo.PERDIDO,
            id,
            "filas",
            f"tiene {suyos[id].eventos} eventos y ninguna fila",
            reconstruir(id),
            SAGA,
            broker=False,
        )
        for id in ids
        if id in suyos
    ]


def _indulgente(con: Connection, hallazgos: list[Hallazgo]) -> list[Hallazgo]:
    """Leave out effects that an operator let stand: by omitting an undo, or by closing the saga."""
    if not any(h.clase is ClaseDeHallazgo.HUERFANO for h in hallazgos):
        return hallazgos
    e = saga_eventos.c
    ordenes = con.scalars(
        select(e.evento_datos).where(
            entre(con, e.saga_id, [hallazgos[0].saga_id]), e.clase == Tipo.ORDEN_OPERADOR
        )
    )
    if any(datos["orden"] in PERDONAN for datos in ordenes):
        return [h for h in hallazgos if h.clase is not ClaseDeHallazgo.HUERFANO]
    return hallazgos
