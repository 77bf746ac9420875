"""What an answer says in its headers: where what it made is, what a path takes, what a browser may read."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from aeropartners.seedwork.infraestructura.web.aplicacion import PARA_NAVEGADORES
from tests.api.documentos import operaciones
from tests.datos import CREACIONES, SAGA, cuerpo_de_partner, cuerpo_de_saga
from tests.hostil.quieto import Quieto, levantar_quieto

METODOS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def quieto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """All services, in which only requests change rows."""
    with levantar_quieto(tmp_path_factory.mktemp("quieto")) as quieto:
        yield quieto


@pytest.mark.parametrize(("app", "ruta"), CREACIONES, ids=[f"{a} {r}" for a, r in CREACIONES])
def test_lo_creado_dice_donde_esta(quieto: Quieto, app: str, ruta: str) -> None:
    """`Location` is a path of the same service, where it is; the answer to a repeated key says the same."""
    cliente, cuerpo = quieto.cliente(app), CREACIONES[app, ruta]
    clave = {"Idempotency-Key": f"donde-{app}-{ruta}"}
    primera, repetida = (cliente.post(ruta, json=cuerpo, headers=clave) for _ in range(2))
    assert primera.status_code in (200, 201, 202), primera.get_data(as_text=True)
    lugar = primera.headers["Location"]
    assert lugar.startswith("/")
    assert repetida.headers["Location"] == lugar
    hallado = cliente.get(lugar)
    assert hallado.status_code == 200
    assert lugar.removesuffix("/status").rsplit("/", 1)[-1] in hallado.get_data(as_text=True)


def test_lo_rechazado_no_dice_lugar(quieto: Quieto) -> None:
    """What is refused for its form, or by a rule, made nothing; nor did it when its key comes again."""
    formas = [(app, ruta, {}, quieto.mal_formada(app)) for app, ruta in CREACIONES]
    caras = {**cuerpo_de_saga()["campana"], "presupuesto": {"monto": 1e7, "moneda": "USD"}}
    partner = cuerpo_de_partner()
    quieto.cliente("integraciones").post("/api/v1/partners/", json=partner)
    formas += [("principal", "/campaigns/", caras, 400), ("integraciones", "/api/v1/partners/", partner, 409)]
    for app, ruta, cuerpo, estado in formas:
        for _ in range(2):
            clave = {"Idempotency-Key": f"nada-{estado}-{len(cuerpo)}"}
            negada = quieto.cliente(app).post(ruta, json=cuerpo, headers=clave)
            assert negada.status_code == estado, f"{app} {ruta}"
            assert "Location" not in negada.headers


def test_el_openapi_dice_donde_hay_lugar(quieto: Quieto) -> None:
    """The successes that declare `Location` are those of the table."""
    declaradas = {
        (o.servicio, o.ruta)
        for o in operaciones(quieto.apps)
        for _, respuesta in o.logros
        if "Location" in respuesta.get("headers", {})
    }
    assert declaradas == set(CREACIONES)


def test_todo_405_dice_que_vale(quieto: Quieto) -> None:
    """Every path of every service, asked by each method that it does not take: `Allow`, in our error form."""
    vistos = 0
    for app in quieto.apps.values():
        for regla, valen in _reglas(app).items():
            for metodo in (*METODOS, "TRACE"):
                if metodo in valen:
                    continue
                respuesta = app.test_client().open(regla, method=metodo)
                if respuesta.status_code != 405:
                    continue  # a route with an id takes it: `DELETE /saga/todas`
                vistos += 1
                assert valen <= set(respuesta.headers["Allow"].split(", ")), f"{metodo} {regla}"
                assert metodo not in respuesta.headers["Allow"].split(", ")
                assert respuesta.headers.getlist("Content-Type") == ["application/json"]
                assert respuesta.get_json().keys() & {"detail", "codigo"}
    assert vistos > 200


def test_lo_que_un_navegador_puede_leer(quieto: Quieto) -> None:
    """A page of another origin may read the headers that its program goes by, on refusals as well."""
    ajena = {"Origin": "http://localhost:3000"}
    bff = quieto.cliente("bff")
    inicio = bff.post(SAGA, json=cuerpo_de_saga(), headers=ajena)
    for respuesta in (inicio, bff.get("/nada", headers=ajena), bff.put(SAGA, headers=ajena)):
        expuestas = respuesta.headers["Access-Control-Expose-Headers"].split(", ")
        assert sorted(expuestas) == sorted(PARA_NAVEGADORES)
    assert {"Location", "X-Correlation-ID"} <= set(inicio.headers.keys())
    assert {"Location", "Retry-After", "X-Correlation-ID", "X-Total-Count"} == set(PARA_NAVEGADORES)


def _reglas(app: Flask) -> dict[str, set[str]]:
    """Return the paths of an application, with an id in them, and the methods that each takes."""
    reglas: dict[str, set[str]] = {}
    for regla in app.url_map.iter_rules():
        reglas.setdefault(re.sub("<[^>]+>", "x", regla.rule), set()).update(regla.methods or ())
    return reglas
