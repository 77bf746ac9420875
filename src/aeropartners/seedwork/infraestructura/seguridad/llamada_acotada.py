"""HTTP calls to foreign services with bounds: one deadline for the whole call, 1 MiB, a depth of JSON.

A service that sends a byte at a time, endless headers, gigabytes, or data that unpack to gigabytes costs the
caller `plazo_s` seconds and a megabyte at most. Only the look-up of the host name is outside the deadline:
the operating system does it.
"""

import threading
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from ssl import SSLContext
from typing import Any

import httpcore
import httpx
import msgspec

from aeropartners.seedwork.aplicacion.serializacion import MALFORMADO, demasiado_hondo, tiene_nulo

CUERPO_MAXIMO = 1024 * 1024
TROZO = 16 * 1024
_COMPRIMIDAS = ("gzip", "x-gzip", "deflate")
# These headers describe the answer as it was sent; our caller gets it read and unpacked.
_DE_TRANSPORTE = (b"content-encoding", b"content-length", b"transfer-encoding", b"connection")
_descifrar = msgspec.json.Decoder(dict[str, Any]).decode


class RespuestaExcesiva(httpx.TransportError):
    """The answer is larger than CUERPO_MAXIMO, or has an encoding that is not accepted."""


class TransporteAcotado(httpx.BaseTransport):
    """Reads each answer whole, unpacked, within the deadline and CUERPO_MAXIMO. Safe from any thread.

    Raises httpx's errors, among them RespuestaExcesiva. It connects directly, without a proxy.
    """

    def __init__(self, confianza: SSLContext | None, plazo_s: float, conexiones: int = 100) -> None:
        self._plazo_s = plazo_s
        self._limite = _Limite()
        self._red = httpcore.ConnectionPool(
            ssl_context=confianza,
            max_connections=conexiones,
            max_keepalive_connections=conexiones // 2,
            keepalive_expiry=5.0,
            network_backend=_Red(self._limite),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return its answer."""
        self._limite.momento = time.monotonic() + self._plazo_s
        request.headers["Accept-Encoding"] = "gzip"
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        peticion = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._plazo_s)},
        )
        try:
            respuesta = self._red.handle_request(peticion)
            try:
                assert isinstance(respuesta.stream, Iterable)
                contenido = _leer(respuesta.stream, _empaque(respuesta.headers))
            finally:
                respuesta.close()
        except tuple(_DE_HTTPX) as error:
            raise _DE_HTTPX[type(error)](str(error), request=request) from error
        cabeceras = [(n, v) for n, v in respuesta.headers if n.lower() not in _DE_TRANSPORTE]
        return httpx.Response(respuesta.status, headers=cabeceras, content=contenido, request=request)

    def close(self) -> None:
        """Close the connections."""
        self._red.close()


def objeto_json(contenido: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer; ValueError if it is none or cannot be stored and shown."""
    try:
        objeto = _descifrar(contenido)
    except (*MALFORMADO, msgspec.ValidationError) as error:
        raise ValueError("no es un objeto JSON") from error
    if demasiado_hondo(objeto):
        raise ValueError("es un JSON demasiado hondo")
    if b"\\u0000" in contenido and tiene_nulo(objeto):
        raise ValueError("lleva el carácter U+0000")
    return objeto


class _Limite(threading.local):
    """The deadline of the present thread's request; a thread makes one request at a time."""

    momento: float = float("inf")

    def queda(self, error: type[Exception]) -> float:
        """Return the remaining seconds; raises `error` when there are none."""
        queda = self.momento - time.monotonic()
        if queda <= 0:
            raise error("se acabó el plazo de toda la llamada")
        return queda


class _Red(httpcore.NetworkBackend):
    """The network, with each wait bounded by the call's deadline."""

    def __init__(self, limite: _Limite) -> None:
        self._limite = limite
        self._red = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        queda = self._limite.queda(httpcore.ConnectTimeout)
        return _Flujo(self._red.connect_tcp(host, port, queda, local_address, socket_options), self._limite)


class _Flujo(httpcore.NetworkStream):
    """A connection, with each wait bounded by the call's deadline."""

    def __init__(self, flujo: httpcore.NetworkStream, limite: _Limite) -> None:
        self._flujo = flujo
        self._limite = limite

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._flujo.read(max_bytes, self._limite.queda(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for inicio in range(0, len(buffer), TROZO):
            trozo = buffer[inicio : inicio + TROZO]
            self._flujo.write(trozo, self._limite.queda(httpcore.WriteTimeout))

    def close(self) -> None:
        self._flujo.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        queda = self._limite.queda(httpcore.ConnectTimeout)
        return _Flujo(self._flujo.start_tls(ssl_context, server_hostname, queda), self._limite)

    def get_extra_info(self, info: str) -> Any:
        return self._flujo.get_extra_info(info)


def _errores() -> dict[type[Exception], type[httpx.TransportError]]:
    """Return httpcore's error → httpx's error, for errors of equal names."""
    pares: dict[type[Exception], type[httpx.TransportError]] = {}
    for nombre in httpcore.__all__:
        with suppress(TypeError, AttributeError):
            suyo, nuestro = getattr(httpcore, nombre), getattr(httpx, nombre)
            if issubclass(suyo, Exception) and issubclass(nuestro, httpx.TransportError):
                pares[suyo] = nuestro
    return pares


_DE_HTTPX = _errores()


def _empaque(cabeceras: Iterable[tuple[bytes, bytes]]) -> str:
    dichos = [
        valor.decode("latin-1").strip().lower() for n, valor in cabeceras if n.lower() == b"content-encoding"
    ]
    empaque = ",".join(dichos)
    if empaque not in ("", "identity", *_COMPRIMIDAS):
        raise RespuestaExcesiva(f"viene como {empaque[:40]!r} y solo se pidió gzip")
    return empaque


def _leer(trozos: Iterable[bytes], empaque: str) -> bytes:
    contenido = bytearray()
    desempaca = zlib.decompressobj(wbits=47) if empaque in _COMPRIMIDAS else None
    recibidos = 0
    for trozo in trozos:
        recibidos += len(trozo)
        try:
            # Unpacking stops at the limit: a small answer may unpack to gigabytes.
            contenido += desempaca.decompress(trozo, CUERPO_MAXIMO + 1) if desempaca else trozo
        except zlib.error as error:
            raise RespuestaExcesiva("no se puede desempaquetar") from error
        if max(len(contenido), recibidos) > CUERPO_MAXIMO:
            raise RespuestaExcesiva(f"pasa de {CUERPO_MAXIMO} bytes")
    return bytes(contenido)
