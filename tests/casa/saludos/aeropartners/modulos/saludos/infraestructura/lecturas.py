"""The read table of the toy module."""

from aeropartners.modulos.saludos.dominio.saludo import Saludo
from sqlalchemy import Column, Integer, String, Table, Text

from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id

saludos = Table(
    "saludos",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("texto", Text),
    Column("estado", String(20)),
    Column("version", Integer),
)


def _fila(saludo: Saludo) -> Fila | None:
    if saludo.texto is None:
        return None
    return {"id": saludo.id, "texto": saludo.texto, "estado": "CALLADO" if saludo.callado else "DICHO"}


LECTURA = Lectura(saludos, _fila)
