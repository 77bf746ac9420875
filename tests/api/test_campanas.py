"""The campaign API as its clients see it (contract 001, section 4), embedded."""

import json
import uuid
from typing import Any

import pytest

from tests.api.sistema import Sistema
from tests.esperas import hasta


def cuerpo(**partes: Any) -> dict[str, Any]:
    return {
        "nombre": "Campaña Ñ",
        "tipo": "PROMOCIONAL",
        "presupuesto": {"monto": 1000.5, "moneda": "USD"},
        "fecha_inicio": "2025-01-01T00:00:00",
        "fecha_fin": "2999-12-31T23:59:59",
        "id_afiliado": f"afiliado-{uuid.uuid4()}",
        **partes,
    }


def crear(sistema: Sistema, prefijo: str = "/campaigns", **partes: Any) -> dict[str, Any]:
    respuesta = sistema.principal.post(f"{prefijo}/", json=cuerpo(**partes))
    assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
    return dict(respuesta.get_json())


def cambiar(sistema: Sistema, id: str, ruta: str, **datos: Any) -> tuple[int, Any]:
    respuesta = sistema.principal.patch(f"/campaigns/{id}{ruta}", json=datos)
    return respuesta.status_code, respuesta.get_json()


@pytest.mark.parametrize("prefijo", ["/campaigns", "/api/campaigns"])
def test_crear_y_leer(embebido: Sistema, prefijo: str) -> None:
    """A campaign is a draft right after its creation, with exact money, the same under both prefixes."""
    campana = crear(embebido, prefijo)
    leida = embebido.principal.get(f"{prefijo}/{campana['id']}").get_json()
    assert leida == campana
    assert (leida["estado"], leida["presupuesto"]) == ("BORRADOR", {"monto": 1000.5, "moneda": "USD"})
    assert leida["fecha_inicio"] == "2025-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "partes",
    [
        {"presupuesto": 1000},
        {"presupuesto": {"monto": "1000", "moneda": "USD"}},
        {"presupuesto": {"monto": True, "moneda": "USD"}},
        {"presupuesto": {"monto": -1, "moneda": "USD"}},
        {"presupuesto": {"monto": 1_000_001, "moneda": "USD"}},
        {"presupuesto": {"monto": 1.001, "moneda": "USD"}},
        {"presupuesto": {"monto": 1, "moneda": "GBP"}},
        {"tipo": "OTRO"},
        {"nombre": ""},
        {"nombre": "a\x00b"},
        {"nombre": 7},
        {"fecha_inicio": "ayer"},
        {"id_afiliado": None},
    ],
)
def test_un_cuerpo_invalido_es_400_y_no_crea_nada(embebido: Sistema, partes: dict[str, Any]) -> None:
    """Wrong form and broken rules are a 400 with `detail`; nothing is stored."""
    antes = embebido.principal.get("/campaigns/").get_json()["total"]
    respuesta = embebido.principal.post("/campaigns/", json=cuerpo(**partes))
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"]
    assert embebido.principal.get("/campaigns/").get_json()["total"] == antes


def test_ids(embebido: Sistema) -> None:
    """A badly formed id is a 400, an unknown one a 404, with the contract's words."""
    assert embebido.principal.get("/campaigns/nada").get_json() == {"detail": "ID de campaña inválido"}
    respuesta = embebido.principal.get(f"/campaigns/{uuid.uuid4()}")
    assert (respuesta.status_code, respuesta.get_json()) == (404, {"detail": "Campaña no encontrada"})
    assert cambiar(embebido, str(uuid.uuid4()), "/cancel")[0] == 404
    assert cambiar(embebido, "nada", "/activate")[0] == 400


def test_la_vida_de_una_campana(embebido: Sistema) -> None:
    """Draft, active, paused, active, finished; a finished one changes no more."""
    id = crear(embebido)["id"]
    assert cambiar(embebido, id, "/pause")[0] == 400
    for ruta, estado in (
        ("activate", "ACTIVA"),
        ("pause", "PAUSADA"),
        ("activate", "ACTIVA"),
        ("finish", "FINALIZADA"),
    ):
        codigo, hecho = cambiar(embebido, id, f"/{ruta}")
        assert (codigo, hecho["id_campana"]) == (200, id)
        assert embebido.principal.get(f"/campaigns/{id}").get_json()["estado"] == estado
    for ruta, datos in (("", {"nombre": "x"}), ("/budget", {"monto": 1, "moneda": "USD"}), ("/pause", {})):
        assert cambiar(embebido, id, ruta, **datos)[0] == 400


def test_activar_pide_un_final_futuro_y_presupuesto(embebido: Sistema) -> None:
    """Past end dates are accepted at creation, and only there."""
    for partes in (
        {"fecha_fin": "2025-02-01T00:00:00"},
        {"presupuesto": {"monto": 0, "moneda": "USD"}},
        {"fecha_inicio": "2999-12-31T23:59:59", "fecha_fin": "2999-01-01T00:00:00"},
    ):
        assert cambiar(embebido, crear(embebido, **partes)["id"], "/activate")[0] == 400


