"""The saga API as its clients see it (contract 001, section 2), embedded."""

import uuid
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest

from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from tests.api.sistema import Sistema, levantar
from tests.datos import cuerpo_de_saga

RUTA = "/saga/crear-campana-completa"


@pytest.fixture
def sistema(embebido: Sistema) -> Sistema:
    """The shared embedded system; every test uses sagas of its own."""
    return embebido


def iniciar(sistema: Sistema, cuerpo: dict[str, Any], **cabeceras: str) -> dict[str, Any]:
    respuesta = sistema.bff.post(RUTA, json=cuerpo, headers=cabeceras)
    assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
    return dict(respuesta.get_json())


CUENTAS = {
    "saga_started_total{}": 3,
    "saga_success_total{}": 2,
    "saga_errors_total{}": 1,
    "saga_active_count{}": 0,
    'saga_status_count{,status="COMPENSADA"}': 1,
    "saga_compensation_total{}": 1,
    "saga_compensation_success_rate{}": 1,
    "saga_duration_seconds_count{}": 3,
    'saga_duration_seconds_bucket{le="+Inf",}': 3,
}


def test_una_saga_completa(sistema: Sistema) -> None:
    """The seed's request ends COMPLETADA with its three steps done."""
    inicio = iniciar(sistema, cuerpo_de_saga())
    assert inicio["exito"] is True
    assert inicio["estado"] == "INICIADA"
    assert set(inicio["datos_iniciales"]) == {"campana", "pago", "reporte"}
    saga = sistema.final(inicio["saga_id"])
    assert saga["estado"] == "COMPLETADA"
    assert [(p["tipo"], p["exitoso"]) for p in saga["pasos"]] == [
        ("CREAR_CAMPAÑA", True),
        ("PROCESAR_PAGO", True),
        ("GENERAR_REPORTE", True),
    ]
    assert saga["pasos"][1]["resultado"]["estado"] == "EXITOSO"
    assert saga["compensaciones"] == []
    assert saga["error_message"] is None


def test_un_pago_rechazado_cancela_la_campana(sistema: Sistema) -> None:
    """A refused payment undoes the campaign, and nothing else."""
    saga = sistema.final(iniciar(sistema, cuerpo_de_saga(f"FALLA-{uuid.uuid4()}"))["saga_id"])
    assert saga["estado"] == "COMPENSADA"
    assert saga["error_message"] == "Tarjeta rechazada"
    assert [c["tipo"] for c in saga["compensaciones"]] == ["CANCELAR_CAMPAÑA"]
    campana = sistema.principal.get(f"/campaigns/{saga['pasos'][0]['resultado']['id']}").get_json()
    assert campana["estado"] == "CANCELADA"
    assert saga["pasos"][2] == {
        "id": saga["pasos"][2]["id"],
        "tipo": "GENERAR_REPORTE",
        "exitoso": None,
        "error": None,
        "fecha_ejecucion": None,
        "resultado": None,
    }


def test_una_referencia_repetida_compensa(sistema: Sistema) -> None:
    """A repeated reference is a business failure, never a replay."""
    cuerpo = cuerpo_de_saga()
    assert sistema.final(iniciar(sistema, cuerpo)["saga_id"])["estado"] == "COMPLETADA"
    repetida = sistema.final(iniciar(sistema, cuerpo)["saga_id"])
    assert repetida["estado"] == "COMPENSADA"
    assert "referencia_pago" in repetida["error_message"]


@pytest.mark.parametrize(
    ("campo", "valor"),
    [("presupuesto", 1000), ("tipo", "OTRA"), ("fecha_fin", "ayer"), ("nombre", None)],
)
def test_una_campana_invalida_falla_limpia(sistema: Sistema, campo: str, valor: object) -> None:
    """What is wrong inside the campaign fails step 1, with nothing to undo: FALLIDA."""
    cuerpo = cuerpo_de_saga()
    cuerpo["campana"][campo] = valor
    saga = sistema.final(iniciar(sistema, cuerpo)["saga_id"])
    assert (saga["estado"], saga["compensaciones"]) == ("FALLIDA", [])
    assert saga["pasos"][0]["exitoso"] is False
    assert saga["pasos"][0]["error"]


def test_un_reporte_invalido_deshace_todo_en_orden_inverso(sistema: Sistema) -> None:
    """A report that cannot be made reverts the payment, refunds it, and cancels the campaign."""
    cuerpo = cuerpo_de_saga(reporte={"tipo_reporte": "desconocido"})
    saga = sistema.final(iniciar(sistema, cuerpo)["saga_id"])
    assert saga["estado"] == "COMPENSADA"
    assert [c["tipo"] for c in saga["compensaciones"]] == ["REVERTIR_PAGO", "CANCELAR_CAMPAÑA"]
    pago = sistema.principal.get(f"/pagos/{saga['pasos'][1]['resultado']['id_pago']}").get_json()
    assert pago["estado"] == "REVERTIDO"


