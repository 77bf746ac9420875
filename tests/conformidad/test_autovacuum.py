"""Hot tables of PostgreSQL are vacuumed often and little; the partitions to come as well."""

from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.operacion import particiones
from tests.conformidad.test_proyecciones import SOLO_POSTGRES

COLAS = {"salida", "reintentos", "intentos", "totales_pendientes"}
CAMBIANTES = {"pagos", "campanas", "totales", "unicos", "sagas_otras", "saga_pasos_otras"}


@SOLO_POSTGRES
def test_las_tablas_calientes_se_limpian_pronto(motor: Motor) -> None:
    """A queue after 500 dead rows, whatever its size; a table that changes after a fiftieth of it."""
    particiones.Mantenimiento(motor, RelojReal()).una_ronda()
    with motor.lectura() as con:
        filas = con.execute(
            text(
                "SELECT relname, array_to_string(reloptions, ',') FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        ).all()
    opciones = {nombre: propias or "" for nombre, propias in filas}
    semanas = {n for n in opciones if n.startswith(("sagas_2", "saga_pasos_2", "saga_compensaciones_2"))}
    assert len(semanas) == 12
    for nombre in COLAS:
        assert "autovacuum_vacuum_threshold=500" in opciones[nombre], nombre
    for nombre in CAMBIANTES | semanas:
        assert "autovacuum_vacuum_scale_factor=0.02" in opciones[nombre], nombre
