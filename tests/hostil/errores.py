"""What a refusal must look like, in either system: the OpenAPI says in which (001 and 004, section 1)."""

import json
import re
from collections.abc import Mapping
from typing import Any

CLAVES_DE_FALTA = {"loc", "msg", "type"}


def exigir_error(estado: int, cabeceras: Mapping[str, Any], cuerpo: bytes) -> Any:
    """Return `detail`; fails unless it is JSON in the contract's shape, without a trace, and no 5xx."""
    dicho = f"{estado} {cuerpo[:300]!r}"
    assert 400 <= estado < 500, dicho
    tipo = str(cabeceras["Content-Type"])
    assert tipo.split(";")[0] == "application/json", f"{tipo}: {dicho}"
    leido = json.loads(cuerpo)
    if "detail" not in leido:
        return _exigir_sobre(leido, dicho)
    detalle = leido["detail"]
    assert "Traceback" not in str(detalle), dicho
    if isinstance(detalle, str):
        assert detalle, dicho
    else:
        assert detalle, dicho
        assert all(falta.keys() >= CLAVES_DE_FALTA for falta in detalle), dicho
    return detalle


def _exigir_sobre(leido: dict[str, Any], dicho: str) -> Any:
    assert set(leido) == {"error", "codigo", "saga_id", "timestamp"}, dicho
    assert leido["error"], dicho
    assert re.fullmatch("[A-Z_]+", leido["codigo"]), dicho
    assert "Traceback" not in leido["error"], dicho
    return leido["error"]
