"""The read table of contracts and the queries of its API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Integer, String, Table, func, select

from aeropartners.modulos.alianzas.dominio.contrato import Contrato
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

contratos = Table(
    "contratos",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("partner_id", String(100)),
    Column("saga_id", Id),
    Column("tipo", String(20)),
    Column("fecha_inicio", Date),
    Column("fecha_fin", Date),
    Column("monto", Monto),
    Column("moneda", String(10)),
    Column("condiciones", String(255)),
    Column("estado", String(20)),
    Column("created_at", Momento),
    Column("updated_at", Momento),
    Column("version", Integer),
)


def _fila(contrato: Contrato) -> Fila | None:
    ficha = contrato.ficha
    if ficha is None:
        return None
    return {
        "id": contrato.id,
        "partner_id": ficha.partner_id,
        "saga_id": ficha.saga_id,
        "tipo": ficha.tipo,
        "fecha_inicio": ficha.fecha_inicio.isoformat(),
        "fecha_fin": contrato.fecha_fin and contrato.fecha_fin.isoformat(),
        "monto": contrato.monto,
        "moneda": contrato.moneda,
        "condiciones": contrato.condiciones,
        "estado": str(contrato.estado),
        "created_at": ficha.fecha,
        "updated_at": contrato.fecha_actualizacion,
    }


LECTURA = Lectura(contratos, _fila)


class LecturasContratos:
    """Queries that return rows in the contract's field names."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def uno(self, id: UUID) -> Any:
        """Return the row of a contract; None when there is none."""
        with self._motor.lectura() as con:
            return con.execute(select(contratos).where(contratos.c.id == id)).first()

    def lista(
        self, partner_id: str | None, saga_id: UUID | None, limite: int | None, desde: int
    ) -> tuple[Sequence[Any], int]:
        """Return a page, oldest first, and the number of all matches."""
        c = contratos.c
        donde = [c.partner_id == partner_id] if partner_id is not None else []
        donde += [c.saga_id == saga_id] if saga_id is not None else []
        pagina = select(contratos).where(*donde).order_by(c.created_at, c.id)
        # SQLite does not allow OFFSET without LIMIT.
        pagina = pagina.limit(2**62 if limite is None else limite).offset(desde)
        with self._motor.lectura() as con:
            total = con.scalar(select(func.count()).select_from(contratos).where(*donde))
            return con.execute(pagina).all(), int(total or 0)
