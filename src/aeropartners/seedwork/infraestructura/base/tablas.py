"""The tables of the platform, as SQLAlchemy describes them; the migrations create them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

metadatos = MetaData()

eventos = Table(
    "eventos",
    metadatos,
    Column("flujo", Id, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("tipo_flujo", String(40)),
    Column("tipo", String(100)),
    Column("version_evento", Integer),
    Column("datos", JSON),
    Column("saga_id", Id),
    Column("correlacion_id", String(100)),
    Column("causa_id", Id),
    Column("fecha", Momento),
    Column("lote", Id),
    Column("id", Id),
)
entrada = Table(
    "entrada",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("consumidor", String(60), primary_key=True),
    Column("vista", Momento),
    # The id that the sender of a message on a public topic chose.
    Column("ajena", Id),
)
salida = Table(
    "salida",
    metadatos,
    Column("posicion", BigInteger, primary_key=True),
    Column("lote", Id),
    Column("creado", Momento),
    Column("cuerpo", LargeBinary),
)
# The topics that refuse messages for now, as the relay records them.
temas_detenidos = Table(
    "temas_detenidos",
    metadatos,
    Column("tema", String(200), primary_key=True),
    Column("causa", Text),
    Column("desde", Momento),
)
unicos = Table(
    "unicos",
    metadatos,
    Column("ambito", String(60), primary_key=True),
    Column("valor", String(300), primary_key=True),
    Column("flujo", Id),
)
claves_idempotencia = Table(
    "claves_idempotencia",
    metadatos,
    Column("servicio", String(60), primary_key=True),
    Column("ruta", String(200), primary_key=True),
    Column("clave", String(255), primary_key=True),
    Column("cliente", String(32), primary_key=True, server_default=""),
    Column("huella", String(64)),
    Column("estado", Integer),
    Column("cuerpo", JSON),
    Column("creado", Momento),
)
_apartado = (
    ("consumidor", String(60)),
    ("id", Id),
    ("tema", String(200)),
    ("cuerpo", LargeBinary),
    ("intentos", Integer),
    ("error", Text),
)
reintentos = Table(
    "reintentos",
    metadatos,
    *(Column(n, t, primary_key=n in ("consumidor", "id")) for n, t in _apartado),
    Column("proximo", Momento),
    Column("falta", String(200)),
    Column("falta_version", Integer),
)
muertos = Table(
    "muertos",
    metadatos,
    *(Column(n, t, primary_key=n in ("consumidor", "id")) for n, t in _apartado),
    Column("fecha", Momento),
)
intentos = Table(
    "intentos",
    metadatos,
    Column("consumidor", String(60), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("intentos", Integer),
)
contadores = Table(
    "contadores", metadatos, Column("nombre", String(100), primary_key=True), Column("valor", BigInteger)
)
turnos = Table(
    "turnos", metadatos, Column("consumidor", String(60), primary_key=True), Column("limpio", Boolean)
)
instantaneas = Table(
    "instantaneas",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("tipo_flujo", String(40)),
    Column("version", Integer),
    Column("forma", Integer),
    Column("datos", JSON),
)
# The worst delay of each process, while it is large enough to matter.
retrasos = Table(
    "retrasos",
    metadatos,
    Column("proceso", Id, primary_key=True),
    Column("bucle", String(60)),
    Column("retraso_ms", Integer),
    Column("momento", Momento),
)
# The living processes: the versions each can read, its clock, and how far it has read its replies.
procesos = Table(
    "procesos",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("servicio", String(60)),
    Column("version", String(40)),
    Column("conoce", JSON),
    Column("desfase_ms", BigInteger),
    Column("situacion", String(20)),
    Column("demora_ms", BigInteger),
    Column("visto", Momento),
)
proyecciones = Table(
    "proyecciones",
    metadatos,
    Column("nombre", String(60), primary_key=True),
    Column("generacion", Integer, primary_key=True),
    Column("activa", Boolean),
    Column("tx", BigInteger),
    Column("posicion", BigInteger),
)
# The difference that each transaction makes to the totals, until the projector has added it.
totales_pendientes = Table(
    "totales_pendientes",
    metadatos,
    Column("proyeccion", String(60)),
    Column("posicion", BigInteger, primary_key=True),
    Column("cambios", Text),
)
totales = Table(
    "totales",
    metadatos,
    Column("proyeccion", String(60), primary_key=True),
    Column("generacion", Integer, primary_key=True),
    Column("grupo", String(255), primary_key=True),
    Column("clave", String(100), primary_key=True),
    Column("medida", String(40), primary_key=True),
    Column("valor", Monto),
)
