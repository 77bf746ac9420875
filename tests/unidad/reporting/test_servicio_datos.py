"""The choice of the data service, by events."""

import pytest

from aeropartners.contratos.reporting import CambiarServicioDatos
from aeropartners.modulos.reporting.dominio.servicio_datos import (
    SERVICIO,
    ServicioDatos,
    ServicioDatosCambiado,
    UrlDebeSerHttp,
)
from tests.unidad.reporting.mundo import AHORA, Mundo


def test_cambiar() -> None:
    """The last switch is the active service; a last slash is none of the address."""
    servicio = ServicioDatos(SERVICIO)
    servicio.reproducir([ServicioDatosCambiado("http://uno", "v1", AHORA)])
    servicio.cambiar("https://dos:9002/base/", "v2", AHORA)
    cambio = ServicioDatosCambiado("https://dos:9002/base", "v2", AHORA)
    assert (servicio.pendientes, servicio.actual) == ([cambio], cambio)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x",
        "x",
        "http://",
        "http:///ruta",
        "http://x?y=1",
        "http://x#y",
        "http://x:99999",
        "http://x:y",
        "http://[::1",
        "http://x y",
        "http://x\n",
        "http://" + "x" * 500,
    ],
)
def test_url_invalida(url: str) -> None:
    """Only an http address to which a path can be added is accepted."""
    servicio = ServicioDatos(SERVICIO)
    with pytest.raises(UrlDebeSerHttp):
        servicio.cambiar(url, "v2", AHORA)
    assert servicio.pendientes == []


def test_un_solo_flujo() -> None:
    """All switches are in one stream, so that exactly one is active."""
    mundo = Mundo()
    for version in ("v1", "v2"):
        assert mundo.http(CambiarServicioDatos("http://x", version)).error is None
    assert mundo.eventos(SERVICIO) == ["ServicioDatosCambiado"] * 2
    assert list(mundo.historias) == [SERVICIO]
