"""The read tables of reports and the queries of their API."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text, select

from aeropartners.modulos.reporting.dominio.reporte import SERVICIO, Reporte, ServicioDatos
from aeropartners.seedwork.infraestructura.almacen import Lectura
from aeropartners.seedwork.infraestructura.dialecto import Fila
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import eventos, metadatos
from aeropartners.seedwork.infraestructura.tipos import Id, Momento

reportes = Table(
    "reportes_filas",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("id_publico", String(100)),
    Column("tipo", String(50)),
    Column("estado", String(20)),
    Column("fecha_generacion", Momento),
    Column("datos", JSON),
    Column("metadatos", JSON),
    Column("version_servicio_datos", String(50)),
    Column("version", Integer),
)
configuracion = Table(
    "servicio_datos_filas",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("url", Text),
    Column("version_servicio", String(50)),
    Column("activo", Boolean),
    Column("fecha_actualizacion", Momento),
    Column("version", Integer),
)


def _fila(reporte: Reporte) -> Fila | None:
    ficha = reporte.ficha
    if ficha is None:
        return None
    return {
        "id": reporte.id,
        "id_publico": ficha.id_publico,
        "tipo": ficha.tipo,
        "estado": str(reporte.estado),
        "fecha_generacion": ficha.fecha,
        "datos": ficha.datos,
        "metadatos": {"filtros_aplicados": ficha.filtros},
        "version_servicio_datos": ficha.version_servicio_datos,
    }


def _fila_servicio(servicio: ServicioDatos) -> Fila | None:
    actual = servicio.actual
    if actual is None:
        return None
    return {
        "id": servicio.id,
        "url": actual.url,
        "version_servicio": actual.version,
        "activo": True,
        "fecha_actualizacion": actual.fecha,
    }


LECTURA = Lectura(reportes, _fila)
LECTURA_SERVICIO = Lectura(configuracion, _fila_servicio)


class LecturasReportes:
    """Queries in the contract's words; `inicial` is the service until another one was configured."""

    def __init__(self, motor: Motor, inicial: tuple[str, str]) -> None:
        self._motor = motor
        self._inicial = inicial

    def uno(self, id_publico: str) -> Any:
        """Return the row of a report, or None."""
        with self._motor.lectura() as con:
            return con.execute(select(reportes).where(reportes.c.id_publico == id_publico)).first()

    def lista(self, tipo: str | None, limite: int) -> list[Any]:
        """Return the newest reports."""
        donde = [reportes.c.tipo == tipo] if tipo else []
        with self._motor.lectura() as con:
            orden = (reportes.c.fecha_generacion.desc(), reportes.c.id.desc())
            return list(con.execute(select(reportes).where(*donde).order_by(*orden).limit(limite)))

    def activa(self) -> tuple[str, str]:
        """Return url and version of the active service."""
        with self._motor.lectura() as con:
            fila = con.execute(select(configuracion)).first()
        return (fila.url, fila.version_servicio) if fila else self._inicial

    def configuracion(self) -> dict[str, Any]:
        """Return the active configuration."""
        with self._motor.lectura() as con:
            fila = con.execute(select(configuracion)).first()
        url, version = (fila.url, fila.version_servicio) if fila else self._inicial
        fecha = fila.fecha_actualizacion if fila else None
        return {"url": url, "version": version, "activo": True, "fecha_actualizacion": fecha}

    def historial(self) -> list[dict[str, Any]]:
        """Return all configurations, oldest first."""
        with self._motor.lectura() as con:
            filas = con.execute(
                select(eventos.c.datos).where(eventos.c.flujo == SERVICIO).order_by(eventos.c.version)
            ).all()
        ultimo = len(filas) - 1
        return [
            {
                "url": f.datos["url"],
                "version": f.datos["version"],
                "activo": i == ultimo,
                "fecha_actualizacion": f.datos["fecha"],
            }
            for i, f in enumerate(filas)
        ]
