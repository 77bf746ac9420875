"""The read tables of reports and the queries of their API."""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Integer, RowMapping, String, Table, Text, select

from aeropartners.modulos.reporting.dominio.reporte import Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import SERVICIO, ServicioDatos
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import eventos, metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

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
CAMPOS = ("tipo", "estado", "fecha_generacion", "datos", "metadatos", "version_servicio_datos")


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


def objeto(fila: Fila | RowMapping) -> dict[str, Any]:
    """Return a report's row in the contract's fields."""
    return {"id": fila["id_publico"], **{campo: fila[campo] for campo in CAMPOS}}


def objeto_de(reporte: Reporte) -> dict[str, Any] | None:
    """Return the body of a report; None for one that was never created."""
    fila = _fila(reporte)
    return fila and objeto(fila)


class LecturasReportes:
    """Queries in the contract's field names; `inicial` is the service before the first switch."""

    def __init__(self, motor: Motor, inicial: tuple[str, str]) -> None:
        self.motor = motor
        self._inicial = inicial

    def uno(self, id_publico: str) -> RowMapping | None:
        """Return the row of a report; None when there is none."""
        consulta = select(reportes).where(reportes.c.id_publico == id_publico)
        with self.motor.lectura() as con:
            return con.execute(consulta).mappings().first()

    def lista(self, tipo: str | None, limite: int) -> list[dict[str, Any]]:
        """Return the newest reports, at most `limite`."""
        orden = (reportes.c.fecha_generacion.desc(), reportes.c.id.desc())
        consulta = select(reportes).order_by(*orden).limit(limite)
        if tipo:
            consulta = consulta.where(reportes.c.tipo == tipo)
        with self.motor.lectura() as con:
            return [objeto(fila) for fila in con.execute(consulta).mappings()]

    def activa(self) -> tuple[str, str]:
        """Return url and version of the active service."""
        actual = self.configuracion()
        return actual["url"], actual["version"]

    def configuracion(self) -> dict[str, Any]:
        """Return the active configuration; before the first switch it has no date."""
        with self.motor.lectura() as con:
            fila = con.execute(select(configuracion)).first()
        if fila is None:
            return _configuracion(*self._inicial, True, None)
        return _configuracion(fila.url, fila.version_servicio, True, fila.fecha_actualizacion)

    def historial(self) -> list[dict[str, Any]]:
        """Return all switches, oldest first."""
        cambios = (
            select(eventos.c.datos, eventos.c.fecha)
            .where(eventos.c.flujo == SERVICIO)
            .order_by(eventos.c.version)
        )
        with self.motor.lectura() as con:
            filas = con.execute(cambios).all()
        return [
            _configuracion(datos["url"], datos["version"], numero == len(filas), fecha)
            for numero, (datos, fecha) in enumerate(filas, 1)
        ]


def _configuracion(url: str, version: str, activo: bool, fecha: object) -> dict[str, Any]:
    return {"url": url, "version": version, "activo": activo, "fecha_actualizacion": fecha}
