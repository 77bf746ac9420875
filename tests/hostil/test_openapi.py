"""The OpenAPI of every application, played at random: what it declares is what is answered."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.hostil.errores import exigir_error
from tests.hostil.quieto import TODAS, Quieto

EJEMPLOS = int(os.environ.get("HOSTIL_EJEMPLOS", "10"))
SEMILLA = int(os.environ["HOSTIL_SEMILLA"])
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODOS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def operaciones(quieto: Quieto, nombre: str) -> Iterator[APIOperation]:
    """Every operation that the application itself declares, but those whose answer has no end."""
    documento = schemathesis.openapi.from_wsgi("/openapi.json", quieto.apps[nombre])
    for resultado in documento.get_all_operations():
        operacion = resultado.ok()
        if "text/event-stream" not in operacion.definition.raw["responses"].get("200", {}).get("content", {}):
            yield operacion


def jugar(
    operacion: APIOperation, modo: GenerationMode, ids: dict[str, str], probar: Callable[[Case], None]
) -> None:
    """Play the operation with ids that exist, that are well formed but unknown, and that are any text."""

    @seed(SEMILLA)
    @settings(
        max_examples=EJEMPLOS,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(caso=operacion.as_strategy(generation_mode=modo), puestos=_ids(ids))
    def prueba(caso: Case, puestos: dict[str, str]) -> None:
        caso.path_parameters.update({n: v for n, v in puestos.items() if n in caso.path_parameters})
        probar(caso)

    prueba()


def _ids(existentes: dict[str, str]) -> st.SearchStrategy[dict[str, str]]:
    desconocidos = st.uuids().map(lambda id: dict.fromkeys(existentes, str(id)))
    return st.one_of(st.just(existentes), desconocidos, st.just({}))


@pytest.mark.parametrize("modo", MODOS, ids=lambda m: m.value)
@pytest.mark.parametrize("nombre", TODAS)
def test_lo_declarado_es_lo_contestado(quieto: Quieto, nombre: str, modo: GenerationMode) -> None:
    """No 5xx, only declared answers in their schema, the contract's error body, no row from a refusal."""

    def probar(caso: Case) -> None:
        antes = quieto.foto()
        respuesta = caso.call()
        caso.validate_response(respuesta, checks=CHECKS)
        _exigir_rechazo_limpio(quieto, antes, respuesta)

    fallos: dict[str, Any] = {}
    for operacion in operaciones(quieto, nombre):
        if modo is GenerationMode.NEGATIVE and not (operacion.body or operacion.query):
            continue  # any text is a right id in a path, and there is nothing else to get wrong
        try:
            jugar(operacion, modo, quieto.ids(nombre), probar)
        except (AssertionError, ExceptionGroup) as error:
            fallos[operacion.label] = error
    assert not fallos, "\n\n".join(f"{op}: {error}" for op, error in fallos.items())


def _exigir_rechazo_limpio(quieto: Quieto, antes: Any, respuesta: Response) -> None:
    if respuesta.status_code < 400:
        return
    cabeceras = {"Content-Type": respuesta.headers["content-type"][0]}
    exigir_error(respuesta.status_code, cabeceras, respuesta.content)
    assert quieto.foto() == antes, f"{respuesta.status_code} cambió filas"
