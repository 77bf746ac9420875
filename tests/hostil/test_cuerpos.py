"""Each place of each body, filled with each wrong thing: refused in the contract's shape, or harmless."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from aeropartners.seedwork.aplicacion.serializacion import NIVELES
from tests.datos import cuerpo_de_saga
from tests.hostil.errores import exigir_error
from tests.hostil.mutantes import HOSTILES, NUNCA, lugares, mutado
from tests.hostil.quieto import NOMBRES, TODAS, Quieto

JSON = "application/json"
INICIO, PEDIDOS = "/saga/crear-campana-completa", "/api/v1/pedidos/"
SAGA = cuerpo_de_saga("ref-hostil")
FILTROS = {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31", "afiliado_id": "a", "moneda": "USD"}
MOTIVO = {"motivo": "x", "quien": "maría"}
DE_SAGA = {"motivo": "x", "saga_id": "7f0c5c8e-0000-4000-8000-000000000000"}

CONTRATO = {"estado": "activo", "monto": 10.5, "moneda": "USD", "fecha_fin": "2030-01-01", "condiciones": "c"}
PARTNER = {
    **{"nombre": "Example", "email": "hostil@example.com", "telefono": "+1", "direccion": "x"},
    **{"correlation_id": "c", "contrato": {"tipo": "CPA", "monto": 10.5, "moneda": "USD"}},
}
PEDIDO = {
    "cliente": "Ana",
    "items": [{"producto_id": 1, "cantidad": 2}, {"producto_id": 3, "cantidad": 1}],
}
# What an order takes of all that is hostile, by place.
DE_PEDIDO = {("cliente",): {"texto", "control"}}

# Application, method, path, valid body. `test_ninguna_ruta_falta` holds it to the OpenAPI.
CUERPOS: list[tuple[str, str, str, dict[str, Any]]] = [
    *((app, "POST", "/saga/crear-campana-completa", SAGA) for app in NOMBRES),
    *(
        (app, "POST", f"/saga/{{saga_id}}/{orden}", MOTIVO)
        for app in NOMBRES
        for orden in ("reintentar", "omitir", "cerrar", "cancelar")
    ),
    ("orquestador", "POST", "/muertos/{id}/reencolar", MOTIVO),
    ("orquestador", "POST", "/muertos/{id}/descartar", MOTIVO),
    *(
        ("principal", metodo, prefijo + ruta, cuerpo)
        for prefijo in ("/campaigns/", "/api/campaigns/")
        for metodo, ruta, cuerpo in (
            ("POST", "", SAGA["campana"]),
            ("PATCH", "{id_campana}", {"nombre": "x", "descripcion": "y", "fecha_fin": "2030-01-01"}),
            ("PATCH", "{id_campana}/budget", {"monto": 10.5, "moneda": "USD"}),
            (
                "PATCH",
                "{id_campana}/metrics",
                {"impresiones": 9, "clicks": 3, "conversiones": 1, "gasto_actual": 2.5},
            ),
            *(("PATCH", f"{{id_campana}}/{a}", DE_SAGA) for a in ("activate", "pause", "finish", "cancel")),
        )
    ),
    ("principal", "POST", "/pagos/", {**SAGA["pago"], "metadata": {"a": [1, {"b": "c"}]}}),
    ("principal", "PATCH", "/pagos/{id_pago}/revertir", DE_SAGA),
    ("principal", "POST", "/reporting/report", {"tipo_reporte": "metricas_generales", "filtros": FILTROS}),
    ("principal", "PATCH", "/reporting/{id_reporte}/cancel", DE_SAGA),
    (
        "principal",
        "POST",
        "/reporting/admin/servicio-datos",
        {"url": "http://127.0.0.1:9", "version": "v1"},
    ),
    ("orquestador-partners", "POST", "/api/v1/saga/partner-creation", PARTNER),
    ("orquestador-partners", "POST", "/api/v1/saga/comando-crear-partner", PARTNER),
    ("orquestador-partners", "POST", "/api/v1/saga/{saga_id}/retry", MOTIVO),
    ("bff-partners", "POST", "/api/v1/partners/", PARTNER),
    ("integraciones", "POST", "/api/v1/saga/partners/", PARTNER),
    ("integraciones", "POST", "/api/v1/partners/", {k: v for k, v in PARTNER.items() if k != "contrato"}),
    (
        "integraciones",
        "PUT",
        "/api/v1/partners/{partner_id}",
        {"nombre": "x", "telefono": "1", "direccion": "y"},
    ),
    (
        "integraciones",
        "PUT",
        "/api/v1/partners/{partner_id}/kyc",
        {"estado_kyc": "APROBADO", "documentos": {"a": [1]}, "comentarios": "c"},
    ),
    (
        "integraciones",
        "POST",
        "/api/v1/partners/{partner_id}/integraciones",
        {"tipo": "API", "nombre": "x", "descripcion": "y", "configuracion": {"a": {"b": 1}}},
    ),
    ("integraciones", "PUT", "/api/v1/partners/integraciones/{integracion_id}/revocar", {"motivo": "x"}),
    (
        "alianzas",
        "POST",
        "/posts/",
        {**CONTRATO, "partner_id": "partner-1234", "tipo": "CPA", "fecha_inicio": "2026-01-01"},
    ),
    ("alianzas", "PUT", "/contratos/{contrato_id}", CONTRATO),
    ("cafeteria-api", "POST", PEDIDOS, PEDIDO),
    ("cafeteria-api", "POST", "/api/v1/sagas/{saga_id}/reintentar", MOTIVO),
]
# The same code serves the others: /api/campaigns, and /saga everywhere but on the BFF, which forwards it.
ENTEROS = [
    c for c in CUERPOS if "/api/campaigns" not in c[2] and (c[0] == "bff" or not c[2].startswith("/saga"))
]
ROTOS = (
    *(b"{", b"[]", b"3", b'"x"', b"null", b"\xff\xfe", b'{"a":1} x', b"{'a': 1}", b'{"a":1,}'),
    *('{"a":1}'.encode("utf-16"), b"\xef\xbb\xbf{}", b'{"a":"\x01"}', b'{"a":"\xed\xa0\x80"}'),
)
OTROS_TIPOS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "ñ")
UNO_DE_CADA = pytest.mark.parametrize(
    ("app", "metodo", "ruta", "cuerpo"), CUERPOS, ids=[f"{a} {m} {r}" for a, m, r, _ in CUERPOS]
)


def pedir(quieto: Quieto, app: str, metodo: str, ruta: str, crudo: bytes, tipo: str = JSON) -> TestResponse:
    """Send it, and hold the answer to: no 5xx; a refusal has the contract's shape and changes no row."""
    antes = quieto.foto()
    respuesta = quieto.cliente(app).open(
        ruta.format(**quieto.ids(app)), method=metodo, data=crudo, headers={"Content-Type": tipo}
    )
    assert respuesta.status_code < 500, f"{crudo[:200]!r}: {respuesta.get_data(as_text=True)}"
    if respuesta.status_code >= 400:
        exigir_error(respuesta.status_code, respuesta.headers, respuesta.get_data())
        assert quieto.foto() == antes, f"{respuesta.status_code} a {crudo[:200]!r} cambió filas"
    return respuesta


