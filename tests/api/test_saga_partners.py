"""Partner sagas on the embedded system, as their clients see them (contract 004, sections 2 to 6)."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.sistema import Sistema
from tests.api.sobre import exigir
from tests.datos import cuerpo_de_partner
from tests.esperas import hasta

INICIO, PASOS = "/api/v1/saga/partner-creation", ("create_partner", "create_alliance", "complete_saga")


def iniciar(s: Sistema, **partes: Any) -> str:
    """Start a saga and return its id."""
    respuesta = s.sagas_partners.post(INICIO, json=cuerpo_de_partner(**partes))
    assert respuesta.status_code == 202, respuesta.get_data(as_text=True)
    return str(respuesta.get_json()["saga_id"])


def contratos(s: Sistema, saga_id: str) -> list[dict[str, Any]]:
    """Return the contracts of a saga."""
    return list(s.alianzas.get(f"/contratos?saga_id={saga_id}").get_json()["contratos"])


def partner(s: Sistema, id: str) -> dict[str, Any]:
    """Return a partner."""
    return dict(s.integraciones.get(f"/api/v1/partners/{id}").get_json()["partner"])


def test_una_saga_completa(embebido: Sistema) -> None:
    """The seed's body ends completed, with a living partner and one active contract of the defaults."""
    cuerpo = cuerpo_de_partner(correlation_id="unique-correlation-id")
    respuesta = embebido.sagas_partners.post(INICIO, json=cuerpo)
    iniciada = respuesta.get_json()
    assert (respuesta.status_code, iniciada["status"]) == (202, "started")
    assert iniciada["correlation_id"] == "unique-correlation-id"
    assert iniciada["mensaje"] == "Partner creation saga started successfully"
    saga = embebido.final_partner(iniciada["saga_id"])
    assert (saga["status"], saga["error"], saga["current_step"]) == ("completed", None, "complete_saga")
    assert saga["partner_data"] == {c: cuerpo[c] for c in ("nombre", "email", "telefono", "direccion")}
    assert saga["completed_at"] >= saga["created_at"]
    assert [saga["steps"][p]["status"] for p in PASOS] == ["completed"] * 3
    assert saga["compensation_actions"] == []
    assert partner(embebido, saga["partner_id"])["estado"] == "ACTIVO"
    [contrato] = contratos(embebido, saga["saga_id"])
    assert (contrato["id"], contrato["partner_id"]) == (saga["alliance_id"], saga["partner_id"])
    assert (contrato["estado"], contrato["tipo"], contrato["monto"], contrato["moneda"]) == (
        "activo",
        "CPA",
        1000.0,
        "USD",
    )
    assert contrato["fecha_inicio"] == saga["created_at"][:10]


@pytest.mark.parametrize(
    ("contrato", "validacion"),
    [
        ({"monto": 60000}, "MONTO_INVALIDO"),
        ({"moneda": "BTC"}, "MONEDA_NO_PERMITIDA"),
        ({"tipo": "trueque"}, "VALIDACION_GENERAL"),
        ({"fecha_inicio": "2030-01-02", "fecha_fin": "2030-01-01"}, "VALIDACION_GENERAL"),
    ],
    ids=str,
)
def test_una_regla_rota_compensa(embebido: Sistema, contrato: dict[str, Any], validacion: str) -> None:
    """A breach rejects the contract and undoes the partner; its e-mail can be tried again."""
    cuerpo = cuerpo_de_partner(contrato=contrato)
    saga_id = embebido.sagas_partners.post(INICIO, json=cuerpo).get_json()["saga_id"]
    saga = embebido.final_partner(saga_id)
    assert saga["status"] == "compensated"
    assert saga["error"].startswith(validacion)
    assert [saga["steps"][p]["status"] for p in PASOS] == ["compensated", "failed", "pending"]
    assert saga["compensation_actions"] == [f"delete_partner:{saga['partner_id']}"]
    assert partner(embebido, saga["partner_id"])["estado"] == "ELIMINADO"
    [rechazado] = contratos(embebido, saga_id)
    assert rechazado["estado"] == "rechazado"
    assert embebido.final_partner(iniciar(embebido, email=cuerpo["email"]))["status"] == "completed"


def test_un_aviso_no_rechaza(embebido: Sistema) -> None:
    """Between 10,000 and 50,000 the alliance is approved."""
    saga = embebido.final_partner(iniciar(embebido, contrato={"monto": 50000, "moneda": "MXN"}))
    assert saga["status"] == "completed"
    [contrato] = contratos(embebido, saga["saga_id"])
    assert (contrato["monto"], contrato["moneda"]) == (50000.0, "MXN")


