"""The system at work as a database role that is not the owner, and what that role may not do."""

import uuid
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2 import errors

from tests.e2e.sistema import Sistema
from tests.esperas import hasta
from tests.red import RED

pytestmark = pytest.mark.servicios
NEGADAS = (
    "UPDATE auditoria SET actor = 'otro'",
    "DELETE FROM auditoria",
    "TRUNCATE auditoria",
    "ALTER TABLE auditoria DISABLE TRIGGER ALL",
    "DROP TRIGGER auditoria_intacta ON auditoria",
    "DROP TABLE auditoria",
    "INSERT INTO claves (id, prefijo, huella, nombre, rol, creada)"
    " VALUES (gen_random_uuid(), 'x', 'x', 'x', 'admin', now())",
    "UPDATE claves SET rol = 'admin'",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE TABLE mia (x int)",
    "DROP TABLE sagas",
    "TRUNCATE sagas",
    "SELECT crear_particion('auditoria', '20240101', gen_random_uuid(), gen_random_uuid())",
    "SELECT crear_particion('sagas', '20240101 (x int); DROP', gen_random_uuid(), gen_random_uuid())",
    "SELECT soltar_entrada(to_char(current_date, 'YYYYMMDD'))",
    "CREATE ROLE otro",
)


CAMBIOS = ("UPDATE auditoria SET actor = 'otro'", "DELETE FROM auditoria", "TRUNCATE auditoria")
# The newest week of events goes away, as if nobody had looked for weeks.
SIN_LA_ULTIMA = """
DO $$ DECLARE ultima text; BEGIN
    SELECT max(inhrelid::regclass::text) INTO ultima FROM pg_inherits
        WHERE inhparent = 'saga_eventos'::regclass AND inhrelid::regclass::text ~ '_[0-9]{8}$';
    EXECUTE 'DROP TABLE ' || ultima;
END $$
"""
PARTICIONES = "SELECT count(*) FROM pg_inherits"
TERMINADAS = "SELECT count(*) FROM saga_log WHERE estado IN ('COMPLETADA', 'COMPENSADA')"


@pytest.fixture
def usuario(sistema: Sistema) -> Iterator[str]:
    """The URL of a login role that is a member of the application's role."""
    nombre = f"app_{uuid.uuid4().hex[:12]}"
    mandar(sistema.database_url, f"CREATE ROLE {nombre} LOGIN PASSWORD '{nombre}' IN ROLE aeropartners_app")
    yield f"postgresql://{nombre}:{nombre}@{sistema.database_url.rpartition('@')[2]}"
    sistema.parar()
    mandar(sistema.database_url, f"DROP ROLE {nombre}")


def mandar(url: str, orden: str) -> None:
    """Run one statement and commit it."""
    conexion = psycopg2.connect(url)
    try:
        with conexion, conexion.cursor() as cursor:
            cursor.execute(orden)
    finally:
        conexion.close()


def test_el_sistema_trabaja_sin_ser_el_dueno(sistema: Sistema, usuario: str) -> None:
    """Sagas that end well and undone, a partition made, orders audited; and no more than it needs."""
    sistema.entorno |= {"DATABASE_URL": usuario, "DATABASE_URL_ADMIN": sistema.database_url}
    sistema.ejecutar("migrar")
    antes = sistema.valor(PARTICIONES)
    mandar(sistema.database_url, SIN_LA_ULTIMA)
    sistema.arrancar()
    sistema.listos()
    hasta(lambda: sistema.valor(PARTICIONES) == antes, "la partición que faltaba")
    sagas = [sistema.iniciar_saga(numero) for numero in range(10)]
    hasta(lambda: sistema.valor(TERMINADAS) == len(sagas), "el fin de las sagas", 120)
    cerrar = f"{sistema.url['orquestador']}/saga/{sagas[1]}/cerrar"
    assert RED.post(cerrar, json={"motivo": "x", "quien": "y"}, timeout=20).status_code == 409
    resultados = sistema.sql("SELECT resultado, count(*) FROM auditoria GROUP BY 1")
    assert dict(resultados) == {"hecha": 10 + 2, "iniciada": 2, "rechazada": 1}
    assert "permission denied" not in sistema.bitacora()
    todo = sistema.sql("SELECT * FROM auditoria ORDER BY id")
    for orden in NEGADAS:
        with pytest.raises((errors.InsufficientPrivilege, errors.RaiseException)):
            mandar(usuario, orden)
    for orden in CAMBIOS:  # not even the owner, as long as the triggers are there
        with pytest.raises(errors.RaiseException, match="solo admite filas nuevas"):
            mandar(sistema.database_url, orden)
    assert sistema.sql("SELECT * FROM auditoria ORDER BY id") == todo
    assert set(sistema.parar().values()) == {0}
