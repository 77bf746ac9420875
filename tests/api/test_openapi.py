"""What a client generator needs of every service's OpenAPI: names, keys, closed words and typed parts."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from aeropartners.arranque.sistemas import SERVICIOS
from tests.api.documentos import Operacion, exigir_declarado, operaciones, partes
from tests.api.sistema import Sistema
from tests.api.solo_orquestador import orquestador
from tests.datos import cuerpo_de_saga
from tests.hostil.quieto import Quieto, levantar_quieto
from tests.hostil.test_cuerpos import CUERPOS

NOMBRES = Path(__file__).with_name("operaciones.txt")
CLAVE = "Idempotency-Key"
CLAVE_IMPOSIBLE = "k" * 256
# Where a word of the state is in an answer of the operator's, a newer release may have written it.
CON_PALABRAS = ({"enum"}, {"x-extensible-enum"})


@pytest.fixture(scope="module")
def quieto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """All services, in which only requests change rows."""
    with levantar_quieto(tmp_path_factory.mktemp("quieto")) as quieto:
        yield quieto


@pytest.fixture(scope="module")
def todas(quieto: Quieto) -> list[Operacion]:
    """Every operation of every service."""
    assert len(quieto.apps) == len(SERVICIOS)
    return operaciones(quieto.apps)


def test_cada_operacion_tiene_un_nombre_suyo(todas: list[Operacion]) -> None:
    """In its service no other has it, and it is a name in any language."""
    veces = Counter((o.servicio, o.dicho["operationId"]) for o in todas)
    assert len(todas) > 100
    assert [nombre for nombre, cuantas in veces.items() if cuantas > 1] == []
    # A number at the end is the library's, for the second view of the same name: it counts the routes before.
    malos = (r"[a-z_]+", r".*_\d+")
    assert [n for _, n in veces if not re.fullmatch(malos[0], n) or re.fullmatch(malos[1], n)] == []


def test_los_nombres_no_cambian(todas: list[Operacion]) -> None:
    """A generated client calls its methods so: who changes one, changes this file, and says it."""
    dichos = sorted(f"{o} {o.dicho['operationId']}" for o in todas)
    assert dichos == NOMBRES.read_text().splitlines()


def test_la_clave_esta_donde_se_honra(quieto: Quieto, todas: list[Operacion]) -> None:
    """A key that nobody may use is refused by those operations that declare the header, and by no other."""
    cuerpos = {(app, metodo, ruta): cuerpo for app, metodo, ruta, cuerpo in CUERPOS}
    honran = set()
    for o in todas:
        if o.metodo == "GET":
            continue
        respuesta = quieto.cliente(o.servicio).open(
            o.ruta.format(**quieto.ids(o.servicio)),
            method=o.metodo,
            headers={CLAVE: CLAVE_IMPOSIBLE},
            json=cuerpos.get((o.servicio, o.metodo, o.ruta)),
        )
        if CLAVE in respuesta.get_data(as_text=True):
            assert respuesta.status_code in (400, 422), str(o)
            honran.add(str(o))
    assert honran == {str(o) for o in todas if CLAVE in o.cabeceras}
    assert len(honran) > 10


def test_ninguna_lista_es_libre(todas: list[Operacion]) -> None:
    """Of each list in an answer the OpenAPI says what is in it."""
    libres = [
        f"{o}: {donde}"
        for o in todas
        for _, respuesta in o.logros
        for tipo in respuesta.get("content", {}).values()
        for donde, esquema in partes(tipo["schema"])
        if esquema.get("type") == "array" and esquema["items"] in ({}, {"type": "object"})
    ]
    assert libres == []


def test_los_estados_son_palabras_contadas(todas: list[Operacion]) -> None:
    """Wherever an answer or a query has a state, phase, verdict or saga's status, its words are named."""
    dichos = [
        (f"{o}: {donde}", esquema)
        for o in todas
        for _, respuesta in o.logros
        for tipo in respuesta.get("content", {}).values()
        for donde, esquema in partes(tipo["schema"])
    ]
    dichos += [
        (f"{o}: ?{p['name']}", p["schema"])
        for o in todas
        for p in o.dicho.get("parameters", ())
        if p["in"] == "query"
    ]
    contadas = [(d, e) for d, e in dichos if re.search(r"[.?](estado|estado_kyc|fase|rendimiento)$", d)]
    contadas += [(d, e) for d, e in dichos if re.search(r"/saga/(?!health).*\.status$", d)]
    assert len(contadas) > 60
    assert [d for d, e in contadas if not any(clave <= e.keys() for clave in CON_PALABRAS)] == []


def test_lo_del_operador_es_lo_declarado(embebido: Sistema) -> None:
    """A saga that ended well and one that was undone: each field of what is told of them is declared."""
    app = embebido.proceso.aplicaciones["orquestador"]
    cliente = app.test_client()
    for referencia in (None, "FALLA-openapi"):
        inicio = embebido.bff.post("/saga/crear-campana-completa", json=cuerpo_de_saga(referencia))
        saga_id = embebido.final(inicio.get_json()["saga_id"])["saga_id"]
        for ruta in ("/saga/{saga_id}/explicacion", "/saga/{saga_id}/status"):
            exigir_declarado(app, ruta, cliente.get(ruta.format(saga_id=saga_id)).get_json())
    for ruta in ("/saga/", "/saga/todas", "/saga/atascadas", "/muertos/"):
        exigir_declarado(app, ruta, cliente.get(ruta).get_json())


def test_lo_atascado_y_lo_muerto_es_lo_declarado(tmp_path: Path) -> None:
    """A saga that asks for attention, a dead letter, and what the orders about either would do."""
    entorno = {"SAGA_STEP_TIMEOUT_S": "0.2", "SAGA_COMPENSATION_MAX_RETRIES": "0"}
    with orquestador(tmp_path, **entorno) as solo:
        saga_id = solo.iniciar()
        solo.hasta_motivo(saga_id, "ATENCION")
        id = solo.enterrar_crudo("nadie", solo.proceso.c.ids().nuevo(), "x", b"{}")
        consultas = {
            "/saga/atascadas": "",
            "/saga/simular/reintentar": f"?saga_id={saga_id}",
            "/muertos/": "",
            "/muertos/{id}": "",
            "/muertos/simular/descartar": f"?id={id}",
        }
        for ruta, consulta in consultas.items():
            cuerpo = solo.cliente.get(ruta.format(id=id) + consulta).get_json()
            exigir_declarado(solo.cliente.application, ruta, cuerpo)
