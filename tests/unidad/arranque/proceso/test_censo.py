"""What a process says of the others to people: for whose reading deadlines wait."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from aeropartners.arranque.proceso.censo import avisos
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase, Vivo
from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA
from aeropartners.seedwork.aplicacion.retraso import Situacion


def test_se_dice_a_quien_esperan_los_plazos() -> None:
    """By name, why and since when, each copy that has not read its replies; of the others nothing."""
    nadie: Any = None
    visto = datetime.now(UTC)
    vivos = [
        Vivo(uuid4(), "orquestador", "1", {}, situacion=str(situacion), demora=demora, visto=visto)
        for situacion, demora in (
            (Situacion.AL_DIA, timedelta(0)),
            (Situacion.SIN_CONEXION, INDEFINIDA),
            (Situacion.AL_DIA, timedelta(seconds=11)),
        )
    ]
    vivos.append(Vivo(uuid4(), "pagos", "1", {}, visto=visto))
    dichos = avisos(Censo(nadie, Desfase(), uuid4(), "1", vivos=vivos))
    assert [(p.que, p.desde, p.error) for p in dichos] == [
        (
            "plazos de las SAGAs",
            visto,
            f"esperan a que orquestador {vivos[1].id} lea sus respuestas (SIN_CONEXION)",
        ),
        (
            "plazos de las SAGAs",
            visto,
            f"esperan a que orquestador {vivos[2].id} lea sus respuestas (AL_DIA, 0:00:11)",
        ),
    ]
