"""A payments service that has too much to do has not said that a payment does not exist."""

import ssl
from uuid import uuid4

import httpx
import pytest

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from arranque.vecinos import leer_pago

SISTEMA = ssl.create_default_context()


def contesta(monkeypatch: pytest.MonkeyPatch, estado: int) -> None:
    """Have the service answer so."""
    monkeypatch.setattr(httpx, "get", lambda *_a, **_k: httpx.Response(estado, json={"estado": "EXITOSO"}))


@pytest.mark.parametrize(("estado", "leido"), [(200, {"estado": "EXITOSO"}), (404, None), (400, None)])
def test_lo_que_dice_vale(monkeypatch: pytest.MonkeyPatch, estado: int, leido: object) -> None:
    """It is there, or it is not."""
    contesta(monkeypatch, estado)
    assert leer_pago("http://pagos", uuid4(), {}, SISTEMA) == leido


@pytest.mark.parametrize("estado", [401, 403, 429, 500, 503])
def test_lo_que_no_dice_no(monkeypatch: pytest.MonkeyPatch, estado: int) -> None:
    """Come again later: 503 to the operator, never "Pago no encontrado"."""
    contesta(monkeypatch, estado)
    with pytest.raises(NoDisponible):
        leer_pago("http://pagos", uuid4(), {}, SISTEMA)