def test_la_misma_clave_es_la_misma_saga(sistema: Sistema) -> None:
    """An `Idempotency-Key` repeats the answer; with another body it is refused."""
    cuerpo, clave = cuerpo_de_saga(), str(uuid.uuid4())
    primera = iniciar(sistema, cuerpo, **{"Idempotency-Key": clave})
    assert iniciar(sistema, cuerpo, **{"Idempotency-Key": clave}) == primera
    otra = sistema.bff.post(RUTA, json=cuerpo_de_saga(), headers={"Idempotency-Key": clave})
    assert otra.status_code == 409


@pytest.mark.parametrize("parte", ["campana", "pago", "reporte"])
@pytest.mark.parametrize("valor", ["texto", 3, None, []])
def test_una_parte_que_falta_es_400(sistema: Sistema, parte: str, valor: object) -> None:
    """A part that is missing or is no object is a 400 in the contract's shape, and starts nothing."""
    antes = sistema.bff.get("/saga/").get_json()["total"]
    respuesta = sistema.bff.post(RUTA, json=cuerpo_de_saga(**{parte: valor}))
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"][0].keys() >= {"loc", "msg", "type"}
    assert sistema.bff.get("/saga/").get_json()["total"] == antes


@pytest.mark.parametrize("minutos", [0, -1, "30", 1.5, True])
def test_un_plazo_invalido_es_400(sistema: Sistema, minutos: object) -> None:
    """`timeout_minutos` is an integer from 1."""
    assert sistema.bff.post(RUTA, json=cuerpo_de_saga(timeout_minutos=minutos)).status_code == 400


@pytest.mark.parametrize("crudo", [b"", b"{", b"[]", b"null", b"\xff", b'{"a":' * 50])
def test_un_json_roto_es_400(sistema: Sistema, crudo: bytes) -> None:
    """What is no JSON object is a 400, never a 500."""
    respuesta = sistema.bff.post(RUTA, data=crudo, content_type="application/json")
    assert respuesta.status_code == 400
    assert "detail" in respuesta.get_json()


def test_un_id_mal_formado_es_400_y_uno_desconocido_404(sistema: Sistema) -> None:
    """Ids are judged by the contract of this system."""
    assert sistema.bff.get("/saga/nada/status").status_code == 400
    desconocida = uuid.uuid4()
    respuesta = sistema.bff.get(f"/saga/{desconocida}/status")
    assert (respuesta.status_code, respuesta.get_json()) == (
        404,
        {"detail": f"SAGA {desconocida} no encontrada"},
    )


def test_la_lista_filtra_pagina_y_cuenta(sistema: Sistema) -> None:
    """The list filters by a state with its own letters, newest first, and counts before paging."""
    sistema.final(iniciar(sistema, cuerpo_de_saga())["saga_id"])
    pagina = sistema.bff.get("/saga/", query_string={"estado": "COMPLETADA", "limite": 1}).get_json()
    assert pagina["total"] >= 1
    assert len(pagina["sagas"]) == 1
    assert sistema.bff.get("/saga/", query_string={"estado": "CAMPAÑA_CREADA"}).status_code == 200
    todas = sistema.bff.get("/saga", query_string={"limite": 100}).get_json()["sagas"]
    assert [s["fecha_inicio"] for s in todas] == sorted((s["fecha_inicio"] for s in todas), reverse=True)


@pytest.mark.parametrize(
    "consulta", [{"estado": "NADA"}, {"tipo": "NADA"}, {"pagina": "0"}, {"limite": "101"}, {"limite": "x"}]
)
def test_una_consulta_invalida_es_400(sistema: Sistema, consulta: dict[str, str]) -> None:
    """Unknown words and out-of-range paging are refused."""
    assert sistema.bff.get("/saga/", query_string=consulta).status_code == 400


def test_las_ordenes_del_operador_se_niegan_fuera_de_estado(sistema: Sistema) -> None:
    """On an ended saga every order is a 409 that says why; without a reason it is a 400."""
    saga_id = sistema.final(iniciar(sistema, cuerpo_de_saga())["saga_id"])["saga_id"]
    for orden in ("reintentar", "omitir", "cerrar", "cancelar"):
        respuesta = sistema.bff.post(f"/saga/{saga_id}/{orden}", json={"motivo": "prueba"})
        assert respuesta.status_code == 409, orden
        assert respuesta.get_json()["detail"]
    assert sistema.bff.post(f"/saga/{saga_id}/cancelar", json={}).status_code == 400
    assert sistema.bff.post(f"/saga/{uuid.uuid4()}/cancelar", json={"motivo": "x"}).status_code == 404


def test_sincronizar_un_pago(sistema: Sistema) -> None:
    """Synchronising an ended payment changes nothing; another saga's payment is a 409."""
    una = sistema.final(iniciar(sistema, cuerpo_de_saga())["saga_id"])
    otra = sistema.final(iniciar(sistema, cuerpo_de_saga())["saga_id"])
    pago = una["pasos"][1]["resultado"]["id_pago"]
    propia = sistema.orquestador.post(f"/sync-payment/{una['saga_id']}/{pago}")
    assert (propia.status_code, propia.get_json()["estado"]) == (200, "COMPLETADA")
    assert sistema.orquestador.post(f"/sync-payment/{otra['saga_id']}/{pago}").status_code == 409
    assert sistema.orquestador.post(f"/sync-payment/{una['saga_id']}/{uuid.uuid4()}").status_code == 404
    assert sistema.orquestador.post(f"/sync-payment/nada/{pago}").status_code == 400