def test_un_email_tomado_es_failed(embebido: Sistema) -> None:
    """The first step refused: failed, and nothing to undo."""
    cuerpo = cuerpo_de_partner()
    assert embebido.integraciones.post("/api/v1/partners", json=cuerpo).status_code == 201
    saga = embebido.final_partner(iniciar(embebido, email=cuerpo["email"]))
    assert (saga["status"], saga["partner_id"], saga["compensation_actions"]) == ("failed", None, [])
    assert saga["error"].startswith("EMAIL_EXISTENTE")
    assert [saga["steps"][p]["status"] for p in PASOS] == ["failed", "pending", "pending"]
    assert contratos(embebido, saga["saga_id"]) == []


@pytest.mark.parametrize(
    "partes",
    [
        {"nombre": None},
        {"email": "no"},
        {"telefono": 3},
        {"correlation_id": ""},
        {"contrato": []},
        {"contrato": {"monto": "mucho"}},
        {"contrato": {"monto": 1.234}},
        {"contrato": {"fecha_inicio": "ayer"}},
        {"contrato": {"condiciones": "x" * 256}},
    ],
    ids=str,
)
def test_una_forma_mala_no_inicia_nada(embebido: Sistema, partes: dict[str, Any]) -> None:
    """What is wrong in form is a 400 at each of the three doors."""
    cuerpo = cuerpo_de_partner(**partes)
    for cliente, ruta in (
        (embebido.sagas_partners, INICIO),
        (embebido.integraciones, "/api/v1/saga/partners"),
        (embebido.bff_partners, "/api/v1/partners/"),
    ):
        exigir(cliente.post(ruta, json=cuerpo), 400, "DATOS_INVALIDOS")


def test_la_misma_clave_es_la_misma_saga(embebido: Sistema) -> None:
    """A repeated key gets the same answer; with another body a 422. The correlation is no key."""
    cuerpo, clave = cuerpo_de_partner(correlation_id="c"), {"Idempotency-Key": str(uuid.uuid4())}
    for cliente, ruta in (
        (embebido.sagas_partners, INICIO),
        (embebido.integraciones, "/api/v1/saga/partners"),
    ):
        dos = [cliente.post(ruta, json=cuerpo, headers=clave) for _ in range(2)]
        assert dos[0].get_json() == dos[1].get_json()
        exigir(cliente.post(ruta, json=cuerpo_de_partner(), headers=clave), 422, "CLAVE_REUTILIZADA")


def test_por_integraciones(embebido: Sistema) -> None:
    """Integraciones starts the orchestrator's saga and shows it."""
    cuerpo = cuerpo_de_partner()
    respuesta = embebido.integraciones.post("/api/v1/saga/partners", json=cuerpo)
    iniciada = respuesta.get_json()
    assert (respuesta.status_code, iniciada["status"]) == (202, "started")
    assert iniciada["partner_data"] == cuerpo
    saga = embebido.final_partner(iniciada["saga_id"])
    assert saga["status"] == "completed"
    ruta = "/api/v1/saga/partners/saga-status"
    vista = embebido.integraciones.get(f"{ruta}/{iniciada['saga_id']}").get_json()["saga_status"]
    assert vista == saga
    exigir(embebido.integraciones.get(f"{ruta}/no-hay"), 404, "SAGA_NO_ENCONTRADA", "no-hay")


def test_por_el_bff(embebido: Sistema) -> None:
    """The BFF's command starts the same saga, once, although its topic carries the command as well."""
    cuerpo = cuerpo_de_partner()
    respuesta = embebido.bff_partners.post("/api/v1/partners/", json=cuerpo)
    iniciada = respuesta.get_json()
    assert (respuesta.status_code, iniciada["status"]) == (202, "started")
    assert set(iniciada) == {"message", "saga_id", "correlation_id", "status"}
    saga = embebido.final_partner(iniciada["saga_id"])
    assert saga["status"] == "completed"
    assert saga["partner_data"] == cuerpo
    pasada = embebido.bff_partners.get(f"/api/v1/saga/status/{iniciada['saga_id']}")
    assert pasada.get_json()["saga"] == saga
    lista = embebido.bff_partners.get("/api/v1/partners/?limit=1&offset=1")
    assert lista.get_json() == embebido.integraciones.get("/api/v1/partners?limit=1&offset=1").get_json()
    with embebido.proceso.c.motor().lectura() as con:
        cuantas = con.scalar(
            text("SELECT count(*) FROM saga_states WHERE correlation_id = :c"),
            {"c": iniciada["correlation_id"]},
        )
    assert cuantas == 1


