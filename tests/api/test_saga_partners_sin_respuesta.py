"""Partner sagas whose integraciones does not answer, or answers what it did only by halves."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest

from aeropartners.arranque.sistemas.partners.descriptor import app_bff
from bff.cliente import ClienteOrquestador, PorRed
from tests.api.integraciones_de_mentira import Servicio, servido
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar
from tests.api.sobre import exigir
from tests.api.test_saga_partners import INICIO
from tests.datos import cuerpo_de_partner
from tests.esperas import hasta

PRISA = {"SAGA_BACKOFF_BASE_S": "0.05"}


@contextmanager
def saga_con(carpeta: Path, url: str, **partes: Any) -> Iterator[dict[str, Any]]:
    """Run one saga against that service to its end."""
    with levantar(carpeta, INTEGRACIONES_API_URL=url, **PRISA) as s:
        saga_id = s.sagas_partners.post(INICIO, json=cuerpo_de_partner(**partes)).get_json()["saga_id"]
        yield s.final_partner(saga_id)


def test_una_respuesta_perdida_se_repite_con_su_clave(tmp_path: Path) -> None:
    """The retry carries the same key, finds the partner that is there, and the saga completes."""
    servicio = Servicio("perdida", 503, "bien")
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert (saga["status"], saga["partner_id"]) == ("completed", "partner-000001")
    claves = {cabeceras["Idempotency-Key"] for _, _, cabeceras in servicio.peticiones}
    assert claves == {f"{saga['saga_id']}:create_partner"}
    assert {cabeceras["X-Saga-ID"] for _, _, cabeceras in servicio.peticiones} == {saga["saga_id"]}
    assert len(servicio.peticiones) == 3
    assert servicio.borrados == []


def test_un_partner_que_puede_existir_se_borra(tmp_path: Path) -> None:
    """Every answer lost: the key tells what was made, it is deleted, and the saga says compensated."""
    servicio = Servicio(*["perdida"] * 5)
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert (saga["status"], saga["partner_id"]) == ("compensated", "partner-000001")
        assert saga["compensation_actions"] == ["delete_partner:partner-000001"]
    assert servicio.borrados == ["partner-000001"]
    assert len(servicio.partners) == 1


@pytest.mark.parametrize("estado", [401, 403, 404, 429])
def test_lo_que_no_deja_llegar_no_dice_que_no_exista(tmp_path: Path, estado: int) -> None:
    """A key that was withdrawn, or another service there: the doubt stays until the partner's own answers."""
    servicio = Servicio("perdida", estado, estado, estado, estado)
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert (saga["status"], saga["partner_id"]) == ("compensated", "partner-000001")
    assert servicio.borrados == ["partner-000001"]


def test_quien_no_deja_llegar_no_niega(tmp_path: Path) -> None:
    """Nothing was made and nothing can be: it fails after its attempts, with nothing to undo."""
    servicio = Servicio(401, 401, 401, 401)
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert (saga["status"], saga["compensation_actions"]) == ("failed", [])
        assert "401" in saga["error"]
    assert len(servicio.peticiones) == 4


def test_si_no_se_hizo_nada_la_duda_acaba_bien(tmp_path: Path) -> None:
    """Errors that may hide an effect: the key says that there is none after all, and nothing is deleted."""
    servicio = Servicio(500, 500, 500, 500, 409)
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert (saga["status"], saga["partner_id"]) == ("compensated", None)
    assert servicio.borrados == []
    assert servicio.partners == {}


def test_nadie_escucha_es_failed(tmp_path: Path) -> None:
    """No connection, four times: nothing can have been created, and nothing is undone."""
    with saga_con(tmp_path, f"http://127.0.0.1:{puerto_libre()}") as saga:
        assert (saga["status"], saga["compensation_actions"]) == ("failed", [])
        assert "ConnectError" in saga["error"]


def test_un_rechazo_es_final(tmp_path: Path) -> None:
    """A 4xx is an answer: one request, and failed."""
    servicio = Servicio(409)
    with servido(servicio) as url, saga_con(tmp_path, url) as saga:
        assert saga["status"] == "failed"
    assert len(servicio.peticiones) == 1


