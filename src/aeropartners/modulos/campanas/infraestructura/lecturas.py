"""The read table of campaigns and the queries of its API."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, Text, func, select

from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.dominio.metricas import Metricas
from aeropartners.seedwork.infraestructura.almacen import Lectura
from aeropartners.seedwork.infraestructura.dialecto import Fila
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import eventos, metadatos, salida
from aeropartners.seedwork.infraestructura.tipos import Id, Momento, Monto

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


def activas_de(con: Connection, id_afiliado: str) -> list[UUID]:
    """Return the running campaigns of an affiliate (a partial index serves it)."""
    filas = con.execute(
        select(campanas.c.id).where(campanas.c.estado == "ACTIVA", campanas.c.id_afiliado == id_afiliado)
    )
    return [id for (id,) in filas]


class LecturasCampanas:
    """Queries in the contract's words."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def una(self, id: UUID) -> Any:
        """Return the row of a campaign, or None."""
        with self._motor.lectura() as con:
            return con.execute(select(campanas).where(campanas.c.id == id)).first()

    def lista(self, id_afiliado: str | None, limite: int, desde: int) -> tuple[Sequence[Any], int]:
        """Return a page, newest first, and the number of matches before paging."""
        donde = [campanas.c.id_afiliado == id_afiliado] if id_afiliado else []
        with self._motor.lectura() as con:
            total = con.execute(select(func.count()).select_from(campanas).where(*donde)).scalar_one()
            filas = con.execute(
                select(campanas)
                .where(*donde)
                .order_by(campanas.c.fecha_creacion.desc(), campanas.c.id.desc())
                .limit(limite)
                .offset(desde)
            ).all()
        return filas, total

    def generales(self, id_afiliado: str | None) -> dict[str, Any]:
        """Return the general statistics, of all or of one affiliate."""
        donde = [campanas.c.id_afiliado == id_afiliado] if id_afiliado else []
        c = campanas.c
        with self._motor.lectura() as con:
            filas = con.execute(
                select(
                    c.estado,
                    func.count(),
                    func.sum(c.impresiones),
                    func.sum(c.clicks),
                    func.sum(c.conversiones),
                    func.sum(c.gasto_actual),
                )
                .where(*donde)
                .group_by(c.estado)
            ).all()
        suma = Metricas(
            impresiones=int(sum(f[2] or 0 for f in filas)),
            clicks=int(sum(f[3] or 0 for f in filas)),
            conversiones=int(sum(f[4] or 0 for f in filas)),
            gasto_actual=sum((Decimal(f[5] or 0) for f in filas), Decimal(0)),
        )
        return {
            "total_campanas": sum(f[1] for f in filas),
            "metricas_agregadas": {
                "total_impresiones": suma.impresiones,
                "total_clicks": suma.clicks,
                "total_conversiones": suma.conversiones,
                "total_gasto": suma.gasto_actual.quantize(Decimal("0.01")),
                "ctr_promedio": suma.ctr,
                "tasa_conversion_promedio": suma.tasa_conversion,
            },
            "distribucion_por_estado": {f[0]: f[1] for f in filas},
            "id_afiliado": id_afiliado,
        }

    def publicacion(self) -> dict[str, Any]:
        """Return how many events there are by type, and how many still wait in the outbox."""
        de_campanas = (eventos.c.tipo_flujo == Campana.tipo, eventos.c.tipo != "CampanaAnulada")
        with self._motor.lectura() as con:
            por_tipo = con.execute(
                select(eventos.c.tipo, func.count()).where(*de_campanas).group_by(eventos.c.tipo)
            ).all()
            pendientes = con.execute(
                select(func.count())
                .select_from(eventos.join(salida, salida.c.lote == eventos.c.lote))
                .where(*de_campanas)
            ).scalar_one()
        total = sum(cuantos for _, cuantos in por_tipo)
        return {
            "total_eventos": total,
            "eventos_procesados": total - pendientes,
            "eventos_pendientes": pendientes,
            "distribucion_por_tipo": {tipo: cuantos for tipo, cuantos in por_tipo},
        }


def metricas_de(fila: Any) -> Metricas:
    """Return the figures of a row."""
    return Metricas(fila.impresiones, fila.clicks, fila.conversiones, fila.gasto_actual)
