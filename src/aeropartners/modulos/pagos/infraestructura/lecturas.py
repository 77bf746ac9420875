"""The read table of payments and the queries of its API."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, Text, select

from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.modulos.pagos.infraestructura.totales import CUANTOS, PUBLICADOS, TOTALES
from aeropartners.seedwork.aplicacion.serializacion import numero
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.totales.totales import TODOS

pagos = Table(
    "pagos",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("id_afiliado", String(200)),
    Column("monto", Monto),
    Column("moneda", String(3)),
    Column("estado", String(20)),
    Column("referencia_pago", String(200)),
    Column("fecha_creacion", Momento),
    Column("fecha_actualizacion", Momento),
    Column("fecha_procesamiento", Momento),
    Column("mensaje_error", Text),
    Column("version", Integer),
)
_RESERVADAS = ("version", "fecha_actualizacion")


def _fila(pago: Pago) -> Fila | None:
    solicitud = pago.solicitud
    if solicitud is None:
        return None
    return {
        "id": pago.id,
        "id_afiliado": solicitud.id_afiliado,
        "monto": solicitud.monto,
        "moneda": solicitud.moneda,
        "estado": str(pago.estado),
        "referencia_pago": solicitud.referencia_pago,
        "fecha_creacion": solicitud.fecha,
        "fecha_actualizacion": pago.fecha_actualizacion,
        "fecha_procesamiento": pago.fecha_procesamiento,
        "mensaje_error": pago.mensaje_error,
    }


LECTURA = Lectura(pagos, _fila)


class LecturasPagos:
    """Queries in the contract's field names."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._totales = LecturaTotales(motor, TOTALES)

    def uno(self, id: UUID) -> dict[str, Any] | None:
        """Return a payment; None when there is none."""
        with self._motor.lectura() as con:
            fila = con.execute(select(pagos).where(pagos.c.id == id)).first()
        return _objeto(fila) if fila else None

    def lista(
        self, estado: str | None, id_afiliado: str | None, limite: int, desde: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Return a page, newest first, and the number of all matches."""
        donde = [
            columna == valor
            for columna, valor in ((pagos.c.estado, estado), (pagos.c.id_afiliado, id_afiliado))
            if valor is not None
        ]
        pagina = select(pagos).where(*donde).order_by(pagos.c.fecha_creacion.desc(), pagos.c.id.desc())
        with self._motor.lectura() as con:
            filas = con.execute(pagina.limit(limite).offset(desde)).all()
        cuentas = self._totales.leer(id_afiliado or TODOS)
        total = sum(v for c, v in cuentas.items() if c.medida == CUANTOS and estado in (None, c.clave))
        return [_objeto(f) for f in filas], int(total)

    def publicacion(self) -> dict[str, int]:
        """Return the number of public events, and how many of them the broker has."""
        cuentas = self._totales.publicacion(PUBLICADOS)
        return {nombre: cuenta for nombre, cuenta in cuentas.items() if nombre != "distribucion_por_tipo"}


def _objeto(fila: Any) -> dict[str, Any]:
    objeto = {c.name: getattr(fila, c.name) for c in pagos.c if c.name not in _RESERVADAS}
    return {**objeto, "monto": numero(fila.monto)}
