"""`aeropartners proyecciones reconstruir` on a database whose totals are wrong."""

import json
from decimal import Decimal
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import insert

from aeropartners.arranque.cli import principal
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import proyecciones, totales
from aeropartners.seedwork.infraestructura.migraciones import aplicar

DE_MAS = {"uno": Decimal(3), "otro": Decimal("0.5")}


def test_dice_en_json_por_cuanto_estaban_mal(tmp_path: Path) -> None:
    """What was counted too much is said in numbers, and is gone the next time."""
    motor = Motor(f"sqlite:///{tmp_path / 'aeropartners.db'}")
    aplicar(motor)
    with motor.escritura() as con:
        suya = {"nombre": "pagos", "generacion": 1, "activa": True, "tx": 0, "posicion": 0}
        con.execute(insert(proyecciones).values(**suya))
        for clave, valor in DE_MAS.items():
            fila = {"proyeccion": "pagos", "generacion": 1, "grupo": "", "clave": clave, "medida": "pagos"}
            con.execute(insert(totales).values(**fila, valor=valor))
        con.commit()
    motor.cerrar()
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "DATABASE_URL": None, "PULSAR_URL": None}
    orden = ["proyecciones", "reconstruir", "pagos", "--json"]
    for errores in ({"uno pagos": 3, "otro pagos": 0.5}, {}):
        hecho = CliRunner().invoke(principal, orden, env=entorno)
        assert hecho.exit_code == 0, hecho.output
        assert json.loads(hecho.stdout) == {"escritas": True, "errores": {"pagos": errores}}
