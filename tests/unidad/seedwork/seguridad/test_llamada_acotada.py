"""A service of paper that does all that a caller must not wait for, read to its end, or keep."""

import gzip
import json
import re
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import (
    CUERPO_MAXIMO,
    RespuestaExcesiva,
    TransporteAcotado,
    _leer,
    objeto_json,
)

PLAZO_S = 1.0
# For what is not about the deadline: a machine may be busy.
SIN_PRISA_S = 60.0
# The deadline, and what a machine that is busy adds to it; a service of paper would hold a caller for ever.
MUCHO_S = 15.0
Hablar = Callable[[socket.socket, threading.Event], None]


class Servicio:
    """Says what a test wants on each connection, until the test ends."""

    def __init__(self) -> None:
        self.hablar: Hablar = _decir(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        self.fin = threading.Event()
        self.pedidas: list[bytes] = []
        self._oido = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._oido.getsockname()[1]}"
        self._hilo = threading.Thread(target=self._atender, daemon=True)
        self._hilo.start()

    def cerrar(self) -> None:
        """End every connection."""
        self.fin.set()
        self._oido.shutdown(socket.SHUT_RDWR)
        self._oido.close()
        self._hilo.join(MUCHO_S)

    def _atender(self) -> None:
        while True:
            try:
                conexion, _ = self._oido.accept()
            except OSError:
                return
            threading.Thread(target=self._una, args=(conexion,), daemon=True).start()

    def _una(self, conexion: socket.socket) -> None:
        with conexion:
            try:
                while True:  # until the client leaves: one that is closed under it may be taken for good
                    self.pedidas.append(_peticion(conexion))
                    self.hablar(conexion, self.fin)
            except OSError:
                return


def _peticion(conexion: socket.socket) -> bytes:
    """Read a request whole: what is left unread would reset the connection."""
    leido = b""
    while b"\r\n\r\n" not in leido:
        leido += _algo(conexion)
    cabeceras, _, cuerpo = leido.partition(b"\r\n\r\n")
    largo = re.search(rb"(?i)content-length: (\d+)", cabeceras)
    while largo and len(cuerpo) < int(largo[1]):
        cuerpo += _algo(conexion)
    return cabeceras + b"\r\n"


def _algo(conexion: socket.socket) -> bytes:
    if not (leido := conexion.recv(65536)):
        raise ConnectionResetError
    return leido


def _decir(respuesta: bytes) -> Hablar:
    return lambda conexion, _fin: conexion.sendall(respuesta)


def _goteo(antes: bytes, gota: bytes) -> Hablar:
    """A piece every so often, each well within the time of one wait, and never an end."""

    def gotear(conexion: socket.socket, fin: threading.Event) -> None:
        conexion.sendall(antes)
        while not fin.wait(PLAZO_S / 10):
            conexion.sendall(gota)

    return gotear


def _sin_fin(antes: bytes) -> Hablar:
    def seguir(conexion: socket.socket, fin: threading.Event) -> None:
        conexion.sendall(antes)
        while not fin.is_set():
            conexion.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    return seguir


@pytest.fixture
def servicio() -> Iterator[Servicio]:
    """One on a port of its own."""
    servicio = Servicio()
    yield servicio
    servicio.cerrar()


@pytest.fixture
def cliente() -> Iterator[httpx.Client]:
    """A client that is bounded."""
    with httpx.Client(transport=TransporteAcotado(None, PLAZO_S)) as cliente:
        yield cliente


