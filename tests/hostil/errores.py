"""What a refusal must look like (001, section 1)."""

import json
from collections.abc import Mapping
from typing import Any

CLAVES_DE_FALTA = {"loc", "msg", "type"}


def exigir_error(estado: int, cabeceras: Mapping[str, Any], cuerpo: bytes) -> Any:
    """Return `detail`; fails unless it is JSON in the contract's shape, without a trace, and no 5xx."""
    dicho = f"{estado} {cuerpo[:300]!r}"
    assert 400 <= estado < 500, dicho
    tipo = str(cabeceras["Content-Type"])
    assert tipo.split(";")[0] == "application/json", f"{tipo}: {dicho}"
    detalle = json.loads(cuerpo)["detail"]
    assert "Traceback" not in str(detalle), dicho
    if isinstance(detalle, str):
        assert detalle, dicho
    else:
        assert detalle, dicho
        assert all(falta.keys() >= CLAVES_DE_FALTA for falta in detalle), dicho
    return detalle
