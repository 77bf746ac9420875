"""The read tables of partners (004, section 9)."""

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, Text

from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Momento

partners = Table(
    "partners",
    metadatos,
    Column("id", String(36), primary_key=True),
    Column("nombre", String(255)),
    Column("email", String(255)),
    Column("telefono", String(50)),
    Column("direccion", String(500)),
    Column("estado", String(20)),
    Column("fecha_creacion", Momento),
    Column("fecha_actualizacion", Momento),
    Column("estado_kyc", String(30)),
    Column("documentos_kyc", JSON),
    Column("version", Integer),
)
integraciones = Table(
    "integraciones",
    metadatos,
    Column("id", String(36), primary_key=True),
    Column("partner_id", String(36)),
    Column("tipo", String(20)),
    Column("nombre", String(255)),
    Column("descripcion", Text),
    Column("configuracion", JSON),
    Column("activa", Boolean),
    Column("fecha_creacion", Momento),
    Column("fecha_revocacion", Momento),
)
