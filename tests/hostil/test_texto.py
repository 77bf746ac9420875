"""Text at the edge: Ñ in every form, addresses that no URL may have, hostile paging, ids, dates and keys."""

import re
import uuid
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request

from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria
from tests.datos import CREACIONES, cuerpo_de_saga
from tests.hostil.errores import exigir_error
from tests.hostil.quieto import NOMBRES, TODAS, Quieto

ESTADO = "CAMPAÑA_CREADA"
NFD = "CAMPAN\u0303A_CREADA"
INICIO = "/saga/crear-campana-completa"
FORMAS = [quote(ESTADO).encode(), ESTADO.encode(), quote(NFD).encode(), NFD.encode()]
IMPOSIBLES = [
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025-02-30", "ayer", "", "10000-01-01"),
]
LISTAS = [
    *((app, "/saga/", "pagina", "limite", 100) for app in NOMBRES),
    ("orquestador", "/muertos/", "pagina", "limite", 100),
    ("principal", "/campaigns/", "offset", "limit", 100),
    ("principal", "/pagos/", "offset", "limit", 100),
    ("principal", "/reporting/reports", "limite", "limite", 100),
    ("cafeteria-api", "/api/v1/pedidos/", "offset", "limit", 1_000),
    ("cafeteria-api", "/api/v1/sagas/", "offset", "limit", 1_000),
]
POR_ID = [
    *((app, "/saga/{}/status") for app in NOMBRES),
    ("orquestador", "/saga/{}/explicacion"),
    ("orquestador", "/muertos/{}"),
    ("principal", "/campaigns/{}"),
    ("principal", "/pagos/{}"),
    ("principal", "/reporting/report/{}"),
    *(("cafeteria-api", f"/api/v1/{que}/{{}}") for que in ("sagas", "pedidos", "productos")),
]
# Where an id is a number, however many digits it has.
NUMERADAS = ("/api/v1/pedidos/{}", "/api/v1/productos/{}")
LARGAS = [
    *((app, "/saga/", "/saga/{}/status") for app in NOMBRES),
    ("cafeteria-api", "/api/v1/pedidos/", "/api/v1/pedidos/{}"),
]


def leer(quieto: Quieto, app: str, ruta: str, consulta: bytes = b"") -> TestResponse:
    """GET with the path's escapes and the query's bytes as they are: a client library would mend them."""
    entorno = EnvironBuilder().get_environ()
    entorno["PATH_INFO"] = unquote_to_bytes(ruta).decode("latin-1")
    entorno["QUERY_STRING"] = consulta.decode("latin-1")
    return TestResponse(*run_wsgi_app(quieto.apps[app], entorno, buffered=True), request=Request(entorno))


def exigir_negada(respuesta: TestResponse, estado: int = 400) -> Any:
    dicho = f"{respuesta.request.url[-100:]}: {respuesta.get_data(as_text=True)}"
    assert respuesta.status_code == estado, dicho
    return exigir_error(respuesta.status_code, respuesta.headers, respuesta.get_data())


@pytest.mark.parametrize("app", NOMBRES)
@pytest.mark.parametrize(
    "consulta", [quote(ESTADO).encode(), ESTADO.encode(), quote(NFD).encode(), NFD.encode()]
)
def test_la_enie_sobrevive_a_la_consulta(quieto: Quieto, app: str, consulta: bytes) -> None:
    """The state with Ñ filters percent-encoded and raw, composed and decomposed, through the BFF as well."""
    respuesta = leer(quieto, app, "/saga/", b"estado=" + consulta)
    assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
    assert {s["estado"] for s in respuesta.get_json()["sagas"]} <= {ESTADO}


@pytest.mark.parametrize("app", NOMBRES)
def test_una_enie_en_otra_codificacion_no_es_la_enie(quieto: Quieto, app: str) -> None:
    """Latin-1 in a query is no state: a 400, not a guess and no 5xx."""
    for consulta in (b"estado=CAMPA%D1A_CREADA", b"estado=CAMPA\xd1A_CREADA", b"estado=%", b"estado=%00"):
        exigir_negada(leer(quieto, app, "/saga/", consulta))


@pytest.mark.parametrize(("app", "ruta", "desde", "limite", "maximo"), LISTAS)
def test_la_paginacion_hostil_se_rechaza(
    quieto: Quieto, app: str, ruta: str, desde: str, limite: str, maximo: int
) -> None:
    """Out of range, no number, or huge: each paging value is refused by itself."""
    estado = quieto.mal_formada(app)
    assert leer(quieto, app, ruta, f"{limite}={maximo}".encode()).status_code == 200
    mas = str(maximo + 1)
    for valor in ("0", mas, "-1", "1.5", "1e1", "x", "", "%00", "NaN", "9" * 30, "null", "1;2"):
        exigir_negada(leer(quieto, app, ruta, f"{limite}={valor}".encode()), estado)
    for valor in ("-1", "x", "9" * 30, "1.5"):
        exigir_negada(leer(quieto, app, ruta, f"{desde}={valor}".encode()), estado)


