"""What is removed or listed by its age is found by an index, on both databases."""

import pytest
from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import Motor

BUSQUEDAS = {
    "muertos_fecha": "SELECT id FROM muertos WHERE fecha < '2026-01-01' ORDER BY fecha, id LIMIT 10",
    "claves_idempotencia_creado": "DELETE FROM claves_idempotencia WHERE creado < '2026-01-01'",
    "entrada_otras_vista": "DELETE FROM entrada_otras WHERE vista < '2026-01-01'",
}


@pytest.mark.parametrize("indice", BUSQUEDAS)
def test_lo_viejo_se_halla_sin_mirar_lo_nuevo(motor: Motor, indice: str) -> None:
    """Dead letters, idempotency keys, and of the inbox what came under foreign ids."""
    if not motor.es_postgres and indice != "muertos_fecha":
        pytest.skip("en SQLite lo más viejo está delante")
    plan = "EXPLAIN" if motor.es_postgres else "EXPLAIN QUERY PLAN"
    with motor.escritura() as con:
        dicho = "\n".join(str(f) for f in con.execute(text(f"{plan} {BUSQUEDAS[indice]}")))
    assert indice in dicho, dicho
