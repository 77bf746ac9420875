"""What the clients of a port may take of it: time, connections, memory. Who takes too much goes."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from flask import Flask, Response

from aeropartners.arranque.http.conexiones import Conexiones, Limites
from aeropartners.arranque.http.servidores import HILOS, Servidor
from aeropartners.arranque.http.tls import para_servir
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from tests.esperas import hasta
from tests.puertos import puerto_libre
from tests.seguridad import certificados

CABEZA = b"POST /hola HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
ENTERA = b"GET /hola HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PIDE_GRANDE = b"GET /grande HTTP/1.1\r\nHost: localhost\r\n\r\n"
GRANDE = 1024 * 1024
MEDIO = CABEZA + b'Content-Length: 200000\r\n\r\n"' + b"a" * 100_000
PLAZO_S = 30
# What the system keeps of an answer for each side: the server keeps the rest.
EN_EL_SISTEMA = 32 * 1024
# Longer than a test waits: what a limit of memory should do no deadline does instead.
HOLGADOS = Limites(cabeza_s=600, peticion_s=600, ocio_s=600, lectura_s=600)
BREVES = Limites(cabeza_s=0.2, peticion_s=0.4, ocio_s=0.6, lectura_s=0.6)


def aplicacion() -> Flask:
    """An application that answers at once, and has an answer that nobody can take in at once."""
    app = crear_aplicacion("eco", [], acceso=SIN_CLAVES)
    for nombre, cuerpo in (("hola", b'"hola"'), ("grande", b"x" * GRANDE)):
        vista = exige(Permiso.ABIERTO)(lambda cuerpo=cuerpo: Response(cuerpo, mimetype="application/json"))
        app.add_url_rule(f"/{nombre}", nombre, vista, methods=["GET", "POST"])
    return app


class Puerto:
    """A server, and how its clients call it."""

    def __init__(self, servidor: Servidor, cifrado: bool) -> None:
        self._servidor: Any = servidor._servidor
        self._puerto = int(servidor.url.rsplit(":", 1)[1])
        self._cifrado = cifrado

    def conectar(self, *, cifrado: bool | None = None) -> socket.socket:
        """A connection, closed by whoever asks for it."""
        conexion = socket.socket()
        conexion.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, EN_EL_SISTEMA)
        conexion.settimeout(PLAZO_S)
        conexion.connect(("127.0.0.1", self._puerto))
        if not (self._cifrado if cifrado is None else cifrado):
            return conexion
        contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        contexto.check_hostname, contexto.verify_mode = False, ssl.CERT_NONE
        return contexto.wrap_socket(conexion)

    def abiertas(self) -> int:
        """How many connections the server has."""
        return len(self._servidor.active_channels)

    def sumas(self) -> tuple[int, int]:
        """The bytes that the server holds of requests, and of answers."""
        canales = [c for c in list(self._servidor.active_channels.values()) if not c.suelta]
        return sum(c.entrada for c in canales), sum(c.sin_leer for c in canales)

    def ha_leido(self, cuanto: int) -> bool:
        """Whether it has read so much of everybody who sends and was not let go."""
        canales = list(self._servidor.active_channels.values())
        return {c.entrada for c in canales if c.entrada and not c.suelta} == {cuanto}

    def contadas(self) -> tuple[int, int]:
        """The same, as the server has counted them."""
        conexiones = self._servidor.channel_class.conexiones
        return conexiones._entrada, conexiones._salida

    def atiende(self) -> None:
        """Somebody who asks as one should is answered."""
        with self.conectar() as conexion:
            conexion.sendall(ENTERA)
            recibido = b""
            while trozo := conexion.recv(65_536):
                recibido += trozo
        assert recibido.endswith(b'"hola"'), recibido


@contextmanager
def abierto(limites: Limites, tls: ssl.SSLContext | None = None) -> Iterator[Puerto]:
    """A server with these limits."""
    servidor = Servidor(aplicacion(), "127.0.0.1", puerto_libre(), "PORT", tls=tls, limites=limites)
    oyente: Any = servidor._servidor
    oyente.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, EN_EL_SISTEMA)
    servidor.empezar()
    puerto = Puerto(servidor, tls is not None)
    try:
        yield puerto
        hasta(lambda: puerto.abiertas() == 0, "el servidor ve que todos se han ido")
        assert puerto.contadas() == (0, 0)
    finally:
        servidor.parar()


@pytest.fixture(scope="module", params=["http", "https"])
def tls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext | None:
    """The server's side of TLS, or none."""
    if request.param == "http":
        return None
    papeles = certificados.hacer(tmp_path_factory.mktemp("papeles"))
    return para_servir(str(papeles.certificado), str(papeles.llave))


