"""REST of alliances on the embedded system (contract 004, section 5)."""

import uuid
from typing import Any

import pytest

from tests.api.sistema import Sistema
from tests.api.sobre import exigir

CONTRATO = {"partner_id": "partner-1234", "tipo": "CPL", "fecha_inicio": "2026-01-01"}


def _nuevo(s: Sistema, **partes: Any) -> str:
    respuesta = s.alianzas.post("/posts/", json={**CONTRATO, **partes})
    assert respuesta.status_code == 201, respuesta.get_data(as_text=True)
    return str(respuesta.get_json()["id"])


def test_un_contrato_a_mano(embebido: Sistema) -> None:
    """It is what its body says, with the contract's defaults."""
    id = _nuevo(embebido)
    contrato = embebido.alianzas.get(f"/contratos/{id}").get_json()
    assert contrato | CONTRATO == contrato
    assert (contrato["estado"], contrato["moneda"], contrato["monto"]) == ("activo", "USD", None)
    entero = {
        "fecha_fin": "2027-01-01",
        "monto": 12.5,
        "moneda": "EUR",
        "condiciones": "c",
        "estado": "vencido",
    }
    otro = embebido.alianzas.get(f"/contratos/{_nuevo(embebido, **entero)}").get_json()
    assert otro | entero == otro


@pytest.mark.parametrize(
    "partes",
    [
        {"partner_id": None},
        {"tipo": "otro"},
        {"fecha_inicio": "2026-13-01"},
        {"monto": "1"},
        {"estado": "muerto"},
        {"condiciones": "x" * 256},
    ],
    ids=str,
)
def test_una_forma_mala_es_400(embebido: Sistema, partes: dict[str, Any]) -> None:
    """What a contract cannot be is refused in the envelope."""
    exigir(embebido.alianzas.post("/posts/", json={**CONTRATO, **partes}), 400, "DATOS_INVALIDOS")


def test_la_misma_clave_es_el_mismo_contrato(embebido: Sistema) -> None:
    """A repeated key makes one contract."""
    clave = {"Idempotency-Key": str(uuid.uuid4())}
    dos = [embebido.alianzas.post("/posts/", json=CONTRATO, headers=clave) for _ in range(2)]
    assert dos[0].get_json() == dos[1].get_json()
    otro = embebido.alianzas.post("/posts/", json={**CONTRATO, "tipo": "CPC"}, headers=clave)
    exigir(otro, 422, "CLAVE_REUTILIZADA")


def test_cambiar_y_listar(embebido: Sistema) -> None:
    """What is given changes; a list by partner has it; what was called off stays so."""
    partner_id = f"partner-{uuid.uuid4()}"
    ids = [_nuevo(embebido, partner_id=partner_id) for _ in range(2)]
    cambio = {"estado": "cancelado", "monto": 7.25, "condiciones": "fin"}
    respuesta = embebido.alianzas.put(f"/contratos/{ids[0]}", json=cambio)
    assert respuesta.status_code == 200
    lista = embebido.alianzas.get(f"/contratos?partner_id={partner_id}").get_json()
    assert ([c["id"] for c in lista["contratos"]], lista["total"]) == (ids, 2)
    assert lista["contratos"][0] | cambio == lista["contratos"][0]
    exigir(embebido.alianzas.put(f"/contratos/{ids[0]}", json={"estado": "activo"}), 409, "ESTADO_INVALIDO")
    pagina = embebido.alianzas.get(f"/contratos?partner_id={partner_id}&limit=1&offset=1").get_json()
    assert ([c["id"] for c in pagina["contratos"]], pagina["total"]) == (ids[1:], 2)
    assert embebido.alianzas.get("/contratos?saga_id=ninguna").get_json() == {"contratos": [], "total": 0}


@pytest.mark.parametrize("id", [str(uuid.UUID(int=3)), "x"])
def test_lo_desconocido_es_404(embebido: Sistema, id: str) -> None:
    """An unknown id is a 404, whatever it looks like."""
    exigir(embebido.alianzas.get(f"/contratos/{id}"), 404, "CONTRATO_NO_ENCONTRADO")
    exigir(embebido.alianzas.put(f"/contratos/{id}", json={"monto": 1}), 404, "CONTRATO_NO_ENCONTRADO")
