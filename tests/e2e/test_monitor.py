"""scripts/monitor_saga_events.py on the real topics: it prints what happens, and leaves no backlog behind."""

import json
import os

import pytest

from tests.e2e.sistema import SERVICIOS, SERVICIOS_PARTNERS, Sistema
from tests.red import RED
from tests.unidad.scripts.test_monitor_saga_events import leer, monitor

pytestmark = [pytest.mark.servicios]
TIPOS = {
    "saga": {"SagaIniciada", "SagaCompletada", "SagaFallida", "SagaCompensacionCompletada", "saga_completed"},
    "partner": {"partner_created", "partner_deleted"},
    "alliance": {"alliance_created", "alliance_creation_failed"},
    "pagos": {"PagoPendiente", "PagoExitoso", "PagoFallido"},
    "campanas": {"CampanaCreada"},
}


def suscripciones(sistema: Sistema, tema: str) -> set[str]:
    """Who is subscribed to a public topic."""
    espacio = sistema.database_url.rsplit("/", 1)[1]
    url = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{espacio}/{tema}"
    return set(RED.get(f"{url}/subscriptions", timeout=20).json())


def test_el_monitor_lee_los_temas_reales(sistema: Sistema) -> None:
    """All kinds at once, from their first event; after it no subscription of its own is there."""
    espacio = sistema.database_url.rsplit("/", 1)[1]
    broker = ("--broker", os.environ["PULSAR_URL"], "--namespace", espacio)
    antes = {tema: suscripciones(sistema, tema) for tema in ("saga-events", "pagos-events")}
    sistema.arrancar(*SERVICIOS, *SERVICIOS_PARTNERS)
    sistema.listos()
    with monitor(*broker, "--type", "all", "--json") as vivo:
        leer(vivo, lambda li: li.startswith("Siguiendo"))
        ids = {sistema.iniciar_saga(n) for n in (1, 5)} | {sistema.iniciar_partner(n) for n in (1, 5)}
        faltan = set().union(*TIPOS.values())
        vistos = []
        while faltan:
            vistos.append(json.loads(leer(vivo, lambda li: li.startswith('{"topic"'))))
            faltan -= {vistos[-1]["event_type"]}
        assert {v["saga_id"] for v in vistos} <= ids
        vivo.terminate()
        assert vivo.wait() == 0
    for tipo, esperados in TIPOS.items():
        with monitor(*broker, "--type", tipo, "--json", "--desde-el-inicio") as otro:
            faltan = set(esperados)
            while faltan:
                faltan -= {json.loads(leer(otro, lambda li: li.startswith('{"topic"')))["event_type"]}
    assert {tema: suscripciones(sistema, tema) for tema in antes} == antes
    with monitor(*broker[:2], "--namespace", "ninguno", "--type", "partner") as nadie:
        assert "No se puede leer ninguno" in leer(nadie, lambda li: li.startswith("ERROR: "))
