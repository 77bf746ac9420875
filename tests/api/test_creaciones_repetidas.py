"""A used `Idempotency-Key` is looked at before all but authentication, by every POST that makes something."""

import json
import queue
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from marshmallow import Schema, ValidationError
from sqlalchemy import select
from werkzeug.test import TestResponse

from aeropartners.seedwork.aplicacion.admision import Admision, DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.bucles.limite_de_espera import LimiteDeEspera
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from aeropartners.seedwork.infraestructura.base.tablas import claves_idempotencia
from aeropartners.seedwork.infraestructura.web import peticiones
from aeropartners.seedwork.infraestructura.web.escritura import honra_la_clave
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_de
from tests.datos import CREACIONES, SAGA
from tests.hostil.quieto import Quieto, levantar_quieto

INTEGRACIONES = ("integraciones", "/api/v1/partners/<partner_id>/integraciones")
TODAS: dict[tuple[str, str], dict[str, Any]] = {**CREACIONES, INTEGRACIONES: {"tipo": "API", "nombre": "x"}}
# The last word of the path of a POST that changes what is there, and makes nothing.
CAMBIOS = {"reintentar", "omitir", "cerrar", "cancelar", "retry", "reencolar", "descartar"}
CAMBIOS |= {"servicio-datos", "<payment_id>"}
# What only one thing may have.
UNICOS = ("email", "referencia_pago")


@pytest.fixture(scope="module")
def quieto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """All services, in which only requests change rows."""
    with levantar_quieto(tmp_path_factory.mktemp("quieto")) as quieto:
        yield quieto


def crear(
    quieto: Quieto, app: str, ruta: str, clave: str, crudo: str, tipo: str = "json", consulta: str = ""
) -> TestResponse:
    """POST these very bytes under a key."""
    for nombre, id in quieto.ids(app).items():
        ruta = ruta.replace(f"<{nombre}>", id)
    cabeceras = {"Idempotency-Key": clave, "Content-Type": f"application/{tipo}"}
    return quieto.cliente(app).post(ruta, data=crudo.encode(), headers=cabeceras, query_string=consulta)


def creadas(quieto: Quieto) -> Iterator[tuple[str, str, str, str, TestResponse]]:
    """Yield every creation that was done just now: service, path, its key and its body, and the answer."""
    for (app, ruta), cuerpo in TODAS.items():
        clave = str(uuid.uuid4())
        unicos = {campo: f"{clave}@example.com" for campo in UNICOS if campo in cuerpo}
        crudo = json.dumps(cuerpo | unicos)
        primera = crear(quieto, app, ruta, clave, crudo)
        assert primera.status_code in (200, 201, 202), f"{app} {ruta}: {primera.get_data(as_text=True)}"
        yield app, ruta, clave, crudo, primera


def test_ninguna_creacion_se_escapa(quieto: Quieto) -> None:
    """Every POST of every service is a creation of these tests, which honours the key, or a known change."""
    reglas = {
        (nombre, regla.rule): honra_la_clave(app.view_functions[regla.endpoint])
        for nombre, app in quieto.apps.items()
        for regla in app.url_map.iter_rules()
        if "POST" in (regla.methods or ())
    }
    assert {regla for regla, honra in reglas.items() if honra} == set(TODAS)
    assert {ruta.rsplit("/", 1)[-1] for (_, ruta), honra in reglas.items() if not honra} == CAMBIOS


def _alzar(error: Exception) -> Callable[..., Any]:
    def alzar(*_argumentos: object, **_nombrados: object) -> Any:
        raise error

    return alzar


NEGATIVAS: dict[str, tuple[Any, str, Any]] = {
    "la forma": (Schema, "_do_load", _alzar(ValidationError({"todo": ["ya no"]}))),
    "la admisión": (Admision, "exigir", _alzar(DemasiadasPeticiones("retraso", "va atrasado", 1))),
    "la espera": (LimiteDeEspera, "exigir", _alzar(DemasiadasPeticiones("cola", "hay cola", 1))),
    "la cola llena": (Escritor, "encolar", _alzar(queue.Full())),
    "el JSON": (peticiones, "descifrar_cuerpo", _alzar(ValueError("ya no"))),
    "los niveles": (peticiones, "descifrar_cuerpo", _alzar(RecursionError())),
}
LARGA, GRANDE = "una dirección larga", "un cuerpo grande"


