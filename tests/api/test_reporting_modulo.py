"""REST of reports (001, section 6) over the real machine, with data services that fail on command."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.api.pila_reporting import PROPIA, Pila

NADIE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def plantilla(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    ruta = tmp_path_factory.mktemp("plantilla") / "base.db"
    motor = Motor(f"sqlite:///{ruta}")
    migraciones.aplicar(motor)
    motor.cerrar()
    return ruta


@pytest.fixture
def pila(plantilla: Path, tmp_path: Path) -> Iterator[Pila]:
    shutil.copy(plantilla, tmp_path / "base.db")
    pila = Pila(f"sqlite:///{tmp_path}/base.db", tmp_path)
    yield pila
    pila.cerrar()


@pytest.mark.parametrize(
    ("tipo", "rutas"),
    [
        ("pagos_por_periodo", ["/pagos/outbox/estadisticas"]),
        ("campanas_activas", ["/campaigns/"]),
        ("metricas_generales", ["/campaigns/stats/general"]),
        ("CAMPAÑA_COMPLETA", ["/pagos/outbox/estadisticas", "/campaigns/", "/campaigns/stats/general"]),
    ],
)
def test_datos_de_cada_tipo(pila: Pila, tipo: str, rutas: list[str]) -> None:
    """Each type asks the routes that the contract names; ours are served in this process."""
    reporte = pila.hecho(tipo)
    assert pila.propio.pedidos == rutas
    partes = list(reporte["datos"].values()) if tipo == "CAMPAÑA_COMPLETA" else [reporte["datos"]]
    assert partes == [{"de": "propio", "ruta": ruta} for ruta in rutas]
    assert (reporte["version_servicio_datos"], reporte["estado"]) == ("v1", "GENERADO")
    assert pila.cliente.get(f"/reporting/report/{reporte['id']}").get_json() == reporte


def test_filtro_de_afiliado(pila: Pila) -> None:
    """The affiliate is handed to the service in its own words, percent-encoded."""
    cuerpo = {"tipo_reporte": "campanas_activas", "filtros": {"afiliado_id": "a ñ&b", "moneda": "USD"}}
    reporte = pila.cliente.post("/reporting/report", json=cuerpo).get_json()
    assert pila.propio.pedidos == ["/campaigns/?id_afiliado=a+%C3%B1%26b"]
    assert reporte["metadatos"]["filtros_aplicados"] == cuerpo["filtros"]


@pytest.mark.parametrize(
    ("cuerpo", "lugar"),
    [
        ({}, ["json", "tipo_reporte"]),
        ({"tipo_reporte": None}, ["json", "tipo_reporte"]),
        ({"tipo_reporte": "ventas"}, ["json", "tipo_reporte"]),
        ({"tipo_reporte": ["metricas_generales"]}, ["json", "tipo_reporte"]),
        ({"tipo_reporte": "metricas_generales", "filtros": 3}, ["json", "filtros"]),
        (
            {"tipo_reporte": "metricas_generales", "filtros": {"fecha_fin": "2025-02-30"}},
            ["json", "filtros", "fecha_fin"],
        ),
        ({"tipo_reporte": "metricas_generales", "filtros": {"moneda": 1}}, ["json", "filtros", "moneda"]),
    ],
)
def test_cuerpo_invalido(pila: Pila, cuerpo: dict[str, Any], lugar: list[str]) -> None:
    """A wrong body is a 400 that says where and what; no service is asked."""
    respuesta = pila.cliente.post("/reporting/report", json=cuerpo)
    [detalle] = respuesta.get_json()["detail"]
    assert (respuesta.status_code, detalle["loc"]) == (400, lugar)
    assert detalle["msg"]
    assert detalle["type"]
    assert pila.propio.pedidos == []


def test_servicio_que_anida_sin_fin(pila: Pila) -> None:
    """A body that no reader can follow is no data either."""
    pila.propio.todo(200, b"[" * 9_999)
    assert pila.pedir().get_json()["reintentable"] is True


@pytest.mark.parametrize("cuerpo", [b"{", b"[]", b'"x"', b""])
def test_cuerpo_ilegible(pila: Pila, cuerpo: bytes) -> None:
    """What is no JSON object is a 400 with a list of details."""
    respuesta = pila.cliente.post("/reporting/report", data=cuerpo, content_type="application/json")
    assert respuesta.status_code == 400
    assert isinstance(respuesta.get_json()["detail"], list)


def test_cambio_al_proximo_reporte(pila: Pila) -> None:
    """A switch takes effect at the next report, and back; nothing is restarted."""
    assert pila.hecho()["datos"]["de"] == "propio"
    assert pila.cambiar(pila.ajeno.url + "/").status_code == 200
    reporte = pila.hecho()
    assert (reporte["datos"]["de"], reporte["version_servicio_datos"]) == ("ajeno", "v2")
    assert pila.ajeno.servicio.pedidos == ["/campaigns/stats/general"]
    pila.cambiar(PROPIA, "v1")
    assert pila.hecho()["datos"]["de"] == "propio"


@pytest.mark.parametrize("url", [PROPIA + "1", "https://127.0.0.1:1", "http://127.0.0.2:1"])
def test_solo_lo_propio_es_propio(pila: Pila, url: str) -> None:
    """An address that only looks like ours is asked over the network."""
    pila.cambiar(url)
    assert pila.pedir().get_json()["reintentable"] is True
    assert pila.propio.pedidos == []


@pytest.mark.parametrize(
    ("estado", "cuerpo"),
    [
        (500, b"{}"),
        (404, b"{}"),
        (302, b"{}"),
        (200, b"[1]"),
        (200, b"<html>"),
        (200, b""),
        (200, b"[" * 9999),
    ],
)
def test_servicio_que_no_da_datos(pila: Pila, estado: int, cuerpo: bytes) -> None:
    """Whatever is not an object with a 2xx is a service that does not answer: 400, `reintentable`."""
    pila.propio.todo(estado, cuerpo)
    respuesta = pila.pedir()
    assert respuesta.status_code == 400
    assert respuesta.get_json()["reintentable"] is True
    assert respuesta.get_json()["detail"].startswith("El servicio de datos no responde")
    assert pila.sql("SELECT * FROM reportes") == []


def test_servicio_caido_y_luego_bien(pila: Pila) -> None:
    """A report that could not be made for an outage is made by the same request later, also by key."""
    pila.cambiar(NADIE)
    clave = {"Idempotency-Key": str(uuid4())}
    respuesta = pila.pedir(**clave)
    assert respuesta.status_code == 400
    assert respuesta.get_json() == {
        "detail": "El servicio de datos no responde: ConnectError",
        "reintentable": True,
    }
    pila.cambiar(pila.ajeno.url)
    assert pila.pedir(**clave).status_code == 200


def test_servicio_callado(pila: Pila) -> None:
    """A service that says nothing is given up after the deadline."""
    pila.cambiar(pila.ajeno.url)
    pila.ajeno.servicio.callar = True
    respuesta = pila.pedir()
    assert (respuesta.status_code, respuesta.get_json()["reintentable"]) == (400, True)
    assert "ReadTimeout" in respuesta.get_json()["detail"]


def test_sin_servicio(pila: Pila) -> None:
    """Without an active service a report is refused for good."""
    pila.con_servicio = False
    respuesta = pila.pedir()
    assert respuesta.status_code == 400
    assert respuesta.get_json() == {"detail": "No hay un servicio de datos activo"}
    assert pila.cliente.get("/reporting/admin/verificar-servicio").get_json()["disponible"] is False


def test_clave_repetida(pila: Pila) -> None:
    """A repeated key gives the same report, also with the service away; with another body it is a 409."""
    clave = {"Idempotency-Key": str(uuid4())}
    primera = pila.pedir(**clave)
    pila.propio.todo(500, b"")
    assert pila.pedir(**clave).get_data() == primera.get_data()
    assert len(pila.sql("SELECT id FROM reportes")) == 1
    pila.propio.todo(200, b"{}")
    assert pila.pedir("campanas_activas", **clave).status_code == 409


def test_nombres_unicos(pila: Pila) -> None:
    """Reports of one moment do not overwrite each other."""
    assert len({pila.hecho()["id"] for _ in range(20)}) == 20
    assert len(pila.sql("SELECT id FROM reportes")) == 20


@pytest.mark.parametrize(
    "id", ["nada", "x" * 101, "7f0c5c8e-0000-4000-8000-000000000000", "metricas_20250101_000000_abc"]
)
def test_desconocido(pila: Pila, id: str) -> None:
    """What is no report is a 404 with the contract's body."""
    for respuesta in (
        pila.cliente.get(f"/reporting/report/{id}"),
        pila.cliente.patch(f"/reporting/{id}/cancel", json={}),
    ):
        assert (respuesta.status_code, respuesta.get_json()) == (404, {"detail": "Reporte no encontrado"})


