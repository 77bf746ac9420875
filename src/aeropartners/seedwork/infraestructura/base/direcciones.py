"""Addresses: whether one is this machine's own, and how a URL is shown to anybody."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

TAPADO = "***"
# A parameter, in the query or the fragment; its name is bounded, so that a long text costs its length.
PARAMETRO = r"(?P<queda>[?&;#](?P<nombre>[^\s=&?;#\"'\\]{1,64})=)(?P<valor>[^\s&;#\"'\\]+)"
_SECRETO = re.compile(r"(?i)pass|pwd|secret|token|key|clave|contrase|sig|auth|cred")
_DIRECCION = re.compile(r"[a-zA-Z][\w+.-]{0,30}://[^\s\"'<>]+")
_PARAMETRO = re.compile(PARAMETRO)


def sin_secretos(texto: str) -> str:
    """Return the text with the passwords of every URL in it covered, wherever in the URL they stand."""
    return _DIRECCION.sub(lambda m: _tapar(m[0]), texto)


def secretos_de(url: str) -> list[str]:
    """Return the passwords that a URL carries, as they are written in it."""
    parametros = [m["valor"] for m in _PARAMETRO.finditer(url) if es_secreto(m["nombre"])]
    return [s for s in (_clave(url)[1], *parametros) if s]


def es_secreto(nombre: str) -> bool:
    """Whether what a parameter of this name holds is nobody's to read."""
    return bool(_SECRETO.search(nombre))


def es_de_esta_maquina(nombre: str | None) -> bool:
    """Whether a host is loopback, which is a network and not three names; with brackets or without."""
    if nombre is None:
        return False
    suelto = nombre.strip("[]").partition("%")[0].rstrip(".").lower()
    if suelto == "localhost" or suelto.endswith(".localhost"):
        return True
    try:
        direccion = ip_address(suelto)
    except ValueError:
        return False
    interna = getattr(direccion, "ipv4_mapped", None) or direccion
    return bool(interna.is_loopback)


def exigir_url(texto: str, esquemas: tuple[str, ...]) -> str:
    """Return a URL that has one of these schemes, a host, and a port that is one; else raises ValueError."""
    partes = urlsplit(texto)
    for destino in partes.netloc.rpartition("@")[2].split(","):  # a broker may be several hosts
        uno = urlsplit(f"//{destino}")
        if not uno.hostname or uno.port == 0:
            raise ValueError(texto)
    if partes.scheme not in esquemas:
        raise ValueError(texto)
    return texto


def _tapar(url: str) -> str:
    antes, clave, despues = _clave(url)
    visible = f"{antes}{TAPADO}{despues}" if clave else url
    return _PARAMETRO.sub(lambda m: m["queda"] + TAPADO if es_secreto(m["nombre"]) else m[0], visible)


def _clave(url: str) -> tuple[str, str, str]:
    """Split a URL around its password, which goes on to the last `@`: one not encoded may have several."""
    esquema, barras, resto = url.partition("://")
    usuario, dos_puntos, tras = resto.partition(":")
    clave, arroba, servidor = tras.rpartition("@")
    es_puerto = tras.partition("/")[0].isdigit()
    if not arroba or es_puerto or any(c in usuario for c in "/?#@"):
        return url, "", ""
    return f"{esquema}{barras}{usuario}{dos_puntos}", clave, arroba + servidor
