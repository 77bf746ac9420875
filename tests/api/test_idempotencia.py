"""`Idempotency-Key` by the contracts: one caller's, of one route, for one content, before any check."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from aeropartners.seedwork.infraestructura.base.tablas import claves_idempotencia as tabla
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from tests.api.sistema import Sistema, levantar
from tests.datos import cuerpo_de_partner, cuerpo_de_saga
from tests.seguridad.paseo import API_KEYS, CLAVES

INICIO, DE_INTEGRACIONES = "/saga/crear-campana-completa", "/api/v1/saga/partners/"
OTRA = "otra-clave-de-operador-0123456789"


@pytest.fixture(scope="module")
def con_claves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The embedded system with keys on, two of them operators'."""
    with levantar(tmp_path_factory.mktemp("claves"), API_KEYS=f"{API_KEYS},{OTRA}:operador") as sistema:
        yield sistema


def de(clave: str, quien: str = CLAVES[Rol.OPERADOR]) -> dict[str, str]:
    """The headers of a call under a key, by somebody."""
    return {"Idempotency-Key": clave, "X-API-Key": quien}


def nueva() -> str:
    """A key that nobody has used."""
    return str(uuid.uuid4())


def crudo(cliente: FlaskClient, ruta: str, cuerpo: str, clave: str) -> TestResponse:
    """POST these very bytes."""
    cabeceras = {"Idempotency-Key": clave, "Content-Type": "application/json"}
    return cliente.post(ruta, data=cuerpo.encode(), headers=cabeceras)


def exigir_ok(respuesta: TestResponse) -> Any:
    """Return the answer's JSON; fails unless it is a success."""
    assert respuesta.status_code in (200, 201, 202), respuesta.get_data(as_text=True)
    return respuesta.get_json()


def guardadas(sistema: Sistema, clave: str) -> list[str]:
    """Return the routes under which a key is stored."""
    with sistema.proceso.c.motor().lectura() as con:
        return list(con.scalars(select(tabla.c.ruta).where(tabla.c.clave == clave)))


@pytest.mark.parametrize(
    "escrito",
    [
        lambda c: json.dumps(c, indent=3, ensure_ascii=False),
        lambda c: json.dumps(dict(reversed(c.items()))),
        lambda c: json.dumps(c).replace("1000.0", "1000"),
        lambda c: json.dumps(c).replace("1000.0", "10.00e+2"),
        lambda c: json.dumps(c).replace("\\u00f1", "ñ").replace("Test", "\\u0054est"),
    ],
    ids=["espacios", "orden", "entero", "exponente", "escapes"],
)
def test_el_mismo_contenido_escrito_de_otra_forma(embebido: Sistema, escrito: Any) -> None:
    """Spaces, order of keys, escapes and the spelling of a number make no other body: one answer."""
    cuerpo, clave = cuerpo_de_saga(), nueva()
    primera = exigir_ok(crudo(embebido.bff, INICIO, json.dumps(cuerpo), clave))
    assert exigir_ok(crudo(embebido.orquestador, INICIO, escrito(cuerpo), clave)) == primera


@pytest.mark.parametrize(
    ("antes", "despues"),
    [("1000.0", "1000.00000000000000001"), ("1000.0", '"1000.0"'), ("Test", "test"), ('"a"', '["a"]')],
)
def test_otro_contenido_es_409(embebido: Sistema, antes: str, despues: str) -> None:
    """A number is compared to its last decimal, and text letter by letter."""
    cuerpo, clave = json.dumps(cuerpo_de_saga(campana={"nombre": "Test", "x": "a", "monto": 1000.0})), nueva()
    exigir_ok(crudo(embebido.orquestador, INICIO, cuerpo, clave))
    assert crudo(embebido.orquestador, INICIO, cuerpo.replace(antes, despues), clave).status_code == 409


@pytest.mark.parametrize("por", ["bff", "orquestador", "principal"])
def test_una_clave_es_de_quien_la_uso(con_claves: Sistema, por: str) -> None:
    """Two API keys with one Idempotency-Key: two sagas, each told its own again; whatever the door."""
    cuerpo, clave, puerta = cuerpo_de_saga(), nueva(), getattr(con_claves, por)
    suyas = [
        [exigir_ok(puerta.post(INICIO, json=cuerpo, headers=de(clave, quien)))["saga_id"] for _ in range(2)]
        for quien in (CLAVES[Rol.OPERADOR], OTRA)
    ]
    assert [len(set(s)) for s in suyas] == [1, 1]
    assert suyas[0] != suyas[1]


def test_una_clave_es_la_misma_por_otra_puerta(con_claves: Sistema) -> None:
    """A BFF calls in its caller's name: what was asked through it is answered without it."""
    cuerpo, clave = cuerpo_de_saga(), nueva()
    puertas = (con_claves.bff, con_claves.principal, con_claves.orquestador)
    ids = {exigir_ok(p.post(INICIO, json=cuerpo, headers=de(clave)))["saga_id"] for p in puertas}
    assert len(ids) == 1