@pytest.mark.parametrize("peticion", [{}, {"json": {}}, {"json": {"motivo": None, "saga_id": None}}])
def test_cancelar(pila: Pila, peticion: dict[str, Any]) -> None:
    """A report is cancelled with or without a body, and answers the same again; it stays readable."""
    reporte = pila.hecho()
    ruta = f"/reporting/{reporte['id']}/cancel"
    cancelado = pila.cliente.patch(ruta, **peticion)
    assert (cancelado.status_code, cancelado.get_json()) == (200, reporte | {"estado": "CANCELADO"})
    assert pila.cliente.patch(ruta, json={"motivo": "otra vez"}).get_data() == cancelado.get_data()
    assert pila.cliente.get(f"/reporting/report/{reporte['id']}").get_json()["estado"] == "CANCELADO"
    assert len(pila.sql("SELECT * FROM eventos")) == 2


@pytest.mark.parametrize("cuerpo", [{"motivo": 3}, {"motivo": "x" * 501}, {"saga_id": "no"}, []])
def test_cancelar_invalido(pila: Pila, cuerpo: Any) -> None:
    """A wrong body is a 400 and cancels nothing."""
    reporte = pila.hecho()
    assert pila.cliente.patch(f"/reporting/{reporte['id']}/cancel", json=cuerpo).status_code == 400
    assert pila.cliente.get(f"/reporting/report/{reporte['id']}").get_json() == reporte