def test_borrar_lo_borrado_es_hecho(tmp_path: Path) -> None:
    """A partner that somebody deleted meanwhile (410) counts as undone."""
    servicio = Servicio("bien")
    servicio.borrados.append("partner-000001")
    with servido(servicio) as url, saga_con(tmp_path, url, contrato={"monto": 60000}) as saga:
        assert saga["status"] == "compensated"


def test_un_borrado_que_no_sale_pide_atencion_y_se_reintenta(tmp_path: Path) -> None:
    """It stays compensating, is never called compensated, and goes on when an operator says so."""
    servicio = Servicio()
    servicio.guion_borrar = [500, 500]
    with (
        servido(servicio) as url,
        levantar(tmp_path, INTEGRACIONES_API_URL=url, SAGA_COMPENSATION_MAX_RETRIES="1", **PRISA) as s,
    ):
        cuerpo = cuerpo_de_partner(contrato={"monto": 60000})
        saga_id = s.sagas_partners.post(INICIO, json=cuerpo).get_json()["saga_id"]
        hasta(lambda: s.saga_partner(saga_id)["requiere_atencion"], "una SAGA atascada")
        atascada = s.saga_partner(saga_id)
        assert (atascada["status"], atascada["current_step"]) == ("compensating", "delete_partner")
        assert atascada["completed_at"] is None
        activas = s.sagas_partners.get("/api/v1/saga/active").get_json()
        assert (activas["active_sagas"], activas["total"]) == ([atascada], 1)
        relato = s.orquestador.get(f"/saga/{saga_id}/explicacion").get_json()
        assert (relato["tipo"], relato["espera"]["motivo"]) == ("PARTNER_CREATION", "ATENCION")
        respuesta = s.sagas_partners.post(f"/api/v1/saga/{saga_id}/retry", json={"motivo": "ya responde"})
        assert (respuesta.status_code, respuesta.get_json()["status"]) == (202, "compensating")
        assert s.final_partner(saga_id)["status"] == "compensated"
    assert servicio.borrados == ["partner-000001"]


def test_sin_orquestador_es_503(tmp_path: Path) -> None:
    """Integraciones and the BFF say so when nobody answers, and what the orchestrator did wrong is a 500."""
    nadie = f"http://127.0.0.1:{puerto_libre()}"
    with levantar(tmp_path, SAGA_ORCHESTRATOR_URL=nadie) as s:
        ruta = "/api/v1/saga/partners"
        exigir(s.integraciones.post(ruta, json=cuerpo_de_partner()), 503, "SAGA_NO_DISPONIBLE")
        saga_id = str(uuid.uuid4())
        estado = s.integraciones.get(f"{ruta}/saga-status/{saga_id}")
        exigir(estado, 503, "SAGA_NO_DISPONIBLE", saga_id)
        sordo = ClienteOrquestador(PorRed(nadie, create_default_context()))
        bff = app_bff(s.proceso, sordo, sordo).test_client()
        exigir(bff.post("/api/v1/partners/", json=cuerpo_de_partner()), 503, "SAGA_NO_DISPONIBLE")
        exigir(bff.get(f"/api/v1/saga/status/{saga_id}"), 503, "SAGA_NO_DISPONIBLE", saga_id)
        exigir(bff.get("/api/v1/partners/"), 503, "SERVICIO_NO_DISPONIBLE")
    malo = Servicio(500, 201, 401, 403)
    with servido(malo) as url, levantar(tmp_path, SAGA_ORCHESTRATOR_URL=url) as s:
        for _ in range(4):
            exigir(s.integraciones.post(ruta, json=cuerpo_de_partner()), 500, "ERROR_SAGA")


def test_sin_base_es_500_y_no_404(tmp_path: Path) -> None:
    """A fault of the database is never taken for a saga that does not exist."""
    with levantar(tmp_path) as s:
        with s.proceso.c.motor().escritura() as con:
            con.exec_driver_sql("DROP VIEW saga_states")
            con.commit()
        saga_id = str(uuid.uuid4())
        exigir(s.sagas_partners.get(f"/api/v1/saga/status/{saga_id}"), 500, "ERROR_INTERNO", saga_id)
