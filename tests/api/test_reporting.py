"""The reporting API as its clients see it (contract 001, section 6), embedded."""

import re
import uuid

import pytest

from tests.api.sistema import Sistema


@pytest.mark.parametrize(
    ("tipo", "forma"),
    [
        ("pagos_por_periodo", r"pagos_\d{8}_\d{6}_\w+"),
        ("campanas_activas", r"campanas_\d{8}_\d{6}_\w+"),
        ("metricas_generales", r"metricas_\d{8}_\d{6}_\w+"),
        ("CAMPAÑA_COMPLETA", r"[0-9a-f-]{36}"),
    ],
)
def test_generar_leer_y_cancelar(embebido: Sistema, tipo: str, forma: str) -> None:
    """A report of each type is made, read again, and cancelled twice with the same answer."""
    filtros = {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31"}
    hecho = embebido.principal.post("/reporting/report", json={"tipo_reporte": tipo, "filtros": filtros})
    assert hecho.status_code == 200, hecho.get_data(as_text=True)
    reporte = hecho.get_json()
    assert re.fullmatch(forma, reporte["id"])
    assert (reporte["tipo"], reporte["estado"], reporte["version_servicio_datos"]) == (tipo, "GENERADO", "v1")
    assert reporte["metadatos"]["filtros_aplicados"] == filtros
    assert reporte["datos"]
    assert embebido.principal.get(f"/reporting/report/{reporte['id']}").get_json() == reporte
    ruta = f"/reporting/{reporte['id']}/cancel"
    primera = embebido.principal.patch(ruta, json={"motivo": "ya no"})
    assert primera.get_json()["estado"] == "CANCELADO"
    assert embebido.principal.patch(ruta, json={}).get_json() == primera.get_json()


@pytest.mark.parametrize(
    "cuerpo",
    [
        {},
        {"tipo_reporte": "otro"},
        {"tipo_reporte": 1},
        {"tipo_reporte": "metricas_generales", "filtros": []},
        {"tipo_reporte": "metricas_generales", "filtros": {"fecha_inicio": "ayer"}},
        {"tipo_reporte": "metricas_generales", "filtros": {"moneda": 1}},
    ],
)
def test_un_pedido_invalido_es_400(embebido: Sistema, cuerpo: dict[str, object]) -> None:
    """An unknown type and wrong filters are refused."""
    respuesta = embebido.principal.post("/reporting/report", json=cuerpo)
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"]


def test_lo_desconocido_es_404(embebido: Sistema) -> None:
    """A report that is not there is a 404, read or cancelled."""
    assert embebido.principal.get("/reporting/report/nada").status_code == 404
    assert embebido.principal.patch(f"/reporting/{uuid.uuid4()}/cancel", json={}).status_code == 404


def test_la_lista_filtra_y_limita(embebido: Sistema) -> None:
    """The list has the newest reports of a type."""
    for _ in range(2):
        embebido.principal.post("/reporting/report", json={"tipo_reporte": "campanas_activas"})
    lista = embebido.principal.get("/reporting/reports?tipo=campanas_activas&limite=1").get_json()
    assert [r["tipo"] for r in lista] == ["campanas_activas"]
    assert embebido.principal.get("/reporting/reports?limite=0").status_code == 400


def test_cambiar_el_servicio_de_datos(embebido: Sistema) -> None:
    """A switch counts from the next report on; a service that does not answer is a retryable 400."""
    activa = embebido.principal.get("/reporting/admin/configuracion").get_json()["configuracion_activa"]
    assert (activa["version"], activa["activo"]) == ("v1", True)
    caido = {"url": "http://127.0.0.1:9", "version": "v9"}
    assert (
        embebido.principal.post("/reporting/admin/servicio-datos", json=caido).get_json()["version"] == "v9"
    )
    try:
        pedido = {"tipo_reporte": "metricas_generales", "filtros": {"afiliado_id": str(uuid.uuid4())}}
        respuesta = embebido.principal.post("/reporting/report", json=pedido)
        assert (respuesta.status_code, respuesta.get_json()["reintentable"]) == (400, True)
        assert embebido.principal.get("/reporting/admin/verificar-servicio").get_json()["disponible"] is False
    finally:
        vuelta = {"url": activa["url"], "version": "v1"}
        embebido.principal.post("/reporting/admin/servicio-datos", json=vuelta)
    historia = embebido.principal.get("/reporting/admin/configuracion?incluir_historial=true").get_json()
    assert [h["version"] for h in historia["historial"]] == ["v9", "v1"]
    assert [h["activo"] for h in historia["historial"]] == [False, True]
    for malo in ({"url": "ftp://x", "version": "v1"}, {"url": "http://x"}, {"version": "v1"}):
        assert embebido.principal.post("/reporting/admin/servicio-datos", json=malo).status_code == 400


def test_salud(embebido: Sistema) -> None:
    """The module's health."""
    assert embebido.principal.get("/reporting/health").get_json()["service"] == "reporting"
