"""URLs as they are shown, and what is an address of this machine."""

import pytest

from aeropartners.seedwork.infraestructura.base.direcciones import (
    es_de_esta_maquina,
    exigir_url,
    secretos_de,
    sin_secretos,
)


@pytest.mark.parametrize(
    ("url", "dicha", "secretos"),
    [
        ("postgresql://app:s3creta@base:5432/x", "postgresql://app:***@base:5432/x", ["s3creta"]),
        ("postgresql://app:s3@cre@ta@base/x", "postgresql://app:***@base/x", ["s3@cre@ta"]),
        ("http://:s3creta@host", "http://:***@host", ["s3creta"]),
        ("pulsar+ssl://u:p/q@host:6651", "pulsar+ssl://u:***@host:6651", ["p/q"]),
        (
            "postgresql://base/x?user=a&password=s3creta&sslmode=require",
            "postgresql://base/x?user=a&password=***&sslmode=require",
            ["s3creta"],
        ),
        ("https://h/jwks?Access_Token=abc#x", "https://h/jwks?Access_Token=***#x", ["abc"]),
        ("http://127.0.0.1:8091/saga/?pagina=2", "http://127.0.0.1:8091/saga/?pagina=2", []),
        ("http://host:8000/a@b", "http://host:8000/a@b", []),
        ("http://host/", "http://host/", []),
    ],
)
def test_una_url_se_dice_sin_sus_secretos(url: str, dicha: str, secretos: list[str]) -> None:
    """Wherever they stand: before the last `@`, in the query; and the rest stays to be read."""
    assert (
        sin_secretos(f"no responde {url}: Connection refused") == f"no responde {dicha}: Connection refused"
    )
    assert secretos_de(url) == secretos


@pytest.mark.parametrize(
    "nombre", ["localhost", "127.0.0.1", "127.0.1.1", "127.255.0.9", "::1", "[::1]", "LocalHost"]
)
def test_es_de_esta_maquina(nombre: str) -> None:
    """Loopback is a network."""
    assert es_de_esta_maquina(nombre)
    assert not es_de_esta_maquina(None)


@pytest.mark.parametrize(
    "nombre", ["0.0.0.0", "::", "10.0.0.1", "localhost.malo.example", "128.0.0.1", "host"]
)
def test_no_es_de_esta_maquina(nombre: str) -> None:
    """Every address is not loopback, nor is a name that begins like it."""
    assert not es_de_esta_maquina(nombre)


@pytest.mark.parametrize(
    "url", ["http://", "http:///x", "http://h:x", "http://h:0", "ftp://h", "http:/h", "h:80", ""]
)
def test_media_url_no_lo_es(url: str) -> None:
    """It has a scheme that is asked for, a host, and a port that is one."""
    with pytest.raises(ValueError, match=r"^"):
        exigir_url(url, ("http",))
    assert exigir_url("pulsar://a:1,b:2", ("pulsar",)) == "pulsar://a:1,b:2"
