"""The three rows that every peer writes, in tables like ours, and the checks of a run's effects."""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Protocol

Orden = tuple[str, tuple[Any, ...]]
"""An SQL statement with `%s` in the place of each parameter, and the parameters."""

# The columns of our own tables (migration 0003), which a test compares with these. Reports are
# stored in a table of their own here; ours has a view of this name over `reportes_filas`.
COLUMNAS = {
    "campanas": {
        "id": "uuid PRIMARY KEY",
        "nombre": "varchar(255) NOT NULL",
        "tipo": "varchar(20) NOT NULL",
        "descripcion": "text",
        "estado": "varchar(20) NOT NULL",
        "presupuesto_monto": "numeric(18,4) NOT NULL",
        "presupuesto_moneda": "varchar(3) NOT NULL",
        "fecha_inicio": "timestamptz NOT NULL",
        "fecha_fin": "timestamptz NOT NULL",
        "fecha_creacion": "timestamptz NOT NULL",
        "fecha_actualizacion": "timestamptz NOT NULL",
        "impresiones": "bigint NOT NULL",
        "clicks": "bigint NOT NULL",
        "conversiones": "bigint NOT NULL",
        "gasto_actual": "numeric(18,4) NOT NULL",
        "id_afiliado": "varchar(255) NOT NULL",
        "version": "integer NOT NULL",
    },
    "pagos": {
        "id": "uuid PRIMARY KEY",
        "id_afiliado": "varchar(200) NOT NULL",
        "monto": "numeric(18,4) NOT NULL",
        "moneda": "varchar(3) NOT NULL",
        "estado": "varchar(20) NOT NULL",
        "referencia_pago": "varchar(200) NOT NULL UNIQUE",
        "fecha_creacion": "timestamptz NOT NULL",
        "fecha_actualizacion": "timestamptz NOT NULL",
        "fecha_procesamiento": "timestamptz",
        "mensaje_error": "text",
        "version": "integer NOT NULL",
    },
    "reportes": {
        "id": "uuid PRIMARY KEY",
        "id_publico": "varchar(100) NOT NULL UNIQUE",
        "tipo": "varchar(50) NOT NULL",
        "estado": "varchar(20) NOT NULL",
        "fecha_generacion": "timestamptz NOT NULL",
        "datos": "json NOT NULL",
        "metadatos": "json NOT NULL",
        "version_servicio_datos": "varchar(50) NOT NULL",
        "version": "integer NOT NULL",
    },
}
INDICES = (
    "CREATE INDEX campanas_recientes ON campanas (fecha_creacion)",
    "CREATE INDEX campanas_activas ON campanas (id_afiliado) WHERE estado = 'ACTIVA'",
    "CREATE INDEX pagos_recientes ON pagos (fecha_creacion)",
    "CREATE INDEX reportes_recientes ON reportes (fecha_generacion)",
)
_EMPIEZA, _TERMINA = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
_MONTO, _MONEDA = 1000, "USD"


class SinCifra(Exception):
    """The effects of a run are not what they must be, so the run has no figure."""


class Cursor(Protocol):
    """What the checks need of a database cursor."""

    def execute(self, consulta: Any, /) -> Any: ...
    def fetchone(self) -> Any: ...


def tablas(opciones: str = "WITH (fillfactor = 50)") -> list[str]:
    """Return the statements that make the tables, with the storage options of ours."""
    creadas = [
        f"CREATE TABLE {tabla} ({', '.join(f'{n} {tipo}' for n, tipo in columnas.items())}) {opciones}"
        for tabla, columnas in COLUMNAS.items()
    ]
    return [*creadas, *INDICES]


def identidades(cuantas: int) -> list[str]:
    """Return saga ids: UUIDv7, as ours are, so that they go to the right edge of an index."""
    return [str(_uuid7()) for _ in range(cuantas)]


