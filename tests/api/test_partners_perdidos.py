"""Partner sagas whose integraciones does not answer, or answers what it did only by halves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.api.integraciones_de_mentira import Servicio, servido
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar
from tests.api.test_saga_partners import INICIO
from tests.datos import cuerpo_de_partner

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
