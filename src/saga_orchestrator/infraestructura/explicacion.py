"""What the explanation of a saga is read from: its events, and where its messages are now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    or_,
    select,
    union,
)

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    descifrar_rafaga,
    descifrar_sobre,
)
from aeropartners.seedwork.infraestructura.auditoria import de_saga
from aeropartners.seedwork.infraestructura.ids_sql import nombra
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import eventos, muertos, reintentos, salida
from aeropartners.seedwork.infraestructura.uow import dialecto_de
from saga_orchestrator.aplicacion.espera import (
    MARGEN,
    Lugar,
    Motivo,
    Paradero,
    esperar,
    nombre_de,
)
from saga_orchestrator.aplicacion.relato import Auditada, Objeto, contar
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.saga import EventoSaga, Saga
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.tablas import saga_eventos, sagas

MAXIMO = 100
ABIERTAS = 1_000


def atascada(ahora: datetime) -> ColumnElement[bool]:
    """Whether a saga asks for attention, or its wake-up is long past."""
    limite = ahora - MARGEN
    # `revisar_en` is indexed and never later than `plazo`, which is the real wake-up.
    dormida = and_(sagas.c.revisar_en <= limite, sagas.c.plazo <= limite)
    return or_(sagas.c.requiere_atencion, dormida)


class LecturasExplicacion:
    """Queries for the operator, each of bounded size; a saga's messages are looked for on demand."""

    def __init__(self, motor: Motor, reloj: Reloj, almacen: AlmacenSagas) -> None:
        self._motor = motor
        self._reloj = reloj
        self._almacen = almacen
        self._sql = dialecto_de(motor)

    def una(self, id: UUID) -> Objeto | None:
        """Return the whole story of a saga, or None."""
        with self._foto() as con:
            saga = self._cargar(con, [id]).get(id)
            if saga is None:
                return None
            ahora = self._sql.ahora(con, self._reloj)
            paraderos = [*self._en_salida(con, saga), *self._apartados(con, saga)]
            auditadas = [
                Auditada(a.firma.operacion, a.quien, a.firma.motivo, a.momento) for a in de_saga(con, id)
            ]
            return contar(saga, _eventos(con, id), paraderos, auditadas, ahora)

    def atascadas(self) -> list[Objeto]:
        """Return the sagas that ask for attention, and those whose wake-up is long past."""
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            ids = con.scalars(
                select(sagas.c.id).where(atascada(ahora)).order_by(sagas.c.fecha_inicio).limit(MAXIMO)
            ).all()
            encontradas = self._cargar(con, ids)
        return [_resumen(encontradas[id], ahora) for id in ids if id in encontradas]

    def motivos(self) -> dict[tuple[str, str], int]:
        """Count (tipo, reason of waiting) over the open sagas next to wake up: at most ABIERTAS of them."""
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            ids = con.scalars(
                select(sagas.c.id)
                .where(sagas.c.revisar_en.is_not(None))
                .order_by(sagas.c.revisar_en)
                .limit(ABIERTAS)
            ).all()
            abiertas = self._cargar(con, ids)
        return Counter((s.definicion.tipo, str(_motivo(s, ahora))) for s in abiertas.values())

    def en_atencion(self) -> Sequence[tuple[str, int]]:
        """Count the sagas of each type that ask for attention."""
        atencion = select(sagas.c.tipo, func.count()).where(sagas.c.requiere_atencion)
        with self._motor.lectura() as con:
            return [(tipo, cuantas) for tipo, cuantas in con.execute(atencion.group_by(sagas.c.tipo))]

    @contextmanager
    def _foto(self) -> Iterator[Connection]:
        """One snapshot for all queries: the saga, its events and its messages are of the same moment."""
        with self._motor.lectura() as con:
            postgres = self._motor.es_postgres
            yield con.execution_options(isolation_level="REPEATABLE READ") if postgres else con

    def _cargar(self, con: Connection, ids: Sequence[UUID]) -> dict[UUID, Saga]:
        cargadas = self._almacen.cargar(con, self._sql, ids) if ids else {}
        return {id: s for id, s in cargadas.items() if isinstance(s, Saga)}

    def _en_salida(self, con: Connection, saga: Saga) -> Iterator[Paradero]:
        """The bursts of its own events, and of the streams of its participants, whose ids it chose."""
        flujos = [saga.id_de(i) for i in range(len(saga.definicion.pasos))]
        lotes = union(
            select(saga_eventos.c.lote).where(saga_eventos.c.saga_id == saga.id),
            select(eventos.c.lote).where(eventos.c.flujo.in_(flujos)),
        )
        filas = con.execute(
            select(salida.c.creado, salida.c.cuerpo)
            .where(salida.c.lote.in_(lotes))
            .order_by(salida.c.posicion)
            .limit(MAXIMO)
        )
        for creado, cuerpo in filas:
            for envio in descifrar_rafaga(bytes(cuerpo)):
                yield from _de_salida(envio, saga.id, creado)

    def _apartados(self, con: Connection, saga: Saga) -> Iterator[Paradero]:
        for tabla, lugar, momento in (
            (reintentos, Lugar.REINTENTOS, "proximo"),
            (muertos, Lugar.MUERTOS, "fecha"),
        ):
            # The boxes are not indexed by saga, and are small.
            filas = con.execute(select(tabla).where(nombra(con, tabla.c.cuerpo, str(saga.id))).limit(MAXIMO))
            for f in filas:
                sobre = _sobre(bytes(f.cuerpo))
                if sobre is None or sobre.saga_id == saga.id:
                    yield Paradero(
                        lugar,
                        sobre.tipo if sobre else "indescifrable",
                        f.tema,
                        getattr(f, momento),
                        f.id,
                        sobre.paso if sobre else None,
                        sobre.intento if sobre else 0,
                        f.consumidor,
                        f.intentos,
                        f.error,
                    )


