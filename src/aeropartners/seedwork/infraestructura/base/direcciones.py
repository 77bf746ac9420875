"""Network addresses and URLs: which are this machine's own, and how a URL is shown without its secrets."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

TAPADO = "***"
# A parameter in the query or the fragment. Its name is bounded, so that a long text takes linear time.
PARAMETRO = r"(?P<queda>[?&;#](?P<nombre>[^\s=&?;#\"'\\]{1,64})=)(?P<valor>[^\s&;#\"'\\]+)"
_SECRETO = re.compile(r"(?i)pass|pwd|secret|token|key|clave|contrase|sig|auth|cred")
_DIRECCION = re.compile(r"[a-zA-Z][\w+.-]{0,30}://[^\s\"'<>]+")
_PARAMETRO = re.compile(PARAMETRO)


def sin_secretos(texto: str) -> str:
    """Return the text with every password and secret parameter of its URLs replaced by TAPADO."""
    return _DIRECCION.sub(lambda m: _tapar(m[0]), texto)


def secretos_de(url: str) -> list[str]:
    """Return the password and the secret parameters of a URL, as they are written in it."""
    parametros = [m["valor"] for m in _PARAMETRO.finditer(url) if es_secreto(m["nombre"])]
    return [s for s in (_clave(url)[1], *parametros) if s]


def es_secreto(nombre: str) -> bool:
    """Whether a parameter of this name holds a secret."""
    return bool(_SECRETO.search(nombre))


def es_de_esta_maquina(nombre: str | None) -> bool:
    """Whether a host name or address is loopback: `localhost`, its subdomains, 127.0.0.0/8 or ::1.

    IPv6 addresses may have brackets and a zone.
    """
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
    """Return the URL if it has one of these schemes, a host and a valid port; else raises ValueError."""
    partes = urlsplit(texto)
    for destino in partes.netloc.rpartition("@")[2].split(","):  # a broker URL may name several hosts
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
    """Split a URL into the text before its password, the password, and the text after it.

    The password ends at the last `@`, because a password that is not encoded may contain others.
    """
    esquema, barras, resto = url.partition("://")
    usuario, dos_puntos, tras = resto.partition(":")
    clave, arroba, servidor = tras.rpartition("@")
    es_puerto = tras.partition("/")[0].isdigit()
    if not arroba or es_puerto or any(c in usuario for c in "/?#@"):
        return url, "", ""
    return f"{esquema}{barras}{usuario}{dos_puntos}", clave, arroba + servidor