def test_saga_de_quien_pide(pila: Pila) -> None:
    """The events of a saga's call name it, by the body or by `X-Saga-ID`."""
    saga = str(uuid4())
    id = pila.pedir(**{"X-Saga-ID": saga}).get_json()["id"]
    pila.cliente.patch(f"/reporting/{id}/cancel", json={"saga_id": saga})
    assert [fila["saga_id"] for fila in pila.sql("SELECT saga_id FROM eventos")] == [saga, saga]


def test_lista(pila: Pila) -> None:
    """The list has the newest first, by type, up to the limit; ten unless told."""
    ids = [pila.hecho(tipo)["id"] for tipo in ["campanas_activas"] * 6 + ["CAMPAÑA_COMPLETA"] * 6]
    lista = pila.cliente.get("/reporting/reports").get_json()
    assert [r["id"] for r in lista] == ids[:1:-1]
    assert lista[0] == pila.cliente.get(f"/reporting/report/{ids[-1]}").get_json()
    for tipo in ("CAMPAÑA_COMPLETA", "CAMPAN\u0303A_COMPLETA"):
        filtrada = pila.cliente.get("/reporting/reports", query_string={"tipo": tipo, "limite": 2})
        assert [r["id"] for r in filtrada.get_json()] == [ids[-1], ids[-2]]
    assert pila.cliente.get("/reporting/reports?limite=100&tipo=pagos_por_periodo").get_json() == []


@pytest.mark.parametrize("consulta", ["limite=0", "limite=101", "limite=x", "tipo=ventas"])
def test_lista_invalida(pila: Pila, consulta: str) -> None:
    """Values out of range and unknown types are a 400 that names the field."""
    respuesta = pila.cliente.get(f"/reporting/reports?{consulta}")
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"][0]["loc"] == ["query", consulta.split("=")[0]]


def test_configuracion(pila: Pila) -> None:
    """There is one active service from the start; the history has each switch, the last one active."""
    ruta = "/reporting/admin/configuracion"
    inicial = {"url": PROPIA, "version": "v1", "activo": True, "fecha_actualizacion": None}
    assert pila.cliente.get(ruta).get_json() == {"configuracion_activa": inicial}
    cambios = [pila.cambiar(url, v).get_json() for url, v in ((NADIE, "v2"), (pila.ajeno.url, "v3"))]
    assert all(c.pop("mensaje") for c in cambios)
    configuracion = pila.cliente.get(f"{ruta}?incluir_historial=true").get_json()
    historial = [c | {"activo": activo} for c, activo in zip(cambios, (False, True), strict=True)]
    assert configuracion == {"configuracion_activa": historial[1], "historial": historial}
    assert pila.cliente.get(f"{ruta}?incluir_historial=quizas").status_code == 400