def _de_salida(envio: Envio, saga_id: UUID, creado: Any) -> Iterator[Paradero]:
    if envio.propiedades is not None:
        if envio.propiedades.get("saga_id") == str(saga_id):
            tipo = envio.propiedades.get("event_type", "")
            yield Paradero(Lugar.SALIDA, tipo, envio.tema, creado)
        return
    sobre = _sobre(bytes(envio.cuerpo))
    if sobre and sobre.saga_id == saga_id:
        yield Paradero(Lugar.SALIDA, sobre.tipo, envio.tema, creado, sobre.id, sobre.paso, sobre.intento)


def _sobre(cuerpo: bytes) -> Sobre | None:
    try:
        return descifrar_sobre(cuerpo)
    except NoDescifrable:
        return None


def _eventos(con: Connection, id: UUID) -> list[EventoSaga]:
    filas = con.execute(
        select(saga_eventos).where(saga_eventos.c.saga_id == id).order_by(saga_eventos.c.version)
    )
    return [
        EventoSaga(
            Tipo(f.clase), f.evento_tipo, f.estado, f.fecha_creacion, f.evento_datos, f.indice, f.orden
        )
        for f in filas
    ]


def _motivo(saga: Saga, ahora: Any) -> Motivo:
    return esperar(saga, (), saga.memoria.ultima_fecha or ahora, ahora).motivo


def _resumen(saga: Saga, ahora: Any) -> Objeto:
    memoria = saga.memoria
    espera = esperar(saga, (), memoria.ultima_fecha or ahora, ahora)
    return {
        "saga_id": saga.id,
        "tipo": saga.definicion.tipo,
        "estado": memoria.estado,
        "requiere_atencion": memoria.requiere_atencion,
        "abierto": nombre_de(saga),
        "fecha_inicio": memoria.fecha_inicio,
        "error_message": memoria.error,
        "espera": {"motivo": espera.motivo, "texto": espera.texto, "ordenes": list(espera.ordenes)},
    }
