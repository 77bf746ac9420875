"""A topic that is gone holds up nothing but itself, and what it missed leaves when it is there again."""

from pathlib import Path

import httpx
import pytest

from aeropartners.contratos.saga import TEMA_EVENTOS
from tests.e2e.sistema import Sistema, migrado
from tests.esperas import hasta
from tests.red import RED

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
TERMINADAS = "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"


def _borrar(sistema: Sistema, tema: str) -> None:
    espacio = sistema.entorno["PULSAR_NAMESPACE"]
    raiz = f"{sistema.entorno['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{espacio}"
    hasta(
        lambda: RED.delete(f"{raiz}/{tema}/partitions?force=true", timeout=60).status_code in (204, 404),
        f"{tema} borrado",
    )


def _problemas(sistema: Sistema, servicio: str) -> str:
    try:
        return RED.get(f"{sistema.url[servicio]}/ready", timeout=5).text
    except httpx.HTTPError:
        return ""


def test_un_tema_borrado_solo_se_detiene_a_si_mismo(tmp_path: Path) -> None:
    """The topic of public events: every saga still ends, /ready names it, its events wait in the outbox."""
    with migrado(tmp_path) as sistema:
        sistema.arrancar()
        sistema.listos()
        antes = [sistema.iniciar_saga(numero) for numero in range(1, 4)]
        hasta(lambda: sistema.valor(TERMINADAS) == len(antes), "las primeras terminan")
        _borrar(sistema, TEMA_EVENTOS)
        despues = [sistema.iniciar_saga(numero) for numero in range(11, 16)]
        hasta(lambda: sistema.valor(TERMINADAS) == len(antes + despues), "las demás terminan")
        hasta(lambda: TEMA_EVENTOS in _problemas(sistema, "orquestador"), "/ready nombra el tema")
        assert sistema.valor("SELECT count(*) FROM salida") > 0
        assert sistema.valor("SELECT count(*) FROM muertos") == 0
        sistema.ejecutar("migrar")
        hasta(lambda: sistema.valor("SELECT count(*) FROM salida") == 0, "sale lo que esperaba")
        sistema.listos()
        assert set(sistema.parar().values()) == {0}
