"""What a refusal of the partners' system must look like (004, section 1)."""

from datetime import datetime
from typing import Any

from werkzeug.test import TestResponse


def exigir(respuesta: TestResponse, estado: int, codigo: str, saga_id: str | None = None) -> dict[str, Any]:
    """Require the status and the code, in the one envelope."""
    cuerpo = respuesta.get_json()
    assert respuesta.status_code == estado, cuerpo
    assert set(cuerpo) == {"error", "codigo", "saga_id", "timestamp"}
    assert (cuerpo["codigo"], cuerpo["saga_id"]) == (codigo, saga_id), cuerpo
    assert cuerpo["error"]
    assert cuerpo["timestamp"].endswith("Z")
    assert datetime.fromisoformat(cuerpo["timestamp"]).utcoffset() is not None
    return dict(cuerpo)
