"""The modules' streams: each of a saga that is there and the only one of its step; and their other books."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from aeropartners.seedwork.dominio.derivados import texto_de_paso
from aeropartners.seedwork.infraestructura.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.particiones import RETENCION_ENTRADA, frontera
from aeropartners.seedwork.infraestructura.tablas import eventos
from aeropartners.seedwork.infraestructura.testigo import Testigo
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, LIBRO, Clase, Hallazgo
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.cotejo.infraestructura.sagas import de_falta
from saga_orchestrator.infraestructura.tablas import sagas


def juzgar_flujos(
    con: Connection, mapa: Mapa, ids: Mapping[str, Collection[str]], ahora: datetime
) -> list[Hallazgo]:
    """Judge streams by kind; kinds without a witness are not of sagas."""
    hallazgos: list[Hallazgo] = []
    for tipo, suyos in ids.items():
        testigo = mapa.testigos.get(tipo)
        if testigo is not None and suyos:
            hallazgos += _de_un_tipo(con, mapa, testigo, suyos, ahora)
    return hallazgos


def juzgar_claves(con: Connection, mapa: Mapa, claves: Mapping[str, Collection[str]]) -> list[Hallazgo]:
    """Judge the keys of the other books; what is of a stream is of its saga."""
    hallazgos = []
    for tipo, suyas in claves.items():
        faltas = mapa.testigos[tipo].ajenas(con, suyas) if suyas else ()
        duenas = _creadas_por(con, {f.flujo for f in faltas if f.flujo})
        hallazgos += [de_falta(f, duenas.get(f.flujo) or "", LIBRO + tipo) for f in faltas]
    return hallazgos


def _de_un_tipo(
    con: Connection, mapa: Mapa, testigo: Testigo, ids: Collection[str], ahora: datetime
) -> list[Hallazgo]:
    m = eventos.c
    filas = con.execute(
        select(texto(m.flujo), func.max(m.version), func.count())
        .where(entre(con, m.flujo, ids))
        .group_by(m.flujo)
    ).all()
    flujos = {flujo: (ultima, cuantos) for flujo, ultima, cuantos in filas}
    creadas = _creadas_por(con, ids)
    duenas = _sagas(con, {s for s in creadas.values() if s})
    estados = testigo.estados(con, ids)
    hallazgos = []
    for id in ids:
        estado, version = estados.get(id, (None, 0))
        visto = _visto(mapa, testigo, id, flujos.get(id), creadas.get(id), duenas, (estado, version), ahora)
        if visto is not None:
            hallazgos.append(visto)
    # The books of a payment of a saga are judged with the saga.
    sueltos = [id for id in ids if id in flujos and creadas.get(id) is None]
    origen = FLUJO + testigo.tipo_flujo
    return hallazgos + [de_falta(f, "", origen) for f in testigo.cuentas(con, sueltos)]


def _creadas_por(con: Connection, ids: Collection[str]) -> dict[str, str | None]:
    m = eventos.c
    primeros = select(texto(m.flujo), texto(m.saga_id)).where(entre(con, m.flujo, ids), m.version == 1)
    return {flujo: saga_id for flujo, saga_id in con.execute(primeros).all()}


def _sagas(con: Connection, ids: Collection[str]) -> dict[str, tuple[str, int]]:
    s = sagas.c
    filas = con.execute(select(texto(s.id), s.tipo, s.definicion).where(entre(con, s.id, ids)))
    return {id: (tipo, version) for id, tipo, version in filas}


def _visto(
    mapa: Mapa,
    testigo: Testigo,
    id: str,
    eventos_suyos: tuple[int, int] | None,
    saga_id: str | None,
    duenas: Mapping[str, tuple[str, int]],
    fila: tuple[str | None, int],
    ahora: datetime,
) -> Hallazgo | None:
    nombre, (estado, version) = f"{testigo.tipo_flujo} {id}", fila

    def hallazgo(clase: Clase, texto: str, repara: str) -> Hallazgo:
        origen = FLUJO + testigo.tipo_flujo
        return Hallazgo(clase, saga_id or "", id, f"{nombre} {texto}", repara, origen, texto)

    if eventos_suyos is None:
        return hallazgo(Clase.HUERFANO, f"tiene una fila, {estado}, y ningún evento", testigo.deshacer(id))
    ultima, cuantos = eventos_suyos
    if ultima != cuantos or (estado is not None and version != ultima):
        texto = f"va por la versión {version}, sus eventos son {cuantos} y el último es el {ultima}"
        return hallazgo(Clase.PERDIDO, texto, _mirar(saga_id, nombre))
    if saga_id is None:
        if estado in testigo.en_curso:
            return hallazgo(Clase.PERDIDO, f"está {estado} y nadie lo resolverá", testigo.deshacer(id))
        return None
    if estado not in testigo.vigentes:
        return None
    if saga_id not in duenas:
        if _pudo_retirarse(saga_id, ahora):
            return None
        return hallazgo(Clase.HUERFANO, f"está {estado} y su SAGA no existe", testigo.deshacer(id))
    definicion = mapa.registro.conocida(*duenas[saga_id])
    if definicion is None or any(id == texto_de_paso(saga_id, p.tipo) for p in definicion.pasos):
        return None
    return hallazgo(Clase.DUPLICADO, f"está {estado} y es otro efecto de su SAGA", testigo.deshacer(id))


def _pudo_retirarse(saga_id: str, ahora: datetime) -> bool:
    """Whether `retencion` may have taken the saga: it takes whole weeks of UUIDv7 that are old enough."""
    id = UUID(saga_id)
    return id.version == 7 and id < frontera(ahora - RETENCION_ENTRADA)


def _mirar(saga_id: str | None, nombre: str) -> str:
    return f"aeropartners saga ver {saga_id}" if saga_id else f"restaure los eventos de {nombre}"
