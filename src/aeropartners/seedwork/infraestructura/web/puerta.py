"""The door of what starts long work: shut while the system is behind, but not to a repeated key."""

from sqlalchemy import Table, exists, select

from aeropartners.seedwork.aplicacion.admision import Admision, DemasiadasPeticiones
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import claves_idempotencia
from aeropartners.seedwork.infraestructura.web.escritura import clave_de_peticion


class Puerta:
    """Asked before a request becomes a write."""

    def __init__(self, admision: Admision, motor: Motor, servicio: str) -> None:
        self._admision = admision
        self._motor = motor
        self._servicio = servicio

    def exigir(self) -> None:
        """Raise DemasiadasPeticiones, unless the present request's key has its answer already."""
        try:
            self._admision.exigir()
        except DemasiadasPeticiones:
            if not self._contestada():
                raise

    def _contestada(self) -> bool:
        clave = clave_de_peticion(self._servicio)
        if clave is None:
            return False
        t: Table = claves_idempotencia
        esta = (t.c.servicio == clave.servicio) & (t.c.ruta == clave.ruta) & (t.c.clave == clave.clave)
        with self._motor.lectura() as con:
            return bool(con.scalar(select(exists().where(esta))))
