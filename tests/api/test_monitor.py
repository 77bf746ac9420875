"""scripts/monitor_saga_events.py on the stream of a real orchestrator, across a restart of its server."""

import json
from pathlib import Path

from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar
from tests.api.test_flujo import con_lector, publicados, servido, terminada
from tests.esperas import hasta
from tests.unidad.scripts.test_monitor_saga_events import leer, monitor


def test_el_monitor_sigue_al_orquestador_que_vuelve(tmp_path: Path) -> None:
    """It prints a saga to its end, finds the server that comes back, and goes on with the next saga."""
    puerto = puerto_libre()
    with monitor("--orquestador", f"http://127.0.0.1:{puerto}", "--json") as proceso:
        leer(proceso, lambda li: "se intenta otra vez" in li)
        ids = []
        for fallar, ultimo in ((False, "SagaCompletada"), (True, "SagaCompensacionCompletada")):
            with levantar(tmp_path) as sistema, servido(sistema, puerto):
                con_lector(sistema)
                leer(proceso, lambda li: li.startswith("Siguiendo"))
                ids.append(terminada(sistema, fallar))
                visto = json.loads(leer(proceso, lambda li: ultimo in li))  # noqa: B023
                hasta(lambda: len(publicados(sistema)) > 5, "los eventos en el tema")
            assert (visto["saga_id"], visto["topic"]) == (ids[-1], "saga-events")
        proceso.terminate()
        assert proceso.wait() == 0