@pytest.mark.parametrize(
    ("app", "consulta"),
    [
        ("principal", "/campaigns/?id_afiliado=%00"),
        ("principal", "/campaigns/stats/general?id_afiliado=a%00b"),
        ("principal", "/pagos/?id_afiliado=%00"),
        ("orquestador", "/muertos/?consumidor=%00"),
        ("orquestador", "/saga/?de_nadie=%00"),
        ("principal", "/campaigns/?de%00nadie=1"),
        ("principal", "/campaigns/?id_afiliado=" + "x" * 256),
        ("orquestador", "/muertos/?consumidor=" + "x" * 61),
        ("principal", "/reporting/admin/verificar-servicio?url=file:///etc/passwd"),
        ("principal", "/reporting/admin/verificar-servicio?url=http://a%00b/"),
        ("cafeteria-api", "/api/v1/sagas/?estado=%00"),
        ("cafeteria-api", "/api/v1/sagas/?estado=" + "x" * 256),
        ("cafeteria-api", "/api/v1/pedidos/?de_nadie=%00"),
    ],
)
def test_un_filtro_que_la_base_no_admite_se_rechaza(quieto: Quieto, app: str, consulta: str) -> None:
    """NUL is refused before PostgreSQL would refuse it with an error of its own."""
    exigir_negada(quieto.cliente(app).get(consulta), quieto.mal_formada(app))


@pytest.mark.parametrize(("app", "ruta"), POR_ID)
@pytest.mark.parametrize(
    "id",
    ["nada", "%FF", "%3F", "%23", "%25", "%E2%82%AC", "a b", "0" * 36, "{}", "%7B%7D", "Ñ"],
)
def test_un_id_hostil_se_juzga_como_id(quieto: Quieto, app: str, ruta: str, id: str) -> None:
    """An id is one id to the BFF and the orchestrator: no `?` in it starts a query of another route."""
    ninguno = "reporting" in ruta or (ruta in NUMERADAS and id.isdigit())
    detalle = exigir_negada(leer(quieto, app, ruta.format(id)), 404 if ninguno else quieto.mal_formada(app))
    assert re.search("inválido|no encontrado|Debe ser un (UUID|número entero)", str(detalle))