@pytest.mark.parametrize(
    "cuerpo",
    [
        {},
        {"url": "http://x"},
        {"version": "v2"},
        {"url": "ftp://x", "version": "v2"},
        {"url": "http://x?a=1", "version": "v2"},
        {"url": 3, "version": "v2"},
        {"url": "http://x", "version": " "},
        {"url": "http://x", "version": "v" * 51},
    ],
)
def test_servicio_invalido(pila: Pila, cuerpo: dict[str, Any]) -> None:
    """A switch to what is no address, or without a version, is a 400 and changes nothing."""
    respuesta = pila.cliente.post("/reporting/admin/servicio-datos", json=cuerpo)
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"][0]["loc"][1] in ("url", "version")
    assert pila.lecturas.activa() == (PROPIA, "v1")


def test_verificar(pila: Pila) -> None:
    """The active service, or the one that is named, is asked for its health, now."""
    ruta = "/reporting/admin/verificar-servicio"
    propio = pila.cliente.get(ruta).get_json()
    momento = datetime.fromisoformat(propio.pop("timestamp"))
    assert abs((datetime.now(UTC) - momento).total_seconds()) < 60
    assert (propio, pila.propio.pedidos) == ({"disponible": True, "url": PROPIA}, ["/health"])
    assert pila.cliente.get(ruta, query_string={"url": pila.ajeno.url}).get_json()["disponible"] is True
    caido = pila.cliente.get(ruta, query_string={"url": NADIE}).get_json()
    assert (caido["disponible"], caido["url"]) == (False, NADIE)
    assert caido["error"] == "El servicio de datos no responde: ConnectError"
    assert pila.cliente.get(f"{ruta}?url=ftp://x").status_code == 400


def test_salud(pila: Pila) -> None:
    """Health is green with the present time, and red when the tables cannot be read."""
    respuesta = pila.cliente.get("/reporting/health")
    assert (respuesta.status_code, respuesta.get_json()["status"]) == (200, "healthy")
    momento = datetime.fromisoformat(respuesta.get_json()["timestamp"])
    assert abs((datetime.now(UTC) - momento).total_seconds()) < 60
    with pila.motor.escritura() as con:
        con.exec_driver_sql("DROP VIEW configuracion_servicio_datos")
        con.exec_driver_sql("DROP TABLE servicio_datos_filas")
        con.commit()
    respuesta = pila.cliente.get("/reporting/health")
    assert (respuesta.status_code, respuesta.get_json()["status"]) == (503, "unhealthy")


def test_tablas(pila: Pila) -> None:
    """An SQL reader finds the columns of the contract, and one active service at most."""
    reporte = pila.hecho()
    pila.cliente.patch(f"/reporting/{reporte['id']}/cancel")
    [fila] = pila.sql("SELECT * FROM reportes")
    columnas = {"id", "tipo", "estado", "fecha_generacion", "datos", "metadatos", "version_servicio_datos"}
    assert set(fila) >= columnas
    assert (fila["id"], fila["estado"]) == (reporte["id"], "CANCELADO")
    for version in ("v2", "v3"):
        pila.cambiar(NADIE, version)
    [activa] = pila.sql("SELECT * FROM configuracion_servicio_datos WHERE activo")
    assert set(activa) >= {"id", "url", "version", "activo", "fecha_actualizacion"}
    assert (activa["url"], activa["version"]) == (NADIE, "v3")


@pytest.mark.parametrize(
    "ruta", ["reports", "health", "admin/configuracion", "admin/verificar-servicio", "report/x"]
)
def test_barra_final(pila: Pila, ruta: str) -> None:
    """A path answers the same with and without its trailing slash."""
    sin = pila.cliente.get(f"/reporting/{ruta}")
    con = pila.cliente.get(f"/reporting/{ruta}/")
    assert (con.status_code, type(con.get_json())) == (sin.status_code, type(sin.get_json()))
