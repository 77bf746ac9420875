"""The rows of sagas beside their events and beside what their steps made, many sagas at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from aeropartners.seedwork.dominio.derivados import texto_de_paso
from aeropartners.seedwork.infraestructura.dialecto import SQL
from aeropartners.seedwork.infraestructura.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.testigo import Falta, Testigo
from saga_orchestrator.cotejo.aplicacion.tramo import Juicio
from saga_orchestrator.cotejo.dominio.hallazgo import SAGA, Clase, Hallazgo
from saga_orchestrator.cotejo.dominio.hechos import Efecto, HechosDeSaga, juzgar
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.dominio.definicion import Definicion, Tipo
from saga_orchestrator.infraestructura.tablas import saga_eventos, saga_pasos, sagas

PERDONAN = ("omitir", "cerrar")


class Cuenta(NamedTuple):
    """The newest of a saga's events, and how many there are."""

    ultima: int = 0
    eventos: int = 0


def juzgar_sagas(con: Connection, sql: SQL, mapa: Mapa, ids: Collection[str], ahora: datetime) -> Juicio:
    """Judge them."""
    s = sagas.c
    filas = con.execute(
        select(
            texto(s.id), s.tipo, s.definicion, s.estado, s.version, s.requiere_atencion, s.plazo,
            s.revisar_en, s.fecha_fin,
        ).where(entre(con, s.id, ids))
    ).all()  # fmt: skip
    cuentas, pasos = _eventos(con, ids), _pasos(con, ids)
    hallazgos = _sin_fila(set(ids) - {f[0] for f in filas}, cuentas)
    # Of a definition that another release brought nothing can be said here.
    propias = [(mapa.registro.conocida(tipo, version), id, *resto) for id, tipo, version, *resto in filas]
    conocidas = [(d, id, *resto) for d, id, *resto in propias if d is not None]
    efectos, flujos = _efectos(con, sql, mapa, conocidas)
    for definicion, id, estado, *resto in conocidas:
        hechos = _hechos(id, definicion, estado, resto, cuentas, pasos, efectos[id])
        hallazgos += _indulgente(con, list(juzgar(hechos, ahora)))
    repetidas = 0
    for testigo, suyos in flujos.items():
        hallazgos += [de_falta(f, suyos.get(f.flujo, ""), SAGA) for f in testigo.cuentas(con, suyos)]
        repetidas += testigo.repetidas(con, suyos)
    return Juicio(hallazgos, repetidas, {flujo for suyos in flujos.values() for flujo in suyos})


def de_falta(falta: Falta, saga_id: str, origen: str) -> Hallazgo:
    """Return a module's finding in the auditor's words."""
    clase = Clase(falta.clase)
    return Hallazgo(clase, saga_id, falta.objeto, falta.texto, falta.repara, origen, falta.texto)


def _hechos(
    id: str,
    definicion: Definicion,
    estado: str,
    resto: Sequence[Any],
    cuentas: Mapping[str, Cuenta],
    pasos: Mapping[str, tuple[int, int]],
    efectos: Sequence[Efecto],
) -> HechosDeSaga:
    version, atencion, plazo, revisar_en, fin = resto
    cuenta, (cuantos, logrados) = cuentas.get(id, Cuenta()), pasos.get(id, (0, 0))
    return HechosDeSaga(
        id=id,
        definicion=definicion,
        estado=estado,
        version=version,
        ultima=cuenta.ultima,
        eventos=cuenta.eventos,
        terminada=fin is not None,
        requiere_atencion=bool(atencion),
        plazo=plazo,
        revisar_en=revisar_en,
        pasos=cuantos,
        logrados=logrados,
        efectos=efectos,
    )


def _eventos(con: Connection, ids: Collection[str]) -> dict[str, Cuenta]:
    e = saga_eventos.c
    filas = con.execute(
        select(texto(e.saga_id), func.max(e.version), func.count())
        .where(entre(con, e.saga_id, ids))
        .group_by(e.saga_id)
    ).all()
    return {id: Cuenta(ultima, cuantos) for id, ultima, cuantos in filas}


def _pasos(con: Connection, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    p = saga_pasos.c
    filas = con.execute(
        select(texto(p.saga_id), func.count(), func.count().filter(p.exitoso))
        .where(entre(con, p.saga_id, ids))
        .group_by(p.saga_id)
    ).all()
    return {id: (cuantos, logrados) for id, cuantos, logrados in filas}


def _efectos(
    con: Connection, sql: SQL, mapa: Mapa, filas: Sequence[Any]
) -> tuple[dict[str, list[Efecto]], dict[Testigo, dict[str, str]]]:
    """Return what each saga's steps made, and the streams of each witness with their sagas."""
    buscados: dict[Testigo, dict[str, tuple[str, str]]] = defaultdict(dict)
    for definicion, id, *_ in filas:
        testigos = mapa.pasos(con, sql, definicion, id)
        for paso, testigo in zip(definicion.pasos, testigos, strict=True):
            if testigo is not None:
                buscados[testigo][texto_de_paso(id, paso.tipo)] = (id, paso.tipo)
    efectos: dict[str, list[Efecto]] = {fila[1]: [] for fila in filas}
    for testigo, suyos in buscados.items():
        estados = testigo.estados(con, suyos)
        for flujo, (id, tipo_paso) in suyos.items():
            if testigo.sustituible and flujo not in estados:
                continue
            efectos[id].append(_efecto(testigo, tipo_paso, flujo, estados.get(flujo)))
    return efectos, {t: {f: id for f, (id, _) in suyos.items()} for t, suyos in buscados.items()}


def _efecto(testigo: Testigo, paso: str, flujo: str, fila: tuple[str, int] | None) -> Efecto:
    estado = fila[0] if fila else None
    vigente, en_curso = estado in testigo.vigentes, estado in testigo.en_curso
    return Efecto(paso, flujo, estado, vigente, en_curso, testigo.deshacer)


def _sin_fila(ids: Collection[str], cuentas: Mapping[str, Cuenta]) -> list[Hallazgo]:
    return [
        Hallazgo(
            Clase.PERDIDO,
            id,
            "filas",
            f"tiene {cuentas[id].eventos} eventos y ninguna fila",
            f"aeropartners saga reconstruir {id}",
            SAGA,
            broker=False,
        )
        for id in ids
        if id in cuentas
    ]


def _indulgente(con: Connection, hallazgos: list[Hallazgo]) -> list[Hallazgo]:
    """Leave out effects that an operator let stand: an undo that was omitted, a saga that was closed."""
    if not any(h.clase is Clase.HUERFANO for h in hallazgos):
        return hallazgos
    e = saga_eventos.c
    ordenes = con.scalars(
        select(e.evento_datos).where(
            entre(con, e.saga_id, [hallazgos[0].saga_id]), e.clase == Tipo.ORDEN_OPERADOR
        )
    )
    if any(datos["orden"] in PERDONAN for datos in ordenes):
        return [h for h in hallazgos if h.clase is not Clase.HUERFANO]
    return hallazgos
