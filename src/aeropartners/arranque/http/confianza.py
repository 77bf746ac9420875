"""The certificate authorities that our own calls trust."""

import ssl

import httpx


def confianza(autoridad: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the usual authorities and those of a file; may raise OSError."""
    contexto = httpx.create_ssl_context()
    if autoridad:
        contexto.load_verify_locations(autoridad)
    return contexto