def test_integraciones_distingue_a_quienes_la_llaman(con_claves: Sistema) -> None:
    """It shows the orchestrator a key of its own, and two of its callers are two all the same."""
    cuerpo, clave, puerta = cuerpo_de_partner(), nueva(), con_claves.integraciones
    suyas = [
        [
            exigir_ok(puerta.post(DE_INTEGRACIONES, json=cuerpo, headers=de(clave, q)))["saga_id"]
            for _ in range(2)
        ]
        for q in (CLAVES[Rol.OPERADOR], OTRA)
    ]
    assert [len(set(s)) for s in suyas] == [1, 1]
    assert suyas[0] != suyas[1]
    mala = puerta.post(DE_INTEGRACIONES, json=cuerpo, headers=de(""))
    assert mala.status_code == 400


def test_dos_prefijos_son_una_ruta(embebido: Sistema) -> None:
    """`/campaigns` and `/api/campaigns` are one route of the contract, with a slash or without."""
    cuerpo, clave = cuerpo_de_saga()["campana"], {"Idempotency-Key": nueva()}
    rutas = ("/api/campaigns/", "/campaigns/", "/campaigns", "/api/campaigns")
    ids = {exigir_ok(embebido.principal.post(r, json=cuerpo, headers=clave))["id"] for r in rutas}
    assert len(ids) == 1


@pytest.mark.parametrize("por", ["bff", "principal", "orquestador"])
def test_la_clave_se_mira_antes_que_la_forma(embebido: Sistema, por: str) -> None:
    """A used key with a body that is wrong in form is a key used twice: 409. With a new key it is a 400."""
    puerta, clave = getattr(embebido, por), nueva()
    malo = {"campana": {}, "pago": 3, "reporte": {}}
    assert puerta.post(INICIO, json=malo, headers={"Idempotency-Key": clave}).status_code == 400
    assert guardadas(embebido, clave) == []
    exigir_ok(puerta.post(INICIO, json=cuerpo_de_saga(), headers={"Idempotency-Key": clave}))
    assert puerta.post(INICIO, json=malo, headers={"Idempotency-Key": clave}).status_code == 409


def test_se_repite_lo_que_hoy_no_se_podria(con_claves: Sistema) -> None:
    """A report is answered as the first time when the data service that it was made of is gone."""
    cuerpo, clave, admin = {"tipo_reporte": "metricas_generales"}, de(nueva()), de(nueva(), CLAVES[Rol.ADMIN])
    principal = con_claves.principal
    hecho = exigir_ok(principal.post("/reporting/report", json=cuerpo, headers=clave))
    otro = {"url": "http://127.0.0.1:9", "version": "v0"}
    exigir_ok(principal.post("/reporting/admin/servicio-datos", json=otro, headers=admin))
    assert principal.post("/reporting/report", json=cuerpo, headers=admin).status_code == 400
    assert exigir_ok(principal.post("/reporting/report", json=cuerpo, headers=clave)) == hecho


@pytest.mark.parametrize("ruta", ["/campaigns/", "/api/campaigns/"])
def test_las_claves_de_la_version_anterior_valen(con_claves: Sistema, ruta: str) -> None:
    """A key that the release before stored, without a caller, by the bytes and the prefix of its request."""
    cuerpo, clave = json.dumps(cuerpo_de_saga()["campana"]), nueva()
    cabeceras = {**de(clave), "Content-Type": "application/json"}
    primera = exigir_ok(con_claves.principal.post(ruta, data=cuerpo, headers=cabeceras))
    vieja = {
        "cliente": "",
        "ruta": f"POST {ruta.rstrip('/')}",
        "huella": hashlib.sha256(cuerpo.encode()).hexdigest(),
    }
    with con_claves.proceso.c.motor().escritura() as con:
        con.execute(update(tabla).where(tabla.c.clave == clave).values(**vieja))
        con.commit()
    assert exigir_ok(con_claves.principal.post(ruta, data=cuerpo, headers=cabeceras)) == primera


def test_un_rechazo_de_la_puerta_no_deja_clave(con_claves: Sistema) -> None:
    """401 and 403 leave no key: whoever may do it later does it then."""
    clave, cuerpo = nueva(), cuerpo_de_saga()
    for quien, estado in (("nadie", 401), (CLAVES[Rol.LECTOR], 403)):
        negada = con_claves.orquestador.post(INICIO, json=cuerpo, headers=de(clave, quien))
        assert negada.status_code == estado
    assert guardadas(con_claves, clave) == []


def test_una_clave_olvidada_se_puede_usar(embebido: Sistema) -> None:
    """Keys live as long as their rows."""
    clave, cabeceras = nueva(), {}
    cabeceras["Idempotency-Key"] = clave
    uno = exigir_ok(embebido.orquestador.post(INICIO, json=cuerpo_de_saga(), headers=cabeceras))
    with embebido.proceso.c.motor().escritura() as con:
        con.execute(delete(tabla).where(tabla.c.clave == clave))
        con.commit()
    assert exigir_ok(embebido.orquestador.post(INICIO, json=cuerpo_de_saga(), headers=cabeceras)) != uno
