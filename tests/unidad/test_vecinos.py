"""What a process asks of its neighbours, and what it takes for an answer."""

import ssl
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from arranque.config import leer
from arranque.contenedor import Contenedor
from arranque.procesos import Proceso
from arranque.vecinos import leer_pago
from bff.cliente import ClienteOrquestador

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


@pytest.mark.parametrize(
    ("modulos", "claves"),
    [
        (("reporting",), ["de-servicio"]),
        (("reporting", "pagos"), ["de-servicio"]),
        (("campanas", "pagos", "reporting"), []),
    ],
)
def test_los_datos_de_reportes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, modulos: tuple[str, ...], claves: list[str]
) -> None:
    """They come from CAMPAIGNS_URL, with the services' key; in the process only if it serves all of them."""
    pedidas: list[httpx.Request] = []

    def contestar(_transporte: object, peticion: httpx.Request) -> httpx.Response:
        pedidas.append(peticion)
        return httpx.Response(200, json={}, request=peticion)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", contestar)
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "SERVICE_API_KEY": "de-servicio"}
    proceso = Proceso(Contenedor(config=leer(entorno)))
    proceso.migrar()
    proceso.anadir_modulos(modulos)
    proceso.app_principal(ClienteOrquestador("http://orquestador"), modulos)
    assert proceso.vecinos.fuente().verificar(None) == ("http://127.0.0.1:8000", None)
    assert [p.headers["X-API-Key"] for p in pedidas] == claves
    proceso.c.motor().cerrar()