def _uuid7() -> uuid.UUID:
    azar = uuid.uuid4().int & ((1 << 62) - 1)
    return uuid.UUID(int=((time.time_ns() // 1_000_000) << 80) | (7 << 76) | (2 << 62) | azar)


def _propia(saga: str, paso: int) -> uuid.UUID:
    """Return the id of a step's row: the same one if the step is run again."""
    return uuid.UUID(int=uuid.UUID(saga).int ^ paso)


def _insertar(tabla: str) -> str:
    """A step that is run again after a crash finds its row there: the effect is idempotent, as peers ask."""
    columnas = COLUMNAS[tabla]
    huecos = ", ".join(["%s"] * len(columnas))
    return f"INSERT INTO {tabla} ({', '.join(columnas)}) VALUES ({huecos}) ON CONFLICT DO NOTHING"


_CAMPANA, _PAGO, _REPORTE = (_insertar(tabla) for tabla in COLUMNAS)


def _afiliado(saga: str) -> str:
    return f"afiliado-{int(saga[-2:], 16) % 100}"


def campana(saga: str) -> Orden:
    """Step 1: the campaign, in BORRADOR."""
    ahora = datetime.now(UTC)
    dinero, fechas = (_MONTO, _MONEDA), (_EMPIEZA, _TERMINA, ahora, ahora)
    contadores, resto = (0, 0, 0, 0), (_afiliado(saga), 1)
    datos = (saga, "Campaña", "PROMOCIONAL", None, "BORRADOR")
    return _CAMPANA, (*datos, *dinero, *fechas, *contadores, *resto)


def pago(saga: str, rechazado: bool) -> Orden:
    """Step 2: the payment, in EXITOSO, or in FALLIDO when it is refused."""
    ahora = datetime.now(UTC)
    estado, motivo = ("FALLIDO", "Fondos insuficientes") if rechazado else ("EXITOSO", None)
    datos = (_propia(saga, 1), _afiliado(saga), _MONTO, _MONEDA, estado, f"ref-{saga}")
    return _PAGO, (*datos, ahora, ahora, ahora, motivo, 1)


def reporte(saga: str) -> Orden:
    """Step 3: the report."""
    datos = json.dumps({"total_campanas": 1, "gasto_total": 0.0})
    metadatos = json.dumps({"filtros_aplicados": {}})
    identidad = (_propia(saga, 2), f"rep-{saga}", "metricas_generales", "COMPLETADO")
    return _REPORTE, (*identidad, datetime.now(UTC), datos, metadatos, "1.0.0", 1)


def cancelar(saga: str) -> Orden:
    """Compensation of step 1: the campaign, to CANCELADA."""
    actualizar = (
        "UPDATE campanas SET estado = 'CANCELADA', fecha_actualizacion = %s, version = 2 WHERE id = %s"
    )
    return actualizar, (datetime.now(UTC), saga)


def esperadas(sagas: int, rechazadas: bool) -> dict[str, int]:
    """Return each count that a run must show, by its query."""
    estado, cobro = ("CANCELADA", "FALLIDO") if rechazadas else ("BORRADOR", "EXITOSO")
    reportes = 0 if rechazadas else sagas
    pares = "campanas c JOIN pagos p ON p.referencia_pago = 'ref-' || CAST(c.id AS varchar(36))"
    trios = f"{pares} JOIN reportes r ON r.id_publico = 'rep-' || CAST(c.id AS varchar(36))"
    return {
        "SELECT count(*) FROM campanas": sagas,
        f"SELECT count(*) FROM campanas WHERE estado = '{estado}'": sagas,
        "SELECT count(*) FROM pagos": sagas,
        f"SELECT count(*) FROM pagos WHERE estado = '{cobro}'": sagas,
        "SELECT count(*) FROM reportes": reportes,
        f"SELECT count(*) FROM {pares}": sagas,
        f"SELECT count(*) FROM {trios}": reportes,
    }


def comprobar(cursor: Cursor, sagas: int, rechazadas: bool) -> None:
    """Refuse a run that lacks an effect, or has one twice or one that it must not have."""
    for consulta, esperado in esperadas(sagas, rechazadas).items():
        cursor.execute(consulta)
        if (hallado := cursor.fetchone()[0]) != esperado:
            raise SinCifra(f"Sin cifra: {consulta} da {hallado}, no {esperado}")