def test_ninguna_ruta_falta(quieto: Quieto) -> None:
    """The table has every operation of all applications that takes a body."""
    declaradas = {
        (app, metodo.upper(), ruta)
        for app in TODAS
        for ruta, metodos in quieto.cliente(app).get("/openapi.json").get_json()["paths"].items()
        for metodo, operacion in metodos.items()
        if metodo != "parameters" and "requestBody" in operacion
    }
    assert {(app, metodo, ruta) for app, metodo, ruta, _ in CUERPOS} == declaradas


@pytest.mark.parametrize(
    ("app", "metodo", "ruta", "cuerpo"), ENTEROS, ids=[f"{a} {m} {r}" for a, m, r, _ in ENTEROS]
)
def test_cada_lugar_con_cada_cosa(
    quieto: Quieto, app: str, metodo: str, ruta: str, cuerpo: dict[str, Any]
) -> None:
    """A wrong thing in any place is refused or taken, never a 5xx; what no reader can hold is refused."""
    for lugar in lugares(cuerpo):
        # Inside the free-form parts of a start only what no reader can hold is judged.
        solo = NUNCA if ruta == INICIO and len(lugar) > 1 else set(HOSTILES)
        for nombre in sorted(solo):
            hostil = HOSTILES[nombre]
            respuesta = pedir(quieto, app, metodo, ruta, mutado(cuerpo, lugar, hostil))
            if nombre in NUNCA:
                esperado = quieto.mal_formada(app)
                assert respuesta.status_code == esperado, f"{nombre} en {lugar}: {respuesta.status_code}"