def test_cancelar_dos_veces_es_lo_mismo(embebido: Sistema) -> None:
    """Cancelling a cancelled campaign answers 200 again."""
    id = crear(embebido)["id"]
    assert cambiar(embebido, id, "/cancel", motivo="ya no") == cambiar(
        embebido, id, "/cancel", motivo="ya no"
    )
    assert embebido.principal.get(f"/campaigns/{id}").get_json()["estado"] == "CANCELADA"


def test_presupuesto_y_metricas(embebido: Sistema) -> None:
    """Spend stays within the budget, also when the budget is lowered; figures have two decimals."""
    id = crear(embebido)["id"]
    medidas = {"impresiones": 1000, "clicks": 30, "conversiones": 2, "gasto_actual": 90.25}
    assert cambiar(embebido, id, "/metrics", **medidas)[0] == 200
    assert cambiar(embebido, id, "/budget", monto=90, moneda="USD")[0] == 400
    assert cambiar(embebido, id, "/metrics", gasto_actual=5000)[0] == 400
    assert cambiar(embebido, id, "/metrics", clicks=-1)[0] == 400
    metricas = json.loads(embebido.principal.get(f"/campaigns/{id}/metrics").get_data())
    assert metricas["metricas_basicas"] == {**medidas, "ctr": 3.0, "tasa_conversion": 6.67}
    assert metricas["metricas_calculadas"] == {"roi": 10.8, "cpc": 3.01, "cpa": 45.13}
    assert metricas["rendimiento"] == "REGULAR"
    assert metricas["optimizaciones"]["total_sugerencias"] == 0


def test_la_lista_y_las_estadisticas(embebido: Sistema) -> None:
    """Lists filter by affiliate, page, and count before paging; statistics add up."""
    afiliado = f"a-{uuid.uuid4()}"
    ids = [crear(embebido, id_afiliado=afiliado)["id"] for _ in range(3)]
    pagina = embebido.principal.get(
        "/campaigns", query_string={"id_afiliado": afiliado, "limit": 2}
    ).get_json()
    assert ([c["id"] for c in pagina["campanas"]], pagina["total"]) == (ids[:0:-1], 3)
    assert pagina["campaigns"] == pagina["campanas"]
    generales = embebido.principal.get(f"/campaigns/stats/general?id_afiliado={afiliado}").get_json()
    assert (generales["total_campanas"], generales["distribucion_por_estado"]) == (3, {"BORRADOR": 3})
    for consulta in ("limit=0", "limit=101", "offset=-1", "limit=x"):
        assert embebido.principal.get(f"/campaigns/?{consulta}").status_code == 400


def test_la_misma_clave_crea_una(embebido: Sistema) -> None:
    """An `Idempotency-Key` creates once; with another body it is a 409."""
    pedido, cabeceras = cuerpo(), {"Idempotency-Key": str(uuid.uuid4())}
    primera = embebido.principal.post("/campaigns/", json=pedido, headers=cabeceras)
    segunda = embebido.principal.post("/campaigns/", json=pedido, headers=cabeceras)
    assert primera.get_data() == segunda.get_data()
    assert embebido.principal.post("/campaigns/", json=cuerpo(), headers=cabeceras).status_code == 409


def test_un_pago_exitoso_cuenta_en_las_activas_del_afiliado(embebido: Sistema) -> None:
    """A successful payment gives each active campaign of its affiliate one conversion and 10 % as spend."""
    afiliado = f"a-{uuid.uuid4()}"
    activa, borrador = (
        crear(embebido, id_afiliado=afiliado)["id"],
        crear(embebido, id_afiliado=afiliado)["id"],
    )
    cambiar(embebido, activa, "/activate")
    pago = {"id_afiliado": afiliado, "monto": 200, "moneda": "USD", "referencia_pago": str(uuid.uuid4())}
    assert embebido.principal.post("/pagos/", json=pago).status_code == 200

    def metricas(id: str) -> dict[str, Any]:
        return dict(embebido.principal.get(f"/campaigns/{id}").get_json()["metricas"])

    hasta(lambda: metricas(activa)["conversiones"] == 1, "la conversión de la campaña activa", 30)
    assert metricas(activa)["gasto_actual"] == 20
    assert metricas(borrador)["conversiones"] == 0


def test_salud_publicacion_y_limpieza(embebido: Sistema) -> None:
    """The module's health, its outbox figures, and the closed cleanup."""
    for ruta in ("health", "healthz"):
        assert embebido.principal.get(f"/campaigns/{ruta}").get_json()["service"] == "campaigns"
    cuentas = embebido.principal.get("/campaigns/outbox/stats").get_json()
    assert cuentas["eventos_procesados"] + cuentas["eventos_pendientes"] == cuentas["total_eventos"]
    assert embebido.principal.delete("/campaigns/cleanup").status_code == 403
