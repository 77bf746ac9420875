"""The table of partner sagas in the contract's words, and the view over it (004, section 9)."""

from sqlalchemy import JSON, Boolean, Column, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento
from saga_orchestrator.infraestructura.almacen.tablas import vistas

_DOCUMENTO = JSON().with_variant(JSONB(), "postgresql")
saga_partners = Table(
    "saga_partners",
    metadatos,
    Column("saga_id", Id, primary_key=True),
    Column("correlation_id", String(100)),
    Column("status", String(50)),
    Column("current_step", String(50)),
    Column("created_at", Momento),
    Column("updated_at", Momento),
    Column("completed_at", Momento),
    Column("partner_data", _DOCUMENTO),
    Column("partner_id", String(100)),
    Column("alliance_id", String(100)),
    Column("error", Text),
    Column("compensation_actions", _DOCUMENTO),
    Column("steps", _DOCUMENTO),
)
saga_states = Table(
    "saga_states",
    vistas,
    *(Column(c.name, c.type, primary_key=c.primary_key) for c in saga_partners.c),
    Column("requiere_atencion", Boolean),
)
