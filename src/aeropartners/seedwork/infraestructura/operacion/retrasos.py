"""The table in which the processes of a database publish their worst delay, while it matters."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from aeropartners.seedwork.aplicacion.puertos import PeorRetraso, Reloj
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import retrasos

# A living process writes every second: an older row belongs to a dead one.
CADUCIDAD = timedelta(seconds=5)


class RetrasosSQL:
    """See the port `TablonDeRetrasos`; times are the database's, so that processes need no common clock."""

    def __init__(self, motor: Motor, reloj: Reloj, proceso: UUID) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._reloj = reloj
        self._proceso = proceso

    def decir(self, bucle: str, segundos: float) -> None:
        with self._motor.escritura() as con:
            momento = self._sql.ahora(con, self._reloj)
            fila: Fila = {"proceso": self._proceso, "bucle": bucle, "retraso_ms": round(segundos * 1000)}
            fila["momento"] = momento
            caduca = retrasos.c.momento < momento - CADUCIDAD
            con.execute(delete(retrasos).where(caduca | (retrasos.c.proceso == self._proceso)))
            with self._sql.tanda(con) as tanda:
                tanda.anexar(retrasos, [fila])
            con.commit()

    def callar(self) -> None:
        with self._motor.escritura() as con:
            con.execute(delete(retrasos).where(retrasos.c.proceso == self._proceso))
            con.commit()

    def peor(self) -> PeorRetraso | None:
        with self._motor.lectura() as con:
            vivas = retrasos.c.momento >= self._sql.ahora(con, self._reloj) - CADUCIDAD
            consulta = select(retrasos).where(vivas).order_by(retrasos.c.retraso_ms.desc()).limit(1)
            fila = con.execute(consulta).mappings().first()
        return PeorRetraso(fila["proceso"], fila["bucle"], fila["retraso_ms"] / 1000) if fila else None