def test_la_limpieza_esta_cerrada(sistema: Sistema) -> None:
    """Cleanup routes are a 403 unless the configuration opens them."""
    for ruta in ("/saga/cleanup", "/saga/cleanup-all", f"/saga/{uuid.uuid4()}"):
        assert sistema.bff.delete(ruta).status_code == 403


def test_salud_metricas_y_rutas_desconocidas(sistema: Sistema) -> None:
    """Health bodies and metrics are the contract's; unknown routes and methods answer JSON."""
    salud = sistema.orquestador.get("/health").get_json()
    assert {campo: salud[campo] for campo in ("status", "service", "version")} == {
        "status": "healthy",
        "service": "saga-orchestrator",
        "version": "1.0.0",
    }
    for cliente in (sistema.principal, sistema.bff):
        assert cliente.get("/health").get_json()["service"] == "aeropartners-microservices"
        assert cliente.get("/saga/health").get_json() == {"status": "healthy", "service": "saga"}
        assert cliente.get("/nada").get_json()["detail"]
        assert cliente.put("/saga/").status_code == 405
    texto = sistema.orquestador.get("/metrics").get_data(as_text=True)
    for nombre in ("saga_started_total", "saga_success_rate", "saga_duration_seconds_bucket"):
        assert f"{nombre}{{" in texto


def _metricas(sistema: Sistema) -> dict[str, float]:
    texto = sistema.orquestador.get("/metrics").get_data(as_text=True)
    filas = (linea.rsplit(" ", 1) for linea in texto.splitlines() if linea.startswith("saga_"))
    return {nombre.replace('saga_type="CREAR_CAMPANA_COMPLETA"', ""): float(valor) for nombre, valor in filas}


def test_las_metricas_cuentan_cada_saga(tmp_path: Path) -> None:
    """All 0 at first; after two successes and a refusal they are exact, also rebuilt."""
    with levantar(tmp_path) as sistema:
        vacias = _metricas(sistema)
        assert {k: vacias[k] for k in CUENTAS} == dict.fromkeys(CUENTAS, 0)
        for referencia in ("ref-1", "ref-2", "FALLA-1"):
            sistema.final(iniciar(sistema, cuerpo_de_saga(f"{referencia}-{uuid.uuid4()}"))["saga_id"])
        metricas = _metricas(sistema)
        assert {k: metricas[k] for k in CUENTAS} == CUENTAS
        assert metricas["saga_success_rate{}"] == pytest.approx(2 / 3)
        proceso = sistema.proceso
        [totales] = proceso.c.piezas()["saga"].proyecciones
        Proyector(proceso.c.motor(), [totales]).reconstruir(totales)
        assert {k: v for k, v in _metricas(sistema).items() if "quantile" not in k} == {
            k: v for k, v in metricas.items() if "quantile" not in k
        }
        assert sistema.bff.get("/saga/?estado=COMPLETADA&limite=1").get_json()["total"] == 2


def test_el_cuerpo_enorme_es_413(sistema: Sistema) -> None:
    """A body over 256 KiB is refused before it is read."""
    respuesta = sistema.bff.post(RUTA, data=b"x" * 300_000, content_type="application/json")
    assert respuesta.status_code == 413
    assert "detail" in respuesta.get_json()


def test_sigue_tras_reiniciar(tmp_path: Path) -> None:
    """A saga that was under way when the process stopped goes on when it starts again."""
    with levantar(tmp_path, GATEWAY_LATENCY_S="3") as sistema:
        saga_id = iniciar(sistema, cuerpo_de_saga())["saga_id"]
        assert sistema.estado(saga_id)["estado"] != "COMPLETADA"
    with levantar(tmp_path, GATEWAY_LATENCY_S="3") as sistema:
        assert sistema.final(saga_id)["estado"] == "COMPLETADA"


def test_el_bff_sin_orquestador_es_503() -> None:
    """With the orchestrator down the BFF answers 503 in the contract's shape and says when to come back."""
    from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
    from aeropartners.seedwork.infraestructura.web.acceso.permisos import exige
    from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
    from aeropartners.seedwork.infraestructura.web.escritura import con_clave_honrada
    from bff.cliente import ClienteOrquestador, PorRed
    from bff.rutas import rutas
    from saga_orchestrator.sistemas.campanas import respuestas
    from saga_orchestrator.sistemas.campanas.definicion import InicioEsquema

    nadie = ClienteOrquestador(PorRed("http://127.0.0.1:9", create_default_context()))
    puerta = rutas(nadie, exige, con_clave_honrada, respuestas, InicioEsquema())
    app = crear_aplicacion("BFF", [puerta], acceso=SIN_CLAVES)
    respuesta = app.test_client().post(RUTA, json=cuerpo_de_saga())
    assert respuesta.status_code == 503
    assert respuesta.headers["Retry-After"]
    assert "detail" in respuesta.get_json()