@pytest.mark.parametrize(
    "hablar",
    [
        _goteo(b"", b""),
        _goteo(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        _goteo(b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
        _goteo(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        _goteo(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        _goteo(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["calla", "cabeceras", "una cabecera", "cuerpo", "trozos", "avisos"],
)
def test_quien_gotea_no_retiene_a_nadie(servicio: Servicio, cliente: httpx.Client, hablar: Hablar) -> None:
    """The deadline is that of the whole call, not of each wait in it."""
    servicio.hablar = hablar
    inicio = time.monotonic()
    with pytest.raises(httpx.TimeoutException):
        cliente.get(servicio.url)
    assert time.monotonic() - inicio < MUCHO_S


@pytest.mark.parametrize(
    "cabeceras",
    [
        b"Content-Length: 1500000000\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ],
)
def test_de_lo_enorme_se_lee_un_mebibyte(servicio: Servicio, cliente: httpx.Client, cabeceras: bytes) -> None:
    """Whether it says its size or not."""
    servicio.hablar = _sin_fin(b"HTTP/1.1 200 OK\r\n" + cabeceras + b"\r\n")
    with pytest.raises(RespuestaExcesiva):
        cliente.get(servicio.url)


@pytest.mark.parametrize("empaque", ["gzip", "deflate"])
def test_lo_que_crece_al_desempaquetar(servicio: Servicio, cliente: httpx.Client, empaque: str) -> None:
    """A third of a megabyte that would be 300: no more of it is unpacked than is read."""
    empaca = zlib.compressobj(wbits=31 if empaque == "gzip" else 15)
    bomba = b"".join(empaca.compress(bytes(1024 * 1024)) for _ in range(300)) + empaca.flush()
    cabeceras = f"Content-Encoding: {empaque}\r\nContent-Length: {len(bomba)}\r\n\r\n".encode()
    servicio.hablar = _decir(b"HTTP/1.1 200 OK\r\n" + cabeceras + bomba)
    with pytest.raises(RespuestaExcesiva):
        cliente.get(servicio.url)


def test_de_lo_que_crece_no_se_desempaqueta_mas() -> None:
    """In one piece, as a fast service sends it: what it would be is never in memory, not for a moment."""
    bomba = gzip.compress(bytes(64 * CUERPO_MAXIMO))
    assert len(bomba) < CUERPO_MAXIMO // 8
    tracemalloc.start()
    try:
        with pytest.raises(RespuestaExcesiva):
            _leer([bomba], "gzip")
        assert tracemalloc.get_traced_memory()[1] < 8 * CUERPO_MAXIMO
    finally:
        tracemalloc.stop()


def test_lo_que_no_se_sabe_desempaquetar(servicio: Servicio, cliente: httpx.Client) -> None:
    """Nobody asked for it, and nothing here reads it."""
    for dicho in (
        b"Content-Encoding: br\r\n",
        b"Content-Encoding: gzip, gzip\r\n",
        b"Content-Encoding: gzip\r\n",
    ):
        servicio.hablar = _decir(b"HTTP/1.1 200 OK\r\n" + dicho + b"Content-Length: 3\r\n\r\nabc")
        with pytest.raises(RespuestaExcesiva):
            cliente.get(servicio.url)
    assert b"accept-encoding: gzip\r\n" in servicio.pedidas[0].lower()


def test_lo_normal_llega_entero(servicio: Servicio) -> None:
    """As large as is read, packed or not, with its status and headers; the connection serves again."""
    cuerpo = json.dumps({"a": "ñ" * 1000}).encode().ljust(CUERPO_MAXIMO)
    with httpx.Client(transport=TransporteAcotado(None, SIN_PRISA_S)) as cliente:
        for empaque, enviado in (("identity", cuerpo), ("gzip", gzip.compress(cuerpo)), ("", cuerpo)):
            dicho = f"Content-Encoding: {empaque}\r\n" if empaque else ""
            cabeceras = f"{dicho}X-Saga: s\r\nContent-Length: {len(enviado)}\r\n\r\n".encode()
            servicio.hablar = _decir(b"HTTP/1.1 404 Not Found\r\n" + cabeceras + enviado)
            leida = cliente.post(servicio.url, json={"x": "y" * 100_000})
            assert (leida.status_code, leida.headers["X-Saga"], leida.content) == (404, "s", cuerpo)


def test_sin_nadie_al_otro_lado(servicio: Servicio, cliente: httpx.Client) -> None:
    """It fails as any client's call fails, by the same names: who cannot connect, who is cut off."""
    servicio.hablar = lambda conexion, _fin: conexion.shutdown(socket.SHUT_RDWR)
    with pytest.raises(httpx.RemoteProtocolError):
        cliente.get(servicio.url)
    with socket.create_server(("127.0.0.1", 0)) as libre:
        nadie = f"http://127.0.0.1:{libre.getsockname()[1]}"
    with pytest.raises(httpx.ConnectError):
        cliente.get(nadie)


HONDO = b'{"a":' * 488 + b"1" + b"}" * 488


@pytest.mark.parametrize(
    "contenido",
    [
        HONDO,
        b'{"a":' * 100_000,
        b"[]",
        b"",
        b"\xff",
        b'{"a":"\\u0000"}',
        b'{"a":[{"\\u0000b":1}]}',
        b'{"a":NaN}',
    ],
    ids=["488 niveles", "sin fin", "lista", "nada", "sin UTF-8", "nulo", "nulo en una clave", "NaN"],
)
def test_lo_que_no_se_puede_guardar_ni_mostrar(contenido: bytes) -> None:
    """Refused where it comes in: stored, every list that has it would fail."""
    with pytest.raises(ValueError, match=r"JSON|U\+0000"):
        objeto_json(contenido)


def test_un_objeto_como_otro_cualquiera() -> None:
    """A backslash that is written is no U+0000."""
    assert objeto_json(b'{"a":[{"b":"\\\\u0000"}]}') == {"a": [{"b": "\\u0000"}]}
