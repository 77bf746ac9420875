"""The real HTTP server against clients that send slowly, stop, send too much, or send no HTTP."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from aeropartners.arranque.http.servidores import CABECERAS_MAXIMAS, CUERPO_LEIDO, HILOS, Servidor
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from tests.hostil.errores import exigir_error
from tests.hostil.quieto import Quieto
from tests.red import RED

# The server is the same over either database.
pytestmark = pytest.mark.parametrize("quieto", ["sqlite"], indirect=True, scope="module")
# More than waitress has threads, and more than the connections that it allows unless told.
LENTOS = HILOS * 4
CABEZA = (
    b"POST /saga/crear-campana-completa HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
)
PLAZO_S = 20


@pytest.fixture(scope="module")
def servidor(quieto: Quieto) -> Iterator[Servidor]:
    """The BFF on a free port."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    servidor = Servidor(quieto.apps["bff"], "127.0.0.1", puerto, "PUERTO_BFF")
    servidor.empezar()
    yield servidor
    servidor.parar()


def conectar(servidor: Servidor) -> socket.socket:
    """A plain connection, closed by whoever asks for it."""
    puerto = int(servidor.url.rsplit(":", 1)[1])
    return socket.create_connection(("127.0.0.1", puerto), timeout=PLAZO_S)


def leida(conexion: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one answer until the server closes."""
    recibido = b""
    while trozo := conexion.recv(65_536):
        recibido += trozo
    cabeza, _, cuerpo = recibido.partition(b"\r\n\r\n")
    lineas = cabeza.decode().split("\r\n")
    cabeceras = dict(linea.split(": ", 1) for linea in lineas[1:])
    return int(lineas[0].split()[1]), cabeceras, cuerpo


@pytest.mark.parametrize(
    "comienzo",
    [b"", CABEZA[:20], CABEZA, CABEZA + b"Content-Length: 1000\r\n\r\n{"],
    ids=["nada", "media linea", "medias cabeceras", "medio cuerpo"],
)
def test_quien_se_queda_a_medias_no_estorba(servidor: Servidor, comienzo: bytes) -> None:
    """With more stuck clients than threads, everybody else is answered."""
    with ExitStack() as pila:
        for _ in range(LENTOS):
            pila.enter_context(conectar(servidor)).sendall(comienzo)
        for _ in range(3):
            assert RED.get(f"{servidor.url}/saga/health", timeout=PLAZO_S).status_code == 200


def test_byte_a_byte_se_atiende_y_no_estorba(servidor: Servidor) -> None:
    """A request that comes one byte at a time is answered as any other, and others are answered meanwhile."""
    peticion = CABEZA + b"Connection: close\r\nContent-Length: 4\r\n\r\nnull"
    with conectar(servidor) as lento:
        lento.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i, byte in enumerate(peticion):
            lento.sendall(bytes([byte]))
            if i % 50 == 0:
                assert RED.get(f"{servidor.url}/saga/health", timeout=PLAZO_S).status_code == 200
        estado, cabeceras, cuerpo = leida(lento)
    assert estado == 400
    exigir_error(estado, cabeceras, cuerpo)


@pytest.mark.parametrize(
    "crudo",
    [
        CABEZA + f"Content-Length: {CUERPO_LEIDO}\r\n\r\n".encode(),
        CABEZA + f"Content-Length: {10**15}\r\n\r\n".encode() + b"x" * 100,
        CABEZA + f"Expect: 100-continue\r\nContent-Length: {10**9}\r\n\r\n".encode(),
        CABEZA + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffffff\r\n".ljust(CUERPO_LEIDO),
    ],
    ids=["el limite", "peta", "con expect", "a trozos"],
)
def test_un_cuerpo_enorme_se_rechaza_sin_leerlo(servidor: Servidor, crudo: bytes) -> None:
    """413 in the contract's shape as soon as the size is known: the client never sends the rest."""
    with conectar(servidor) as conexion:
        conexion.sendall(crudo)
        estado, cabeceras, cuerpo = leida(conexion)
    assert estado == 413
    assert exigir_error(estado, cabeceras, cuerpo) == "Cuerpo demasiado grande"


@pytest.mark.parametrize(("largo", "esperado"), [(CUERPO_MAXIMO, 200), (CUERPO_MAXIMO + 1, 413)])
def test_el_mayor_cuerpo_admitido_llega(servidor: Servidor, largo: int, esperado: int) -> None:
    """What the application takes is let through; one byte more is its own 413, read by a common client."""
    respuesta = RED.post(
        f"{servidor.url}/saga/crear-campana-completa",
        content=json.dumps({"campana": {}, "pago": {}, "reporte": {}}).ljust(largo),
        headers={"Content-Type": "application/json"},
        timeout=PLAZO_S,
    )
    assert respuesta.status_code == esperado, respuesta.text


@pytest.mark.parametrize(
    ("crudo", "esperado"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nmal formada\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ".ljust(CABECERAS_MAXIMAS, b"a"), 431),
        (CABEZA + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (CABEZA + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (CABEZA + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (CABEZA + b"Host: localhost\r\n\r\n", 400),
        (CABEZA + b"hOST: otro\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (CABEZA + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
        (b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://" + b"1" * 20_000 + b" x y\r\n\r\n", 400),
        (CABEZA + b"X:" + b" " * 20_000 + b"a\r\n\r\n", 400),
    ],
    ids=[
        *("longitud", "dos longitudes", "cabecera", "tls", "cabeceras enormes", "trozos rotos"),
        *("longitud y trozos", "trozos y longitud", "trozos en 1.0", "dos iguales", "dos Host", "sin Host"),
        *("longitud de 5000 cifras", "dirección rota", "línea que casi", "blancos"),
    ],
)
def test_lo_que_no_es_http_se_contesta_como_el_contrato(
    servidor: Servidor, crudo: bytes, esperado: int
) -> None:
    """What never reaches the application is refused in its shape: JSON with `detail`."""
    with conectar(servidor) as conexion:
        conexion.sendall(crudo)
        estado, cabeceras, cuerpo = leida(conexion)
    assert estado == esperado, cuerpo
    exigir_error(estado, cabeceras, cuerpo)


def test_una_transferencia_desconocida_es_501(servidor: Servidor) -> None:
    """The one refusal of a caller that HTTP itself numbers among the 5xx keeps the shape as well."""
    with conectar(servidor) as conexion:
        conexion.sendall(CABEZA + b"Transfer-Encoding: gzip\r\n\r\n")
        estado, cabeceras, cuerpo = leida(conexion)
    assert (estado, cabeceras["Content-Type"]) == (501, "application/json")
    assert json.loads(cuerpo)["detail"] == "Codificación de transferencia no admitida"