def gotear(conexion: socket.socket, gota: bytes) -> None:
    """Send a little again and again, until the server closes."""
    conexion.settimeout(0.05)
    for _ in range(PLAZO_S * 20):
        try:
            conexion.sendall(gota)
            if not conexion.recv(100):
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("el servidor no cerró")


@pytest.mark.parametrize(
    ("comienzo", "gota"),
    [
        (b"", b""),
        (b"", b"\r\n\r\n"),
        (CABEZA[:20], b"a"),
        (CABEZA, b"X: a\r\n"),
        (CABEZA + b"Content-Length: 100000\r\n\r\n", b"a"),
        (CABEZA + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
    ids=["nada", "líneas en blanco", "media línea", "media cabeza", "medio cuerpo", "trozos"],
)
def test_una_peticion_a_gotas_tiene_plazo(tls: ssl.SSLContext | None, comienzo: bytes, gota: bytes) -> None:
    """However regularly something comes: a head, a body and the time between two of them have an end."""
    with abierto(BREVES, tls) as puerto, puerto.conectar() as conexion:
        conexion.sendall(comienzo)
        gotear(conexion, gota)
        hasta(lambda: puerto.abiertas() == 0, "el servidor se olvida de ella")
        puerto.atiende()


def test_un_saludo_de_tls_a_medias_tiene_plazo(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A client that never ends its handshake is one that asks for nothing."""
    papeles = certificados.hacer(tmp_path_factory.mktemp("papeles"))
    contexto = para_servir(str(papeles.certificado), str(papeles.llave))
    with abierto(BREVES, contexto) as puerto, puerto.conectar(cifrado=False) as conexion:
        conexion.sendall(b"\x16\x03\x01\x02\x00")
        assert conexion.recv(100) == b""


def test_una_conexion_que_se_usa_sigue(tls: ssl.SSLContext | None) -> None:
    """The deadlines are of one request: a connection that asks again in time lasts longer than them."""
    with abierto(replace(BREVES, ocio_s=60), tls) as puerto, puerto.conectar() as conexion:
        pedida = ENTERA.replace(b"Connection: close\r\n", b"")
        for _ in range(3):
            conexion.sendall(pedida)
            recibido = b""
            while not recibido.endswith(b'"hola"'):
                trozo = conexion.recv(65_536)
                assert trozo, recibido
                recibido += trozo
            gotas = puerto.conectar()
            gotas.sendall(CABEZA)
            gotear(gotas, b"X: a\r\n")  # as long as a head may take, and the round that finds it
            gotas.close()
            hasta(lambda: puerto.abiertas() == 1, "la otra ya no está")


def test_mas_conexiones_de_las_que_caben(tls: ssl.SSLContext | None) -> None:
    """Whoever comes is answered; who has waited longest without asking for anything makes room."""
    limites = replace(HOLGADOS, conexiones=20)
    with abierto(limites, tls) as puerto, ExitStack() as pila:
        lentas = [pila.enter_context(puerto.conectar()) for _ in range(3)]
        for lenta in lentas:
            lenta.sendall(CABEZA)
        for _ in range(3 * limites.conexiones):
            pila.enter_context(puerto.conectar()).sendall(CABEZA)
            assert puerto.abiertas() <= limites.conexiones + 2
        puerto.atiende()
        for lenta in lentas:
            with suppress(ConnectionResetError):
                assert lenta.recv(100) == b""


def test_los_medios_cuerpos_tienen_un_total() -> None:
    """Of all requests that are not whole together: whoever holds most goes, and a whole one is taken."""
    limites = replace(HOLGADOS, memoria=1_000_000)
    with abierto(limites) as puerto, ExitStack() as pila:
        for _ in range(30):
            with suppress(OSError):
                pila.enter_context(puerto.conectar()).sendall(MEDIO)
        puerto.atiende()  # it came last: all others have been let in
        hasta(lambda: puerto.ha_leido(len(MEDIO)), "el servidor ha leído a quien se queda")
        assert puerto.sumas()[0] <= limites.memoria
        hasta(lambda: puerto.sumas() == puerto.contadas(), "las cuentas cuadran")


@pytest.mark.parametrize("veces", [1, 100], ids=["una", "cien seguidas"])
def test_lo_que_nadie_lee_tiene_un_total(veces: int) -> None:
    """Neither memory nor threads wait for clients who ask and do not read, more of them than threads."""
    limites = replace(HOLGADOS, memoria=8 * GRANDE)
    with abierto(limites) as puerto, ExitStack() as pila:
        for _ in range(2 * HILOS):
            conexion = pila.enter_context(puerto.conectar())
            with suppress(OSError):
                conexion.sendall(PIDE_GRANDE * veces)
        puerto.atiende()
        hasta(lambda: puerto.sumas()[1] <= limites.memoria + GRANDE, "cabe lo que nadie lee")
        puerto.atiende()
        hasta(lambda: puerto.sumas() == puerto.contadas(), "las cuentas cuadran")


def test_quien_no_lee_tiene_plazo(tls: ssl.SSLContext | None) -> None:
    """A client that never reads cannot be written to, and so not be told: it is let go all the same."""
    with abierto(BREVES, tls) as puerto, puerto.conectar() as conexion:
        conexion.sendall(PIDE_GRANDE)
        hasta(lambda: puerto.sumas()[1] > 0, "una respuesta que espera")
        hasta(lambda: puerto.abiertas() == 0, "el servidor se olvida de ella")


def test_quien_lee_despacio_recibe_todo(tls: ssl.SSLContext | None) -> None:
    """A big answer to somebody who reads it is whole."""
    with abierto(HOLGADOS, tls) as puerto, puerto.conectar() as conexion:
        conexion.sendall(PIDE_GRANDE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        recibido = b""
        while trozo := conexion.recv(10_000):
            recibido += trozo
        assert recibido.endswith(b"x" * GRANDE)
        hasta(lambda: puerto.contadas() == (0, 0), "nada se cuenta de más")


class ConexionDePapel:
    """A connection that holds so much, and waits."""

    def __init__(self, conexiones: Conexiones, sin_leer: int) -> None:
        self.entrada, self.sin_leer, self.suelta = 0, 0, False
        self._conexiones = conexiones
        conexiones.contar(self, sin_leer=sin_leer)

    def espera_desde(self) -> float:
        return inf if self.suelta else 0.0

    def vence(self, limites: Limites) -> float:
        return inf

    def soltar(self) -> None:
        self._conexiones.olvidar(self)


def test_nadie_mas_se_va_por_quien_ya_se_va() -> None:
    """What a connection holds that was let go, and is not closed yet, costs nobody else theirs."""
    conexiones = Conexiones(replace(HOLGADOS, memoria=100))
    papeles = [ConexionDePapel(conexiones, bytes_) for bytes_ in (90, 60, 5)]
    for _ in papeles:
        conexiones.aliviar(papeles)
    assert [p.suelta for p in papeles] == [True, False, False]
    conexiones.contar(papeles[0], sin_leer=-90)  # closed at last
    assert (conexiones._salida, conexiones.apretadas) == (65, False)


def test_se_van_las_que_hagan_falta() -> None:
    """Several answers may be added at the same moment: one look lets go as many as the bound asks for."""
    conexiones = Conexiones(replace(HOLGADOS, memoria=100))
    papeles = [ConexionDePapel(conexiones, bytes_) for bytes_ in (70, 60, 50, 40, 0)]
    conexiones.revisar(papeles)
    assert [p.suelta for p in papeles] == [True, True, False, False, False]