@pytest.mark.parametrize("que", [*NEGATIVAS, LARGA, GRANDE])
def test_se_repite_aunque_hoy_se_niegue(quieto: Quieto, monkeypatch: pytest.MonkeyPatch, que: str) -> None:
    """Whatever refuses everything by now: the first answer, with its status and its `Location`."""
    hechas = list(creadas(quieto))
    if que in NEGATIVAS:
        monkeypatch.setattr(*NEGATIVAS[que])
    if que == GRANDE:
        for aplicacion in quieto.apps.values():
            monkeypatch.setitem(aplicacion.config, "MAX_CONTENT_LENGTH", 10)
    consulta = f"x={'x' * peticiones.DIRECCION_MAXIMA}" if que == LARGA else ""
    negadas = []
    for app, ruta, clave, crudo, primera in hechas:
        repetida = crear(quieto, app, ruta, clave, crudo, consulta=consulta)
        assert repetida.status_code == primera.status_code, f"{app} {ruta}: {repetida.get_json()}"
        assert repetida.get_json() == primera.get_json(), f"{app} {ruta}"
        assert repetida.headers.get("Location") == primera.headers.get("Location"), f"{app} {ruta}"
        nueva = crear(quieto, app, ruta, str(uuid.uuid4()), crudo, consulta=consulta)
        negadas += [ruta] if nueva.status_code >= 400 else []
    # Only starts of sagas ask whether there is room.
    assert len(negadas) == len(TODAS) or (que == "la admisión" and SAGA in negadas)


OTROS = {
    "otro": ('{"otro": 1}', "json"),
    "nada": ("", "json"),
    "no es JSON": ("{", "json"),
    "no dice que lo es": ('{"otro": 1}', "xml"),
    "con un NUL": ('{"otro": "\\u0000"}', "json"),
    "demasiado hondo": ("[" * 100_000 + "]" * 100_000, "json"),
    "un número sin fin": ('{"otro": 1e999999999}', "json"),
    "un entero sin fin": ('{"otro": ' + "9" * 100_000 + "}", "json"),
    "demasiado grande": (json.dumps({"otro": "x" * CUERPO_MAXIMO}), "json"),
}


@pytest.mark.parametrize("otro", OTROS)
def test_otro_contenido_bajo_la_misma_clave(quieto: Quieto, otro: str) -> None:
    """It is a key used twice, however wrong its form; under a new key it is that form, and leaves no key."""
    crudo, tipo = OTROS[otro]
    inicio = time.process_time()
    for app, ruta, clave, *_ in creadas(quieto):
        forma = forma_de(quieto.apps[app])
        repetida = crear(quieto, app, ruta, clave, crudo, tipo)
        assert repetida.status_code == forma.estados["CLAVE_REUTILIZADA"], f"{app} {ruta}"
        assert "Location" not in repetida.headers
        nueva = str(uuid.uuid4())
        negada = crear(quieto, app, ruta, nueva, crudo, tipo)
        assert negada.status_code in (forma.mal_formada, 413), f"{app} {ruta}"
        assert not _guardadas(quieto, nueva)
    assert time.process_time() - inicio < 30


def test_una_clave_nueva_no_abre_nada(quieto: Quieto) -> None:
    """A body that is right, but does not say that it is JSON, is refused under a key that nobody has used."""
    for app, ruta, _, crudo, _ in creadas(quieto):
        nueva = str(uuid.uuid4())
        negada = crear(quieto, app, ruta, nueva, crudo, "xml")
        assert negada.status_code == forma_de(quieto.apps[app]).mal_formada, f"{app} {ruta}"
        assert not _guardadas(quieto, nueva)


def _guardadas(quieto: Quieto, clave: str) -> list[str]:
    with quieto.proceso.c.motor().lectura() as con:
        suyas = select(claves_idempotencia.c.ruta).where(claves_idempotencia.c.clave == clave)
        return list(con.scalars(suyas))