def test_de_un_pedido_se_dice_que_lugar_esta_mal(quieto: Quieto) -> None:
    """Each wrong thing in each place, down to a field of an item: 422, and whose fault is named; no row."""
    for lugar in lugares(PEDIDO):
        for nombre, hostil in HOSTILES.items():
            dicho = f"{nombre} en {lugar}"
            respuesta = pedir(quieto, "cafeteria-api", "POST", PEDIDOS, mutado(PEDIDO, lugar, hostil))
            if nombre in DE_PEDIDO.get(lugar, ()):
                assert respuesta.status_code == 202, dicho
                continue
            assert respuesta.status_code == 422, dicho
            for falta in respuesta.get_json()["detail"] if nombre not in NUNCA else ():
                assert falta["loc"][1 : len(lugar) + 1] == [str(parte) for parte in lugar], dicho


def test_a_un_pedido_no_le_falta_nada(quieto: Quieto) -> None:
    """Without any one of its fields, at any depth, it is refused at that field; others do no harm."""
    for lugar in [lugar for lugar in lugares(PEDIDO) if lugar and isinstance(lugar[-1], str)]:
        crudo = mutado(PEDIDO, lugar, "null").replace(f'"{lugar[-1]}": null'.encode(), b'"otro": null')
        respuesta = pedir(quieto, "cafeteria-api", "POST", PEDIDOS, crudo)
        assert respuesta.status_code == 422, lugar
        [falta] = respuesta.get_json()["detail"]
        assert falta["loc"][1:] == [str(parte) for parte in lugar]
    crudo = mutado(PEDIDO, ("items", 1, "cantidad"), '1, "otro": 1')
    assert pedir(quieto, "cafeteria-api", "POST", PEDIDOS, crudo).status_code == 202


@UNO_DE_CADA
def test_lo_que_no_es_un_objeto_json(
    quieto: Quieto, app: str, metodo: str, ruta: str, cuerpo: dict[str, Any]
) -> None:
    """Broken JSON, other encodings and other roots are refused on every route that takes a body."""
    for roto in ROTOS:
        assert pedir(quieto, app, metodo, ruta, roto).status_code == quieto.mal_formada(app), roto


@UNO_DE_CADA
def test_otro_content_type(quieto: Quieto, app: str, metodo: str, ruta: str, cuerpo: dict[str, Any]) -> None:
    """A body that does not say it is JSON is refused, never taken for no body at all."""
    for tipo in OTROS_TIPOS:
        respuesta = pedir(quieto, app, metodo, ruta, mutado(cuerpo, ("motivo",), '"x"'), tipo)
        assert respuesta.status_code == quieto.mal_formada(app), tipo


@UNO_DE_CADA
def test_un_cuerpo_enorme_es_413(
    quieto: Quieto, app: str, metodo: str, ruta: str, cuerpo: dict[str, Any]
) -> None:
    """One byte over the limit is a 413 in the contract's shape."""
    assert pedir(quieto, app, metodo, ruta, b" " * (CUERPO_MAXIMO + 1)).status_code == 413


@pytest.mark.parametrize("app", ["bff", "orquestador"])
def test_las_partes_libres_admiten_lo_que_dice_su_limite(quieto: Quieto, app: str) -> None:
    """The deepest body that is taken is answered whole; one level more is a 400."""
    libres = NIVELES - 3  # the root, `campana` and the value in its brackets
    for hondura, esperado in ((libres, 200), (libres + 1, 400)):
        crudo = mutado({**SAGA, "campana": {"x": 1}}, ("campana", "x"), "[" * hondura + "1" + "]" * hondura)
        assert pedir(quieto, app, "POST", INICIO, crudo).status_code == esperado


@pytest.mark.parametrize("app", ["bff", "orquestador"])
def test_lo_que_solo_parece_un_nul_se_admite(quieto: Quieto, app: str) -> None:
    """A backslash before `u0000` is text like any other."""
    crudo = mutado({**SAGA, "campana": {"x": 1}}, ("campana", "x"), r'"a\\u0000"')
    respuesta = pedir(quieto, app, "POST", INICIO, crudo)
    assert respuesta.status_code == 200
    assert respuesta.get_json()["datos_iniciales"]["campana"] == {"x": r"a\u0000"}


def test_la_clave_repetida_vale_lo_mismo_en_todos(quieto: Quieto) -> None:
    """Of a repeated key every reader takes the last: the BFF never judges another body than it forwards."""
    cuerpo = mutado(SAGA, ("pago",), '[], "pago": {"monto": 2}')
    for app in NOMBRES:
        respuesta = pedir(quieto, app, "POST", INICIO, cuerpo)
        assert respuesta.get_json()["datos_iniciales"]["pago"] == {"monto": 2}
    al_reves = mutado(SAGA, ("pago",), '{"monto": 2}, "pago": []')
    assert pedir(quieto, "bff", "POST", INICIO, al_reves).status_code == 400
