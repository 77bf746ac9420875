"""Metrics of the messages that wait in one database: outbox, messages set aside and dead letters."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Table, func, literal, select
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import muertos, reintentos, salida, temas_detenidos

TOPE = 100_000


class MetricasBandejas(Collector):
    """Reads the figures at each scrape by bounded queries; without a database only `database_up` 0."""

    def __init__(self, motor: Motor, reloj: Reloj) -> None:
        self._motor = motor
        self._reloj = reloj
        self._sql = dialecto_de(motor)

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        try:
            with self._motor.lectura() as con:
                bandejas = [
                    *self._salida(con),
                    self._detenidos(con),
                    _por_consumidor(con, reintentos),
                    _por_consumidor(con, muertos),
                ]
        except SQLAlchemyError:
            return [_base(0)]
        return [_base(1), *bandejas]

    def _salida(self, con: Connection) -> list[Metric]:
        ahora = self._sql.ahora(con, self._reloj)
        primera = con.execute(select(salida.c.creado).order_by(salida.c.posicion).limit(1)).scalar()
        acotada = select(literal(1)).select_from(salida).limit(TOPE).subquery()
        filas = con.execute(select(func.count()).select_from(acotada)).scalar_one()
        edad = max((ahora - primera).total_seconds(), 0.0) if primera else 0.0
        return [
            GaugeMetricFamily(
                "outbox_bursts", f"Ráfagas en la salida que el broker no confirmó (hasta {TOPE})", value=filas
            ),
            GaugeMetricFamily(
                "outbox_oldest_seconds", "Edad de la ráfaga más vieja de la salida", value=edad
            ),
        ]

    def _detenidos(self, con: Connection) -> Metric:
        familia = GaugeMetricFamily(
            "outbox_topic_waiting_seconds",
            "Desde cuándo un tema no toma mensajes, que esperan en la salida, y por qué",
            labels=["topic", "cause"],
        )
        ahora = self._sql.ahora(con, self._reloj)
        for d in con.execute(select(temas_detenidos)):
            familia.add_metric([d.tema, d.causa], max((ahora - d.desde).total_seconds(), 0.0))
        return familia


def _base(valor: float) -> Metric:
    return GaugeMetricFamily("database_up", "Si la base de datos contesta", value=valor)


_NOMBRES = {
    reintentos: ("retry_messages", "Mensajes que fallaron y esperan su siguiente intento"),
    muertos: ("dead_messages", "Mensajes muertos que esperan a un operador"),
}


def _por_consumidor(con: Connection, tabla: Table) -> Metric:
    acotada = select(tabla.c.consumidor).limit(TOPE).subquery()
    filas = con.execute(select(acotada.c.consumidor, func.count()).group_by(acotada.c.consumidor))
    familia = GaugeMetricFamily(*_NOMBRES[tabla], labels=["consumer"])
    for consumidor, cuantos in filas:
        familia.add_metric([consumidor], cuantos)
    return familia