@pytest.mark.parametrize("app", TODAS)
@pytest.mark.parametrize("control", ["%00", "%0a", "%0d%0a", "%1b%5b2J", "%7f", "%C2%85"])
def test_un_control_en_la_direccion_se_rechaza(
    quieto: Quieto, app: str, control: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of every route, and of none: at the door, before anybody stores, forwards or logs it."""
    for regla in {r.rule for r in quieto.apps[app].url_map.iter_rules()} | {"/nada/<x>"}:
        ruta = re.sub("<[^>]+>", control, regla)
        if ruta == regla:
            ruta += control
        assert "path" in str(exigir_negada(leer(quieto, app, ruta), quieto.mal_formada(app))), ruta
    assert "\x1b" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("app", "metodo", "ruta"),
    [
        ("principal", "PATCH", "/campaigns/{}/cancel"),
        ("alianzas", "PUT", "/contratos/{}"),
        ("cafeteria-api", "POST", "/api/v1/sagas/{}/reintentar"),
    ],
)
def test_un_control_en_la_direccion_se_audita(quieto: Quieto, app: str, metodo: str, ruta: str) -> None:
    """A refused change is a row all the same, with the path's control characters escaped."""
    entorno = EnvironBuilder(method=metodo, json={}, headers={"X-Correlation-ID": f"c-{app}"}).get_environ()
    entorno["PATH_INFO"] = ruta.format("\x00\n")
    respuesta = TestResponse(
        *run_wsgi_app(quieto.apps[app], entorno, buffered=True), request=Request(entorno)
    )
    exigir_negada(respuesta, quieto.mal_formada(app))
    with quieto.proceso.c.motor().lectura() as con:
        donde = auditoria.c.correlation_id == f"c-{app}"
        filas = con.execute(select(auditoria.c.recurso, auditoria.c.resultado).where(donde)).all()
    assert filas == [(ruta.format("%00%0A"), "rechazada")]


@pytest.mark.parametrize("app", NOMBRES)
def test_un_id_no_se_escapa_de_su_ruta(quieto: Quieto, app: str) -> None:
    """`cleanup?x` is an id that does not exist, never the cleanup of everything."""
    respuesta = quieto.cliente(app).delete("/saga/cleanup%3Fx")
    assert "inválido" in exigir_negada(respuesta)


@pytest.mark.parametrize(("app", "lista", "una"), LARGAS)
def test_una_direccion_larguisima_es_414(quieto: Quieto, app: str, lista: str, una: str) -> None:
    """What could not be forwarded is refused where it arrives, in the contract's shape."""
    exigir_negada(leer(quieto, app, una.format("9" * 70_000)), 414)
    exigir_negada(leer(quieto, app, lista, b"x=" + b"%C3%91" * 12_000), 414)


@pytest.mark.parametrize(
    "fecha",
    ["0594-09-10T21:35:52", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "2025-01-01T00:00:00-05:00"],
)
def test_una_fecha_extrema_se_lee_como_se_dio(quieto: Quieto, fecha: str) -> None:
    """Every date that is accepted can be read back: before, the year 594 made all lists fail."""
    cliente = quieto.cliente("principal")
    cuerpo = {**cuerpo_de_saga()["campana"], "fecha_inicio": fecha, "id_afiliado": fecha}
    creada = cliente.post("/campaigns/", json=cuerpo).get_json()
    leida = cliente.get(f"/campaigns/{creada['id']}")
    assert leida.status_code == 200, leida.get_data(as_text=True)
    assert leida.get_json()["fecha_inicio"] == creada["fecha_inicio"]


@pytest.mark.parametrize(
    "fecha",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025-02-30", "ayer", "", "10000-01-01"],
)
def test_una_fecha_imposible_es_400(quieto: Quieto, fecha: str) -> None:
    """A date that no calendar has, or none in UTC, is a body error."""
    cuerpo = {**cuerpo_de_saga()["campana"], "fecha_fin": fecha}
    exigir_negada(quieto.cliente("principal").post("/campaigns/", json=cuerpo))


@pytest.mark.parametrize(("app", "ruta"), CREACIONES)
@pytest.mark.parametrize("clave", ["", "x" * 256, "a\tb", "a\x7fb", "ñandú", "x" * 10_000])
def test_una_clave_hostil_se_rechaza(quieto: Quieto, app: str, ruta: str, clave: str) -> None:
    """An empty key protects nobody, and one that cannot be stored or forwarded neither: refused."""
    antes = quieto.foto()
    cabeceras = {"Idempotency-Key": clave}
    respuesta = quieto.cliente(app).post(ruta, json=CREACIONES[app, ruta], headers=cabeceras)
    assert "Idempotency-Key" in exigir_negada(respuesta, quieto.mal_formada(app))
    assert quieto.foto() == antes


@pytest.mark.parametrize("app", ["bff", "orquestador"])
def test_las_cabeceras_con_letras_llegan(quieto: Quieto, app: str) -> None:
    """A name with letters reaches the audit as it is; a correlation that cannot travel is replaced."""
    cabeceras = {"X-Operador": "María Ñ".encode().decode("latin-1"), "X-Correlation-ID": "José"}
    saga_id = str(uuid.UUID(int=0))
    respuesta = quieto.cliente(app).post(
        f"/saga/{saga_id}/cancelar", json={"motivo": "x"}, headers={**cabeceras, "X-Saga-ID": "ñ"}
    )
    exigir_negada(respuesta, 404)
    assert uuid.UUID(respuesta.headers["X-Correlation-ID"])
    creada = quieto.cliente(app).post(INICIO, json=cuerpo_de_saga()).get_json()["saga_id"]
    cancelada = quieto.cliente(app).post(f"/saga/{creada}/cancelar", json={"motivo": "x"}, headers=cabeceras)
    assert cancelada.status_code == 202, cancelada.get_data(as_text=True)
    relato = quieto.cliente("orquestador").get(f"/saga/{creada}/explicacion").get_json()
    assert [o["quien"] for o in relato["ordenes"]] == ["María Ñ"]
    largo = {"X-Operador": "x" * 101}
    exigir_negada(quieto.cliente(app).post(f"/saga/{creada}/cancelar", json={"motivo": "x"}, headers=largo))


def test_las_cifras_no_desbordan_los_totales(quieto: Quieto) -> None:
    """A figure that the totals of all campaigns could not hold is refused; the largest one is counted."""
    cliente, afiliado = quieto.cliente("principal"), str(uuid.uuid4())
    cuerpo = {**cuerpo_de_saga()["campana"], "id_afiliado": afiliado}
    for _ in range(2):
        id = cliente.post("/campaigns/", json=cuerpo).get_json()["id"]
        assert cliente.patch(f"/campaigns/{id}/metrics", json={"impresiones": 10**9}).status_code == 200
        exigir_negada(cliente.patch(f"/campaigns/{id}/metrics", json={"impresiones": 10**9 + 1}))
    generales = cliente.get(f"/campaigns/stats/general?id_afiliado={afiliado}").get_json()
    assert generales["metricas_agregadas"]["total_impresiones"] == 2 * 10**9
