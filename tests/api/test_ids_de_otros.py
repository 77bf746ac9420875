"""The id of one thing where another is meant: unknown there, and never a fault of ours."""

import uuid
from typing import Any

import pytest

from tests.api.sistema import Sistema
from tests.datos import cuerpo_de_saga

MOTIVO = {"motivo": "x", "quien": "y"}
RUTAS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("principal", "PATCH", "/campaigns/{}/activate", {}, "campana"),
    ("principal", "PATCH", "/campaigns/{}", {"nombre": "x"}, "campana"),
    ("principal", "PATCH", "/campaigns/{}/budget", {"monto": 1, "moneda": "USD"}, "campana"),
    ("principal", "PATCH", "/campaigns/{}/metrics", {"clicks": 1}, "campana"),
    ("principal", "PATCH", "/campaigns/{}/cancel", {"motivo": "x"}, "campana"),
    ("principal", "PATCH", "/pagos/{}/revertir", {"motivo": "x"}, "pago"),
    ("principal", "PATCH", "/reporting/{}/cancel", {"motivo": "x"}, "reporte"),
    ("integraciones", "PUT", "/partners/{}", {"nombre": "x"}, "partner"),
    ("integraciones", "DELETE", "/partners/{}", {}, "partner"),
    ("integraciones", "PUT", "/partners/{}/kyc", {"estado_kyc": "APROBADO"}, "partner"),
    ("alianzas", "PUT", "/contratos/{}", {"estado": "cancelado"}, "contrato"),
    ("orquestador", "POST", "/saga/{}/cancelar", MOTIVO, "saga"),
    ("orquestador", "POST", "/saga/{}/reintentar", MOTIVO, "saga"),
]


@pytest.fixture(scope="module")
def ids(embebido: Sistema) -> dict[str, str]:
    """One thing of each kind that has an id."""
    cuerpo = cuerpo_de_saga(str(uuid.uuid4()))
    saga_id = embebido.bff.post("/saga/crear-campana-completa", json=cuerpo).get_json()["saga_id"]
    de_saga = [p["resultado"] for p in embebido.final(saga_id)["pasos"]]
    partner = {"nombre": "Example", "email": f"{uuid.uuid4()}@example.com"}
    de_partner = embebido.sagas_partners.post("/api/v1/saga/partner-creation", json=partner).get_json()
    lograda = embebido.final_partner(de_partner["saga_id"])
    return {
        "saga": saga_id,
        "campana": de_saga[0]["id"],
        "pago": de_saga[1]["id_pago"],
        "partner": lograda["partner_id"],
        "contrato": lograda["alliance_id"],
    }


@pytest.mark.parametrize(("cliente", "metodo", "ruta", "cuerpo", "suyo"), RUTAS, ids=lambda v: str(v)[:40])
def test_lo_de_otro_no_se_encuentra(
    embebido: Sistema, ids: dict[str, str], cliente: str, metodo: str, ruta: str, cuerpo: Any, suyo: str
) -> None:
    """Every changing route, with the id of everything else."""
    vistos = {
        de: getattr(embebido, cliente).open(ruta.format(id), method=metodo, json=cuerpo).status_code
        for de, id in ids.items()
        if de != suyo
    }
    assert vistos == dict.fromkeys(vistos, 404)
