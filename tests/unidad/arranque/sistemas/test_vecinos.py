"""What a process asks of its neighbours, and what it takes for an answer."""

import ssl
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.http.clientes_de_servicios import Caminos
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.sistemas.campanas import vecinos
from aeropartners.arranque.sistemas.campanas.descriptor import app_principal
from aeropartners.arranque.sistemas.campanas.vecinos import leer_pago
from aeropartners.arranque.sistemas.partners.ajustes import INTEGRACIONES, ORQUESTADOR
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import TransporteAcotado
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from bff.cliente import ClienteOrquestador

SISTEMA = ssl.create_default_context()


def contesta(monkeypatch: pytest.MonkeyPatch, estado: int) -> None:
    """Have the service answer so."""

    def contestar(_transporte: object, peticion: httpx.Request) -> httpx.Response:
        return httpx.Response(estado, json={"estado": "EXITOSO"}, request=peticion)

    monkeypatch.setattr(TransporteAcotado, "handle_request", contestar)


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


def test_a_los_demas_se_les_llama_con_limites(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who serves partners, or their sagas, may be somebody else's program."""
    contesta(monkeypatch, 200)
    caminos = Caminos(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)})))
    for servicio in (INTEGRACIONES, ORQUESTADOR):
        with caminos.cliente(servicio, "http://servicio:1") as cliente:
            assert cliente.get("/x").json() == {"estado": "EXITOSO"}


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

    monkeypatch.setattr(TransporteAcotado, "handle_request", contestar)
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "SERVICE_API_KEY": "de-servicio"}
    proceso = Proceso(Contenedor(config=leer(entorno)))
    proceso.migrar()
    proceso.anadir_modulos(modulos)
    proceso.aplicaciones["modulos"] = app_principal(
        proceso, ClienteOrquestador("http://orquestador"), modulos
    )
    assert vecinos.fuente(proceso.c).verificar(None) == ("http://127.0.0.1:8000", None)
    assert [p.headers["X-API-Key"] for p in pedidas] == claves
    proceso.c.motor().cerrar()
