"""The table of living processes in SQL, and the versions that messages wait for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, true

from aeropartners.seedwork.aplicacion.censo import VIVO, VersionPendiente, Visto, Vivo
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import procesos, reintentos

# Rows of dead processes are kept this long, for operators who ask what ran.
BARRIDO = timedelta(hours=1)
TOPE = 10_000


class ProcesosSQL:
    """See the port `Padron`; times are the database's, so that processes need no common clock."""

    def __init__(self, motor: Motor, reloj: Reloj) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._reloj = reloj

    def anotar(self, yo: Vivo) -> Visto:
        """See the port. The database's clock is taken to be read at the middle of the round trip.

        So the measured difference may be off by half of the trip, which is its `duda_s`.
        """
        with self._motor.escritura() as con:
            self._sql.sin_esperar_al_disco(con)  # written again soon
            antes, sale = self._reloj.ahora(), monotonic()
            ahora = self._sql.reloj(con, self._reloj)
            medio = (monotonic() - sale) / 2
            viejas = procesos.c.visto < ahora - BARRIDO
            con.execute(delete(procesos).where(viejas | (procesos.c.id == yo.id)))
            with self._sql.tanda(con) as tanda:
                tanda.anexar(procesos, [_fila(replace(yo, visto=ahora))])
            vivas = select(procesos).where(procesos.c.visto >= ahora - VIVO).order_by(procesos.c.id)
            vivos = [_vivo(f) for f in con.execute(vivas).mappings()]
            con.commit()
        return Visto(vivos, (antes + timedelta(seconds=medio) - ahora).total_seconds(), medio)

    def borrar(self, id: UUID) -> None:
        with self._motor.escritura() as con:
            con.execute(delete(procesos).where(procesos.c.id == id))
            con.commit()

    def quedar_solo(self) -> None:
        """Delete all rows, at the start of a process that is the only one on its database."""
        with self._motor.escritura() as con:
            con.execute(delete(procesos).where(true()))
            con.commit()

    def vivos(self) -> Sequence[Vivo]:
        """Return the living processes, without writing a row of one's own."""
        with self._motor.lectura() as con:
            desde = self._sql.ahora(con, self._reloj) - VIVO
            vivas = select(procesos).where(procesos.c.visto >= desde).order_by(procesos.c.id)
            return [_vivo(f) for f in con.execute(vivas).mappings()]

    def faltas(self) -> Sequence[VersionPendiente]:
        r = reintentos.c
        esperan = select(r.consumidor, r.falta, r.falta_version).where(r.falta.is_not(None))
        e = esperan.limit(TOPE).subquery().c
        cuenta = select(e.consumidor, e.falta, e.falta_version, func.count()).group_by(
            e.consumidor, e.falta, e.falta_version
        )
        with self._motor.lectura() as con:
            return [VersionPendiente(*fila) for fila in con.execute(cuenta)]


def _fila(vivo: Vivo) -> Fila:
    demora = vivo.demora
    return {
        "id": vivo.id,
        "servicio": vivo.servicio,
        "version": vivo.version,
        "conoce": vivo.conoce,
        "desfase_ms": round(vivo.desfase_s * 1000),
        "situacion": vivo.situacion,
        "demora_ms": None if demora is None else round(demora.total_seconds() * 1000),
        "visto": vivo.visto,
    }


def _vivo(fila: RowMapping) -> Vivo:
    demora = fila["demora_ms"]
    return Vivo(
        fila["id"],
        fila["servicio"],
        fila["version"],
        fila["conoce"],
        fila["desfase_ms"] / 1000,
        fila["situacion"],
        None if demora is None else timedelta(milliseconds=demora),
        fila["visto"],
    )
