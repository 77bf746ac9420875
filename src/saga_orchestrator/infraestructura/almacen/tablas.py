"""The physical tables behind the four relations of the contract (001, section 8)."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, MetaData, String, Table, Text

from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

sagas = Table(
    "sagas",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("tipo", String(100)),
    Column("definicion", Integer),
    Column("estado", String(50)),
    # Written once, when the saga ends: an indexed column that never changes costs no HOT update.
    Column("estado_final", String(50)),
    Column("datos_iniciales", JSON),
    Column("memoria", JSON),
    Column("fecha_inicio", Momento),
    Column("fecha_fin", Momento),
    Column("error_message", Text),
    Column("timeout_minutos", Integer),
    Column("correlation_id", String(100)),
    Column("requiere_atencion", Boolean),
    Column("version", BigInteger),
    Column("plazo", Momento),
    Column("revisar_en", Momento),
    # Since when the open deadline runs, if not since its request; no event of the saga has it.
    Column("plazo_desde", Momento),
    Column("reintento", Momento),
    Column("created_at", Momento),
    Column("updated_at", Momento),
)
_avance = (
    ("resultado", JSON),
    ("exitoso", Boolean),
    ("error", Text),
    ("intentos", Integer),
    ("fecha_ejecucion", Momento),
    ("fecha_fin", Momento),
    ("version", BigInteger),
    ("created_at", Momento),
    ("updated_at", Momento),
)
saga_pasos = Table(
    "saga_pasos",
    metadatos,
    Column("saga_id", Id, primary_key=True),
    Column("orden", Integer, primary_key=True),
    Column("id", Id),
    Column("tipo_paso", String(100)),
    Column("datos", JSON),
    Column("compensacion", JSON),
    *(Column(nombre, tipo) for nombre, tipo in _avance),
)
saga_compensaciones = Table(
    "saga_compensaciones",
    metadatos,
    Column("saga_id", Id, primary_key=True),
    Column("orden", Integer, primary_key=True),
    Column("id", Id),
    Column("paso_id", Id),
    Column("tipo_compensacion", String(100)),
    Column("datos", JSON),
    *(Column(nombre, tipo) for nombre, tipo in _avance),
)
saga_eventos = Table(
    "saga_eventos",
    metadatos,
    Column("saga_id", Id, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("id", Id),
    Column("orden", Integer),
    Column("clase", String(30)),
    Column("indice", Integer),
    Column("estado", String(50)),
    Column("evento_tipo", String(100)),
    Column("evento_datos", JSON),
    Column("fecha_creacion", Momento),
    Column("lote", Id),
)
vistas = MetaData()
_INTERNAS = ("memoria", "estado_final", "revisar_en", "plazo_desde", "reintento")
saga_log = Table(
    "saga_log",
    vistas,
    Column("id", Id, primary_key=True),
    *(Column(c.name, c.type) for c in sagas.c if c.name not in ("id", *_INTERNAS)),
    Column("pasos", JSON),
    Column("compensaciones", JSON),
)
