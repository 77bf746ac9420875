"""The outbox as the relay sees it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.serializacion import descifrar_rafaga
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import salida
from aeropartners.seedwork.infraestructura.uow import dialecto_de

CERROJO_RELEVO = 7_061_951


class SalidaSQL:
    """Reads `salida` without locking rows; one relay at a time holds the session's advisory lock."""

    def __init__(self, motor: Motor, reloj: Reloj) -> None:
        self._motor = motor
        self._reloj = reloj
        self._sql = dialecto_de(motor)

    @contextmanager
    def unico(self) -> Iterator[bool]:
        """Hold the lock of the database; SQLite has one process and needs none."""
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

    def viejas(self, edad_s: float, maximo: int) -> Sequence[tuple[UUID, Sequence[Envio]]]:
        """Return bursts older than `edad_s` by the database's clock, in outbox order."""
        with self._motor.lectura() as con:
            limite = self._sql.ahora(con, self._reloj) - timedelta(seconds=edad_s)
            filas = con.execute(
                select(salida.c.lote, salida.c.cuerpo)
                .where(salida.c.creado < limite)
                .order_by(salida.c.posicion)
                .limit(maximo)
            ).all()
        return [(lote, descifrar_rafaga(bytes(cuerpo))) for lote, cuerpo in filas]

    def borrar(self, lotes: Sequence[UUID]) -> None:
        """Delete published rows; one that is gone already is no fault."""
        with self._motor.escritura() as con:
            self._sql.sin_esperar_al_disco(con)  # a row that comes back is only published once more
            with self._sql.tanda(con) as tanda:
                tanda.borrar(salida, [{"lote": lote} for lote in sorted(lotes)])
            con.commit()
