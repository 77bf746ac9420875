"""The outbox in SQL, for the publisher and the relay."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection, delete, func, select, text, update

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.salida import SIN_SALIDA, Rafaga, TemaDetenido
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    codificar_rafaga,
    descifrar_rafaga,
    descifrar_sobre,
)
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.plazos import al_salir
from aeropartners.seedwork.infraestructura.base.tablas import muertos, salida, temas_detenidos

log = structlog.get_logger(__name__)

CERROJO_RELEVO = 7_061_951
TEMA_MAXIMO = 200
ESPACIO_SIN_SALIDA = uuid.UUID("4f1c7e0a-9a77-5f0e-8f3c-0a4a6b6e2f19")


class SalidaSQL:
    """See the port `Salida`; on PostgreSQL the relay's lock is an advisory lock of a session.

    `tabla_plazos` is the table whose deadlines run from when a burst leaves that waited in the outbox.
    """

    def __init__(self, motor: Motor, reloj: Reloj, tabla_plazos: str | None = None) -> None:
        self._motor = motor
        self._reloj = reloj
        self._tabla_plazos = tabla_plazos
        self._sql = dialecto_de(motor)

    @contextmanager
    def unico(self) -> Iterator[bool]:
        """Hold the relay's lock; SQLite is used by one process and needs none."""
        if not self._motor.es_postgres:
            yield True
            return
        with self._motor.lectura() as conexion:
            con = conexion.execution_options(isolation_level="AUTOCOMMIT")
            mio = con.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": CERROJO_RELEVO}).scalar_one()
            try:
                yield bool(mio)
            finally:
                if mio:
                    con.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": CERROJO_RELEVO})

    def viejas(self, edad_s: float, maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            limite = ahora - timedelta(seconds=edad_s)
            filas = con.execute(
                select(salida.c.lote, salida.c.posicion, salida.c.creado, salida.c.cuerpo)
                .where(salida.c.creado <= limite, salida.c.posicion > desde)
                .order_by(salida.c.posicion)
                .limit(maximo)
            ).all()
        rafagas = []
        for rafaga_id, posicion, creado, cuerpo in filas:
            try:
                envios = descifrar_rafaga(bytes(cuerpo))
            except NoDescifrable as error:
                self._enterrar_entera(rafaga_id, bytes(cuerpo), str(error))
                continue
            rafagas.append(Rafaga(rafaga_id, posicion, (ahora - creado).total_seconds(), envios))
        # A page of only undecodable rows is not the end of the outbox.
        return rafagas if rafagas or not filas else self.viejas(edad_s, maximo, filas[-1].posicion)

    def borrar(self, rafagas_ids: Sequence[UUID]) -> None:
        if not rafagas_ids:
            return
        with self._motor.escritura() as con:
            self._sql.sin_esperar_al_disco(con)  # if a crash undoes it, the row is sent again
            if self._tabla_plazos:
                al_salir(con, self._sql, self._tabla_plazos, rafagas_ids, self._sql.ahora(con, self._reloj))
            with self._sql.tanda(con) as tanda:
                tanda.borrar(salida, [{"lote": rafaga_id} for rafaga_id in sorted(rafagas_ids)])
            con.commit()

    def quitar(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        if not partes:
            return
        with self._motor.escritura() as con:
            self._sql.sin_esperar_al_disco(con)
            if self._tabla_plazos:
                ahora = self._sql.ahora(con, self._reloj)
                al_salir(con, self._sql, self._tabla_plazos, partes, ahora, partes)
            for rafaga_id in sorted(partes):
                _quitar(con, rafaga_id, partes[rafaga_id])
            con.commit()

    def enterrar(self, rechazados: Sequence[tuple[UUID, Envio, str]]) -> None:
        with self._motor.escritura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            for rafaga_id, envio, causa in sorted(rechazados, key=lambda r: r[0]):
                if _quitar(con, rafaga_id, [envio]):
                    id, saga_id = _identidad(envio)
                    _enterrar(con, id, envio.tema, carta_de(envio), causa, ahora)
                    log.error(
                        "mensaje_sin_salida", tema=envio.tema, mensaje=str(id), saga_id=saga_id, causa=causa
                    )
            con.commit()

    def temas_de(self, rafagas_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
        if not rafagas_ids:
            return {}
        with self._motor.lectura() as con:
            filas = con.execute(
                select(salida.c.lote, salida.c.cuerpo).where(salida.c.lote.in_(rafagas_ids))
            ).all()
        return {
            rafaga_id: {envio.tema for envio in descifrar_rafaga(bytes(cuerpo))}
            for rafaga_id, cuerpo in filas
        }

    def detenidos(self) -> Sequence[TemaDetenido]:
        with self._motor.lectura() as con:
            filas = con.execute(select(temas_detenidos).order_by(temas_detenidos.c.tema)).all()
        return [TemaDetenido(f.tema, f.causa, f.desde) for f in filas]

    def contar_detenidos(self, causas: Mapping[str, str]) -> None:
        t = temas_detenidos.c
        with self._motor.escritura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            con.execute(delete(temas_detenidos).where(t.tema.not_in(causas)))
            estaban = set(con.scalars(select(t.tema)))
            for tema, causa in causas.items():
                if tema in estaban:
                    con.execute(update(temas_detenidos).where(t.tema == tema).values(causa=causa))
                else:
                    con.execute(temas_detenidos.insert().values(tema=tema, causa=causa, desde=ahora))
            con.commit()

    def tamano(self) -> int:
        """Return the bytes of all bodies in the outbox; reads the length of every row, so call it rarely."""
        with self._motor.lectura() as con:
            return int(con.execute(select(func.sum(func.length(salida.c.cuerpo)))).scalar() or 0)

    def _enterrar_entera(self, rafaga_id: UUID, cuerpo: bytes, causa: str) -> None:
        """Make a dead letter of a row that cannot be decoded; it would block the outbox for ever."""
        log.error("rafaga_indescifrable", rafaga_id=str(rafaga_id), error=causa)
        with self._motor.escritura() as con:
            if con.execute(delete(salida).where(salida.c.lote == rafaga_id)).rowcount:
                _enterrar(con, rafaga_id, "", cuerpo, causa, self._sql.ahora(con, self._reloj))
            con.commit()


def _quitar(con: Connection, rafaga_id: UUID, fuera: Sequence[Envio]) -> bool:
    """Remove messages from a row and return whether any was there.

    The row is locked, because another process may remove other messages of it at the same time.
    """
    fila = con.execute(select(salida.c.cuerpo).where(salida.c.lote == rafaga_id).with_for_update()).first()
    if fila is None:
        return False
    envios = descifrar_rafaga(bytes(fila.cuerpo))
    suyos = {(envio.tema, bytes(envio.cuerpo)) for envio in fuera}
    quedan = [envio for envio in envios if (envio.tema, bytes(envio.cuerpo)) not in suyos]
    donde = salida.c.lote == rafaga_id
    if not quedan:
        con.execute(delete(salida).where(donde))
    elif len(quedan) < len(envios):
        con.execute(update(salida).where(donde).values(cuerpo=codificar_rafaga(quedan)))
    return len(quedan) < len(envios)


def _enterrar(con: Connection, id: UUID, tema: str, cuerpo: bytes, causa: str, ahora: datetime) -> None:
    suya = (muertos.c.consumidor == SIN_SALIDA) & (muertos.c.id == id)
    if con.execute(select(muertos.c.id).where(suya)).first() is None:
        con.execute(
            muertos.insert().values(
                consumidor=SIN_SALIDA,
                id=id,
                tema=tema[:TEMA_MAXIMO],
                cuerpo=cuerpo,
                intentos=1,
                error=causa,
                fecha=ahora,
            )
        )


def _identidad(envio: Envio) -> tuple[UUID, str | None]:
    """Return the id and the saga id of a message, from its envelope or from a public one's properties.

    A message without an id gets one derived from its content.
    """
    propiedades = envio.propiedades
    if propiedades is None:
        with suppress(NoDescifrable):
            sobre = descifrar_sobre(bytes(envio.cuerpo))
            return sobre.id, str(sobre.saga_id) if sobre.saga_id else None
        propiedades = {}
    saga_id = propiedades.get("saga_id") or None
    with suppress(ValueError):
        return UUID(propiedades.get("event_id", "")), saga_id
    return uuid.uuid5(ESPACIO_SIN_SALIDA, f"{envio.tema}:{bytes(envio.cuerpo)!r}"), saga_id


def carta_de(envio: Envio) -> bytes:
    """Return the stored body of a message that never left: its envelope, or a public message as a burst."""
    return bytes(envio.cuerpo) if envio.propiedades is None else codificar_rafaga([envio])
