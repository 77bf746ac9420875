"""Upkeep goes on beside whatever is in its way: rows dated ahead, readers, pieces that cannot be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, event, text

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from aeropartners.seedwork.infraestructura.operacion import particiones
from aeropartners.seedwork.infraestructura.operacion.metricas_mantenimiento import MetricasMantenimiento
from aeropartners.seedwork.infraestructura.operacion.particiones import (
    DIA,
    SEMANA,
    Mantenimiento,
    Particion,
)
from tests.conformidad.archivo import LUNES, TABLAS, Archivo
from tests.conformidad.test_proyecciones import SOLO_POSTGRES

TODAS = ("entrada", "saga_compensaciones", "saga_eventos", "saga_partners", "saga_pasos", "sagas")
LUGARES = "SELECT array_agg((saga_id, version, tx, posicion) ORDER BY posicion) FROM saga_eventos"


def cuidado(motor: Motor) -> Mantenimiento:
    return Mantenimiento(motor, RelojReal())


def escribir(motor: Motor, *ordenes: str, **valores: Any) -> None:
    with motor.escritura() as con:
        for orden in ordenes:
            con.execute(text(orden), valores)
        con.commit()


def valor(motor: Motor, consulta: str, **valores: Any) -> Any:
    with motor.lectura() as con:
        return con.execute(text(consulta), valores).scalar()


def particiones_de(motor: Motor, tabla: str) -> set[str]:
    consulta = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:t AS regclass)")
    with motor.lectura() as con:
        return set(con.execute(consulta, {"t": tabla}).scalars())


def id_de(momento: datetime) -> UUID:
    return UUID(int=particiones.frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1)


def hacer_vieja(motor: Motor) -> Particion:
    """Make a partition of the inbox that is past its time."""
    hoy = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    vieja = Particion("entrada", hoy - 10 * DIA, DIA)
    with motor.escritura() as con:
        particiones.crear(vieja, con)
        con.commit()
    return vieja


@contextmanager
def leyendo(motor: Motor, tabla: str) -> Iterator[Connection]:
    """Somebody reads a table in a transaction that does not end: a dump."""
    with motor.lectura() as con:
        con.exec_driver_sql(f"LOCK TABLE {tabla} IN ACCESS SHARE MODE")
        yield con


@SOLO_POSTGRES
def test_las_filas_de_mas_adelante_entran_en_su_particion(motor: Motor) -> None:
    """Rows of a day and of a week to come, in each table, are in the way of nothing: they move in, all."""
    ahora = datetime.now(UTC)
    archivo = Archivo(motor)
    dentro = archivo.iniciar(ahora + 2 * SEMANA)
    archivo.terminar(archivo.iniciar(ahora + SEMANA))
    partner = "INSERT INTO saga_partners SELECT CAST(:id AS uuid), 'c', 's', 'p', now(), now(), NULL, '{}'"
    escribir(
        motor,
        f"{partner}, NULL, NULL, NULL, '[]', '{{}}'",
        "INSERT INTO entrada (id, consumidor) VALUES (CAST(:de_manana AS uuid), 'x')",
        id=str(dentro),
        de_manana=str(id_de(ahora + DIA)),
    )
    antes = {t: valor(motor, f"SELECT count(*) FROM {t}") for t in TODAS}
    lugares = valor(motor, LUGARES)
    mantenimiento = cuidado(motor)
    mantenimiento.una_ronda()
    assert (mantenimiento.fallos, mantenimiento.faltan) == ({}, None)
    assert {p.nombre for p in particiones.deseadas(ahora, TODAS[1:])} <= {
        n for t in TODAS for n in particiones_de(motor, t)
    }
    assert {t: valor(motor, f"SELECT count(*) FROM {t}_otras") for t in TODAS} == dict.fromkeys(TODAS, 0)
    assert {t: valor(motor, f"SELECT count(*) FROM {t}") for t in TODAS} == antes
    assert lugares == valor(motor, LUGARES)
    archivo.terminar(dentro)
    assert archivo.contadas() == {"COMPLETADA": 2}


def tomar_el_papel(conexion: Any, _registro: object) -> None:
    """Have a session of the driver do only what the application may."""
    with conexion.cursor() as cursor:
        cursor.execute("SET ROLE aeropartners_app")
    conexion.commit()


@SOLO_POSTGRES
def test_basta_el_papel_de_la_aplicacion(motor: Motor) -> None:
    """A process that owns no table makes partitions, moves rows into them, drops and deletes what is old."""
    vieja = hacer_vieja(motor)
    suyo = Motor(motor.url)
    for maquina in (suyo._escritura, suyo._lectura):
        event.listen(maquina, "connect", tomar_el_papel)
    nueva = "INSERT INTO entrada (id, consumidor) VALUES (CAST(:id AS uuid), 'x')"
    escribir(suyo, nueva, id=str(id_de(datetime.now(UTC))))
    mantenimiento = cuidado(suyo)
    mantenimiento.una_ronda()
    assert (mantenimiento.fallos, mantenimiento.faltan) == ({}, None)
    assert vieja.nombre not in particiones_de(motor, "entrada")
    assert valor(suyo, "SELECT count(*) FROM entrada_otras") == 0
    assert valor(suyo, "SELECT count(*) FROM entrada") == 1
    suyo.cerrar()


@SOLO_POSTGRES
def test_lo_que_no_se_puede_hacer_no_para_lo_demas(motor: Motor) -> None:
    """A partition that cannot be made is named and counted; it matters only when it is of the present."""
    ahora = datetime.now(UTC)
    lunes = particiones.LUNES + (ahora - particiones.LUNES) // SEMANA * SEMANA
    estorbo = "CREATE TABLE estorbo PARTITION OF sagas FOR VALUES FROM ('{}') TO ('{}')"
    desde, hasta = lunes + SEMANA + DIA, lunes + SEMANA + 2 * DIA
    escribir(motor, estorbo.format(particiones.frontera(desde), particiones.frontera(hasta)))
    mantenimiento = cuidado(motor)
    mantenimiento.una_ronda()
    suya = Particion("sagas", lunes + SEMANA, SEMANA).nombre
    assert (list(mantenimiento.fallos), mantenimiento.faltan) == ([suya], None)
    hechas = {n for t in TODAS for n in particiones_de(motor, t)}
    assert {p.nombre for p in particiones.deseadas(ahora, TODAS[1:]) if p.tabla != "sagas"} <= hechas
    # The same a week later is the present.
    escribir(motor, "DROP TABLE estorbo", f"DROP TABLE {Particion('sagas', lunes, SEMANA).nombre}")
    desde, hasta = lunes + DIA / 2, lunes + DIA
    escribir(motor, estorbo.format(particiones.frontera(desde), particiones.frontera(hasta)))
    metricas = MetricasMantenimiento(mantenimiento)
    mantenimiento.una_ronda()
    assert mantenimiento.faltan
    assert mantenimiento.faltan[1] == [Particion("sagas", lunes, SEMANA).nombre]
    assert {f.name: f.samples[0].value for f in metricas.collect()} == {
        "upkeep_failures": 1,
        "partitions_missing": 1,
    }
    escribir(motor, "DROP TABLE estorbo")
    mantenimiento.una_ronda()
    assert (mantenimiento.fallos, mantenimiento.faltan) == ({}, None)


@SOLO_POSTGRES
def test_a_un_lector_se_le_espera_un_segundo(motor: Motor) -> None:
    """Beside a dump of the inbox nothing of it is made or dropped, all the rest is; and then it is."""
    ahora, vieja = datetime.now(UTC), hacer_vieja(motor)
    mantenimiento = cuidado(motor)
    with leyendo(motor, "entrada"), leyendo(motor, "entrada_otras"):
        mantenimiento.una_ronda()
        assert {n.rpartition("_")[0] for n in mantenimiento.fallos} == {"entrada"}
        assert mantenimiento.faltan
        assert len(particiones_de(motor, "saga_eventos")) > 3
        assert particiones_de(motor, "entrada") == {"entrada_otras", vieja.nombre}
        nueva = "INSERT INTO entrada (id, consumidor) VALUES (CAST(:id AS uuid), 'x')"
        escribir(motor, nueva, id=str(id_de(ahora)))
    mantenimiento.una_ronda()
    assert (mantenimiento.fallos, mantenimiento.faltan) == ({}, None)
    assert vieja.nombre not in particiones_de(motor, "entrada")
    assert valor(motor, "SELECT count(*) FROM entrada_otras") == 0


@SOLO_POSTGRES
def test_quien_lee_la_tabla_madre_no_estorba(motor: Motor) -> None:
    """Made apart and attached: beside a reader, and a writer, of the parent all partitions are made."""
    mantenimiento = cuidado(motor)
    with motor.lectura() as con:
        for tabla in TODAS:
            con.exec_driver_sql(f"LOCK TABLE ONLY {tabla} IN ROW EXCLUSIVE MODE")
        mantenimiento.una_ronda()
    assert (mantenimiento.fallos, mantenimiento.faltan) == ({}, None)


@SOLO_POSTGRES
def test_la_retencion_y_las_migraciones_tampoco_esperan(motor: Motor) -> None:
    """Beside a dump a week stays whole, and a migration begins again until the dump is over."""
    archivo = Archivo(motor)
    with motor.escritura() as con:
        for tabla in TABLAS:
            particiones.crear(Particion(tabla, LUNES, SEMANA), con)
        con.commit()
    archivo.terminar(archivo.iniciar(LUNES))
    with leyendo(motor, Particion("saga_eventos", LUNES, SEMANA).nombre), pytest.raises(Conflicto):
        archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] > 0
    escribir(
        motor,
        "UPDATE alembic_version SET version_num = '0016'",
        "DROP INDEX muertos_fecha, claves_idempotencia_creado, entrada_otras_vista, entrada_ajena",
        "DROP VIEW event_inbox_campanas",
        "ALTER TABLE entrada DROP COLUMN ajena",
        "DROP SCHEMA cafeteria CASCADE",
        "DROP TABLE temas_detenidos, procesos, esquema, definiciones, contadores, menu_productos,"
        " menu_categorias, pedidos_cafeteria, inventario_cafeteria_existencias,"
        " inventario_cafeteria_reservas",
        "ALTER TABLE reintentos DROP COLUMN falta, DROP COLUMN falta_version",
        "ALTER TABLE sagas DROP COLUMN reintento",
        "ALTER TABLE claves_idempotencia DROP COLUMN cliente",
        "ALTER TABLE claves_idempotencia ADD CONSTRAINT claves_idempotencia_pkey"
        " PRIMARY KEY (servicio, ruta, clave)",
        "CREATE VIEW event_inbox_campanas AS SELECT id AS event_id, CAST('' AS varchar(100)) AS event_type,"
        " vista AS processed_at, CAST('{}' AS json) AS payload FROM entrada",
    )
    pausas: list[float] = []
    with leyendo(motor, "muertos") as dump:
        dump.exec_driver_sql("LOCK TABLE muertos IN SHARE ROW EXCLUSIVE MODE")

        def terminar_el_volcado(segundos: float) -> None:
            pausas.append(segundos)
            dump.rollback()

        migraciones.aplicar(motor, dormir=terminar_el_volcado)
    assert len(pausas) == 1
    assert migraciones.al_dia(motor)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] == 0


@SOLO_POSTGRES
def test_una_semana_con_particiones_a_medias_se_va_entera(motor: Motor) -> None:
    """Where a table of a week has its partition and another has not, the rows of both go."""
    archivo = Archivo(motor)
    with motor.escritura() as con:
        particiones.crear(Particion("sagas", LUNES, SEMANA), con)
        con.commit()
    archivo.terminar(archivo.iniciar(LUNES))
    archivo.retencion.retirar(LUNES)
    assert archivo.filas() == dict.fromkeys(TABLAS, 0)


def test_lo_viejo_se_va_por_partes(motor: Motor, monkeypatch: pytest.MonkeyPatch) -> None:
    """All inbox rows older than 8 days go, however many at a time, and none that is younger."""
    monkeypatch.setattr(particiones, "DE_UNA_VEZ", 2)
    ahora = datetime.now(UTC)
    for dias in (20, 9, 10, 15, 9, 7, 1):
        momento = ahora - timedelta(days=dias)
        escribir(
            motor,
            "INSERT INTO entrada (id, consumidor, vista) VALUES (:id, 'x', :m)",
            id=str(uuid4()),
            m=momento if motor.es_postgres else texto_utc(momento),
        )
    mantenimiento = cuidado(motor)
    mantenimiento.una_ronda()
    assert mantenimiento.fallos == {}
    assert valor(motor, "SELECT count(*) FROM entrada") == 2