def test_lo_desconocido(embebido: Sistema) -> None:
    """An unknown saga is a 404 that names it; the campaigns have an API of their own, without these.

    A retry that came to nothing stands in the audit as one without a reason, not with an empty one.
    """
    for id in (str(uuid.UUID(int=9)), "cualquier cosa"):
        exigir(embebido.sagas_partners.get(f"/api/v1/saga/status/{id}"), 404, "SAGA_NO_ENCONTRADA", id)
        exigir(embebido.sagas_partners.post(f"/api/v1/saga/{id}/retry"), 404, "SAGA_NO_ENCONTRADA", id)
    saga_id = iniciar(embebido)
    assert embebido.orquestador.get(f"/saga/{saga_id}/status").status_code == 404
    embebido.final_partner(saga_id)
    exigir(embebido.sagas_partners.post(f"/api/v1/saga/{saga_id}/retry"), 409, "ESTADO_INVALIDO", saga_id)
    pedida = {"r": f"/api/v1/saga/{saga_id}/retry"}
    with embebido.proceso.c.motor().lectura() as con:
        motivos = con.scalars(text("SELECT motivo FROM auditoria WHERE recurso = :r"), pedida).all()
    assert motivos == ["(no se dio motivo)"]


def test_las_activas(embebido: Sistema) -> None:
    """Sagas that ended are not among the open ones; paging values out of range are refused."""
    saga_id = iniciar(embebido)
    embebido.final_partner(saga_id)

    def activas() -> dict[str, Any]:
        return dict(embebido.sagas_partners.get("/api/v1/saga/active").get_json())

    assert saga_id not in [s["saga_id"] for s in activas()["active_sagas"]]
    assert len(activas()["active_sagas"]) == activas()["total"]
    exigir(embebido.sagas_partners.get("/api/v1/saga/active?limit=0"), 400, "DATOS_INVALIDOS")


def test_la_vista_es_lo_que_la_api_dice(embebido: Sistema) -> None:
    """`saga_states` by SQL has the same row, found by each of its indexed columns; nobody can write it."""
    saga = embebido.final_partner(iniciar(embebido, contrato={"monto": 60000}))
    with embebido.proceso.c.motor().lectura() as con:
        for columna in ("status", "correlation_id", "partner_id", "saga_id"):
            filas = con.execute(
                text(f"SELECT saga_id FROM saga_states WHERE {columna} = :v"), {"v": saga[columna]}
            )
            assert saga["saga_id"] in {str(id) for (id,) in filas}
        with pytest.raises(Exception, match=r"modify|cannot update"):
            con.execute(text("UPDATE saga_states SET status = 'completed'"))


def test_cada_estado_se_guarda(embebido: Sistema) -> None:
    """The states of a success and of an undo, in the contract's order, are in `saga_eventos`."""
    bien, mal = iniciar(embebido), iniciar(embebido, contrato={"monto": 60000})
    embebido.final_partner(bien)
    embebido.final_partner(mal)
    adelante = ["started", "partner_creation_in_progress", "partner_created", "alliance_creation_in_progress"]
    assert _estados(embebido, bien) == [*adelante, "alliance_created", "completed"]
    assert _estados(embebido, mal) == [*adelante, "failed", "compensating", "compensated"]


def _estados(s: Sistema, saga_id: str) -> list[str]:
    with s.proceso.c.motor().lectura() as con:
        filas = con.execute(
            text("SELECT estado FROM saga_eventos WHERE saga_id = :id ORDER BY version"), {"id": saga_id}
        )
        return list(dict.fromkeys(estado for (estado,) in filas))


def test_metricas_por_tipo(embebido: Sistema) -> None:
    """A partner saga counts as its own type, in its own words."""
    embebido.final_partner(iniciar(embebido))

    def contadas() -> bool:
        texto = embebido.sagas_partners.get("/metrics").get_data(as_text=True)
        return 'saga_success_total{saga_type="PARTNER_CREATION"}' in texto

    hasta(contadas, "la saga en las métricas")
    texto = embebido.sagas_partners.get("/metrics").get_data(as_text=True)
    assert 'saga_status_count{saga_type="PARTNER_CREATION",status="completed"}' in texto
