"""Whom our own calls trust, over TLS."""

import ssl

import httpx


def confianza(autoridad: str) -> ssl.SSLContext:
    """Return whom our calls trust: the authorities of everybody, and this one. May raise OSError."""
    contexto = httpx.create_ssl_context()
    if autoridad:
        contexto.load_verify_locations(autoridad)
    return contexto
