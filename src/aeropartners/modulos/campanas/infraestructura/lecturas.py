"""The read table of campaigns and the queries of its API."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, Text, bindparam, select

from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.dominio.metricas import Metricas
from aeropartners.modulos.campanas.infraestructura.totales import CUANTAS, PUBLICADOS, TOTALES
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, Totales

MEDIDAS = ("impresiones", "clicks", "conversiones", "gasto_actual")
campanas = Table(
    "campanas",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("nombre", String(255)),
    Column("tipo", String(20)),
    Column("descripcion", Text),
    Column("estado", String(20)),
    Column("presupuesto_monto", Monto),
    Column("presupuesto_moneda", String(3)),
    Column("fecha_inicio", Momento),
    Column("fecha_fin", Momento),
    Column("fecha_creacion", Momento),
    Column("fecha_actualizacion", Momento),
    Column("impresiones", BigInteger),
    Column("clicks", BigInteger),
    Column("conversiones", BigInteger),
    Column("gasto_actual", Monto),
    Column("id_afiliado", String(255)),
    Column("version", Integer),
)


def _fila(campana: Campana) -> Fila | None:
    datos, metricas = campana.ficha, campana.metricas
    if datos is None:
        return None
    return {
        "id": campana.id,
        "nombre": datos.nombre,
        "tipo": datos.tipo,
        "descripcion": datos.descripcion,
        "estado": str(campana.estado),
        "presupuesto_monto": datos.presupuesto_monto,
        "presupuesto_moneda": datos.presupuesto_moneda,
        "fecha_inicio": datos.fecha_inicio,
        "fecha_fin": datos.fecha_fin,
        "fecha_creacion": datos.fecha,
        "fecha_actualizacion": campana.fecha_actualizacion,
        "impresiones": metricas.impresiones,
        "clicks": metricas.clicks,
        "conversiones": metricas.conversiones,
        "gasto_actual": metricas.gasto_actual,
        "id_afiliado": datos.id_afiliado,
    }


LECTURA = Lectura(campanas, _fila)


def activas_de(con: Connection, afiliados: Collection[str]) -> Mapping[str, Sequence[UUID]]:
    """Return the ids of each affiliate's active campaigns (from a partial index)."""
    activas: dict[str, list[UUID]] = {}
    for afiliado, id in con.execute(_ACTIVAS, {"afiliados": list(afiliados)}):
        activas.setdefault(afiliado, []).append(id)
    return activas


_ACTIVAS = (
    select(campanas.c.id_afiliado, campanas.c.id)
    .where(
        campanas.c.estado == "ACTIVA",
        campanas.c.id_afiliado.in_(bindparam("afiliados", expanding=True)),
    )
    .order_by(campanas.c.id)
)


class LecturasCampanas:
    """Queries in the contract's field names."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._totales = LecturaTotales(motor, TOTALES)

    def una(self, id: UUID) -> Any:
        """Return the row of a campaign; None when there is none."""
        with self._motor.lectura() as con:
            return con.execute(select(campanas).where(campanas.c.id == id)).first()

    def lista(self, id_afiliado: str | None, limite: int, desde: int) -> tuple[Sequence[Any], int]:
        """Return a page, newest first, and the number of all matches."""
        donde = [campanas.c.id_afiliado == id_afiliado] if id_afiliado else []
        with self._motor.lectura() as con:
            filas = con.execute(
                select(campanas)
                .where(*donde)
                .order_by(campanas.c.fecha_creacion.desc(), campanas.c.id.desc())
                .limit(limite)
                .offset(desde)
            ).all()
        return filas, sum(_por_estado(self._totales.leer(id_afiliado or TODOS)).values())

    def generales(self, id_afiliado: str | None) -> dict[str, Any]:
        """Return the general statistics, of all or of one affiliate."""
        totales = self._totales.leer(id_afiliado or TODOS)
        medidas = {m: sum((v for c, v in totales.items() if c.medida == m), Decimal(0)) for m in MEDIDAS}
        suma = Metricas(
            int(medidas["impresiones"]),
            int(medidas["clicks"]),
            int(medidas["conversiones"]),
            medidas["gasto_actual"],
        )
        por_estado = _por_estado(totales)
        return {
            "total_campanas": sum(por_estado.values()),
            "metricas_agregadas": {
                "total_impresiones": suma.impresiones,
                "total_clicks": suma.clicks,
                "total_conversiones": suma.conversiones,
                "total_gasto": suma.gasto_actual.quantize(Decimal("0.01")),
                "ctr_promedio": suma.ctr,
                "tasa_conversion_promedio": suma.tasa_conversion,
            },
            "distribucion_por_estado": por_estado,
            "id_afiliado": id_afiliado,
        }

    def publicacion(self) -> dict[str, Any]:
        """Return the number of events by type, and how many are still in the outbox."""
        return self._totales.publicacion(PUBLICADOS)


def _por_estado(totales: Totales) -> dict[str, int]:
    return {c.clave: int(v) for c, v in totales.items() if c.medida == CUANTAS}


def metricas_de(fila: Any) -> Metricas:
    """Return the figures in a row."""
    return Metricas(fila.impresiones, fila.clicks, fila.conversiones, fila.gasto_actual)
