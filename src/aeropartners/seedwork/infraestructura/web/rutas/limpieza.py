"""The destructive cleanup of a module's data, for test environments only."""

from collections.abc import Sequence

from sqlalchemy import Table, delete

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import eventos, instantaneas, unicos
from aeropartners.seedwork.infraestructura.totales.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from aeropartners.seedwork.infraestructura.web.acceso.auditor import anotar_en
from aeropartners.seedwork.infraestructura.web.esquemas import exigir_limpieza


class Limpieza:
    """Deletes all streams of one kind, with their read rows and claims, if PERMITIR_LIMPIEZA allows it."""

    def __init__(
        self,
        motor: Motor,
        permitida: bool,
        tabla: Table,
        tipo_flujo: str,
        proyeccion: Proyeccion,
        ambitos: Sequence[str] = (),
    ) -> None:
        self._motor = motor
        self._permitida = permitida
        self._tabla = tabla
        self._tipo_flujo = tipo_flujo
        self._proyeccion = proyeccion
        self._ambitos = ambitos

    def todo(self) -> int:
        """Delete all and return how many read rows there were; raises ErrorDeDominio if it is not allowed."""
        exigir_limpieza(self._permitida)
        with self._motor.escritura() as con:
            eliminadas = con.execute(delete(self._tabla)).rowcount
            for tabla in (eventos, instantaneas):
                con.execute(delete(tabla).where(tabla.c.tipo_flujo == self._tipo_flujo))
            con.execute(delete(unicos).where(unicos.c.ambito.in_(self._ambitos)))
            Proyector(self._motor, ()).recontar(con, self._proyeccion)
            anotar_en(con, eliminadas=int(eliminadas))
            con.commit()
        return int(eliminadas)
