"""The token for Pulsar is read again: from a file it may be renewed under a process that runs."""

from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from aeropartners.arranque.config import ConfiguracionInvalida, leer
from aeropartners.seedwork.infraestructura.broker.token_pulsar import Portador, TokenLegible


def test_una_ficha_renovada_se_muestra(tmp_path: Path) -> None:
    """To the admin REST at the next request, to the broker at the next connection; without a blank end."""
    archivo = tmp_path / "ficha"
    archivo.write_text("primera\n")
    config = leer({"PULSAR_TOKEN_FILE": str(archivo), "PULSAR_TOKEN": "otra"})
    portador, token = Portador(config.token_pulsar), TokenLegible(config.token_pulsar)
    vistas = []
    for texto in ("primera", "segunda"):
        archivo.write_text(f"{texto}\n")
        [peticion] = portador.auth_flow(httpx.Request("GET", "http://x"))
        vistas.append((peticion.headers["Authorization"], token()))
    assert vistas == [("Bearer primera", "primera"), ("Bearer segunda", "segunda")]


def test_un_archivo_que_falta_un_momento(tmp_path: Path) -> None:
    """The last token stays good, and the log says that it could not be read: it may be being replaced."""
    archivo = tmp_path / "ficha"
    archivo.write_text("primera")
    token = TokenLegible(leer({"PULSAR_TOKEN_FILE": str(archivo)}).token_pulsar)
    archivo.unlink()
    with capture_logs() as dichos:
        assert token() == "primera"
    assert [d["event"] for d in dichos] == ["token_de_pulsar_ilegible"]


def test_sin_archivo_vale_la_variable() -> None:
    """And without both none is shown; a file that is not there is refused by name."""
    assert leer({"PULSAR_TOKEN": "una"}).token_pulsar() == "una"
    [peticion] = Portador(leer({}).token_pulsar).auth_flow(httpx.Request("GET", "http://x"))
    assert "Authorization" not in peticion.headers
    with pytest.raises(ConfiguracionInvalida, match="PULSAR_TOKEN_FILE"):
        leer({"PULSAR_TOKEN_FILE": "/no/hay"})


def test_la_ficha_del_archivo_es_un_secreto(tmp_path: Path) -> None:
    """Nobody reads it in a log."""
    archivo = tmp_path / "ficha"
    archivo.write_text("secretisima")
    assert "secretisima" in leer({"PULSAR_TOKEN_FILE": str(archivo)}).secretos()
