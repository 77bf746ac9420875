"""The queries of the partners' API."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from aeropartners.modulos.partners.infraestructura.tablas import integraciones, partners
from aeropartners.modulos.partners.infraestructura.totales import CUANTOS, TOTALES
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.totales.totales import TODOS


class LecturasPartners:
    """Queries in the contract's field names."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._totales = LecturaTotales(motor, TOTALES)

    def uno(self, id: str) -> tuple[Any, Sequence[Any]] | None:
        """Return the row of a partner and the rows of its integrations, oldest first; None without it."""
        suyas = select(integraciones).where(integraciones.c.partner_id == id)
        with self._motor.lectura() as con:
            fila = con.execute(select(partners).where(partners.c.id == id)).first()
            if fila is None:
                return None
            i = integraciones.c
            return fila, con.execute(suyas.order_by(i.fecha_creacion, i.id)).all()

    def lista(self, limite: int | None, desde: int) -> tuple[Sequence[Any], int]:
        """Return a page of partners, deleted ones too, oldest first, and the number of all."""
        p, i = partners.c, integraciones.c
        cuantas = select(func.count()).where(i.partner_id == p.id).scalar_subquery()
        pagina = select(partners, cuantas.label("integraciones_count")).order_by(p.fecha_creacion, p.id)
        if limite is not None:
            pagina = pagina.limit(limite)
        with self._motor.lectura() as con:
            filas = con.execute(pagina.offset(desde) if limite is not None else pagina).all()
        filas = filas if limite is not None else filas[desde:]
        total = sum(int(v) for c, v in self._totales.leer(TODOS).items() if c.medida == CUANTOS)
        return filas, total

    def partner_de(self, integracion_id: str) -> str | None:
        """Return the id of the partner that has this integration; None when there is none."""
        i = integraciones.c
        with self._motor.lectura() as con:
            return con.scalar(select(i.partner_id).where(i.id == integracion_id))
