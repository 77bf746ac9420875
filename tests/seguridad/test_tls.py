"""HTTP over TLS, by real sockets and certificates made here."""

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from flask import Flask, Response, request

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import ConfiguracionInvalida, leer
from aeropartners.arranque.http.confianza import confianza
from aeropartners.arranque.http.servidores import Servidor
from aeropartners.arranque.http.tls import para_servir
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from tests.api.mandos import puerto_libre
from tests.esperas import hasta
from tests.seguridad import certificados
from tests.seguridad.certificados import Certificados


@pytest.fixture(scope="module")
def papeles(tmp_path_factory: pytest.TempPathFactory) -> Certificados:
    """An authority and a server's certificate."""
    return certificados.hacer(tmp_path_factory.mktemp("papeles"))


def aplicacion() -> Flask:
    """An application that gives back what it gets, in any size."""
    app = crear_aplicacion("eco", [], acceso=SIN_CLAVES)

    @exige(Permiso.LEER)
    def eco() -> Response:
        cuerpo = request.get_data()
        partes = (cuerpo[i : i + 7_000] for i in range(0, len(cuerpo), 7_000))
        return Response(partes, content_type="application/octet-stream")

    @exige(Permiso.LEER)
    def esquema() -> str:
        return f"{request.scheme} {request.remote_addr}"

    app.before_request_funcs[None] = app.before_request_funcs[None][:1]  # any body will do
    app.config["MAX_CONTENT_LENGTH"] = None
    app.add_url_rule("/eco", view_func=eco, methods=["POST"])
    app.add_url_rule("/esquema", view_func=esquema)
    return app


@pytest.fixture(scope="module")
def servidor(papeles: Certificados) -> Iterator[Servidor]:
    """It, over TLS."""
    contexto = para_servir(str(papeles.certificado), str(papeles.llave))
    servidor = Servidor(aplicacion(), "127.0.0.1", puerto_libre(), "PUERTO", tls=contexto)
    servidor.empezar()
    yield servidor
    servidor.parar()


@pytest.fixture
def cliente(servidor: Servidor, papeles: Certificados) -> Iterator[httpx.Client]:
    """A client that trusts the authority."""
    with httpx.Client(base_url=servidor.url, verify=confianza(str(papeles.autoridad)), timeout=10) as cliente:
        yield cliente


def test_se_contesta_y_se_sabe_que_es_tls(servidor: Servidor, cliente: httpx.Client) -> None:
    """The application sees https and the caller's address; the server does not say what it is."""
    assert servidor.url.startswith("https://")
    contestado = cliente.get("/esquema")
    assert contestado.text == "https 127.0.0.1"
    assert "server" not in contestado.headers
    assert contestado.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("largo", [1, 8_192, 16_384, 16_385, 300_000, 900_000])
def test_los_cuerpos_van_y_vuelven_enteros(cliente: httpx.Client, largo: int) -> None:
    """Whatever their size beside that of a TLS record or of a read, twice on one connection."""
    cuerpo = os.urandom(largo)
    for _ in range(2):
        assert cliente.post("/eco", content=cuerpo).content == cuerpo


def test_muchos_a_la_vez(servidor: Servidor, papeles: Certificados) -> None:
    """Writes from many threads while the server reads: nothing is lost or mixed up."""
    contexto = confianza(str(papeles.autoridad))

    def uno(numero: int) -> bool:
        cuerpo = bytes([numero]) * (40_000 + numero)
        with httpx.Client(base_url=servidor.url, verify=contexto, timeout=30) as cliente:
            return all(cliente.post("/eco", content=cuerpo).content == cuerpo for _ in range(5))

    with ThreadPoolExecutor(16) as piscina:
        assert all(piscina.map(uno, range(32)))


def test_peticiones_seguidas_en_un_mismo_registro(servidor: Servidor, papeles: Certificados) -> None:
    """Two requests deciphered at once are both answered: the system tells of ciphered bytes only."""
    contexto = confianza(str(papeles.autoridad))
    puerto = int(servidor.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", puerto), 10) as crudo,
        contexto.wrap_socket(crudo, server_hostname="localhost") as zocalo,
    ):
        peticion = b"GET /esquema HTTP/1.1\r\nHost: x\r\nX-Relleno: " + b"r" * 6_000 + b"\r\n\r\n"
        zocalo.sendall(peticion + peticion.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n"))
        leido = b"".join(iter(lambda: zocalo.recv(65_536), b""))
    assert leido.count(b"https 127.0.0.1") == 2


def test_quien_no_conoce_la_autoridad_no_sigue(servidor: Servidor) -> None:
    """The client refuses: that is what the certificate is for."""
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{servidor.url}/esquema")


def test_sin_tls_y_con_uno_viejo_no_se_entra(
    servidor: Servidor, papeles: Certificados, cliente: httpx.Client
) -> None:
    """Plain HTTP, TLS 1.1 and who says nothing get nothing, and nobody else notices."""
    puerto = int(servidor.url.rpartition(":")[2])
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{puerto}/esquema")
    viejo = confianza(str(papeles.autoridad))
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        viejo.minimum_version = viejo.maximum_version = ssl.TLSVersion.TLSv1_1
    viejo.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", puerto), 10), pytest.raises(httpx.HTTPError):
        httpx.get(f"{servidor.url}/esquema", verify=viejo)
    assert cliente.get("/esquema").status_code == 200


def test_la_configuracion_va_entera(papeles: Certificados, tmp_path: Path) -> None:
    """A certificate without its key, a file that is not there or is none, is refused at the start."""
    papel = tmp_path / "papel.pem"
    papel.write_text("ni certificado ni llave")
    for mala in (
        {"TLS_CERT_FILE": str(papel), "TLS_KEY_FILE": str(papeles.llave)},
        {"TLS_CERT_FILE": str(papeles.certificado), "TLS_KEY_FILE": str(papel)},
        {"TLS_CA_FILE": str(papel)},
        {"TLS_CERT_FILE": str(papeles.certificado)},
        {"TLS_KEY_FILE": str(papeles.llave)},
        {"TLS_CERT_FILE": str(tmp_path / "no"), "TLS_KEY_FILE": str(papeles.llave)},
        {"TLS_CA_FILE": str(tmp_path / "no")},
    ):
        with pytest.raises(ConfiguracionInvalida, match="TLS_"):
            leer(mala)


def test_la_demostracion_entera_con_tls_y_claves(papeles: Certificados, tmp_path: Path) -> None:
    """`aeropartners demo` serves its ports over TLS, asks for keys, and its sagas end as they should.

    With DEBUG=1 its log has a line for each request.
    """
    puertos = {p: str(puerto_libre()) for p in ("PUERTO_PRINCIPAL", "PUERTO_BFF", "PUERTO_ORQUESTADOR")}
    registro = tmp_path / "registro"
    with _corriendo(papeles, tmp_path, "demo", GATEWAY_LATENCY_S="0", DEBUG="1", **puertos):
        hasta(lambda: "terminaron como se esperaba" in registro.read_text(), "las sagas", 90)
        contexto = confianza(str(papeles.autoridad))
        for puerto in puertos.values():
            with httpx.Client(base_url=f"https://localhost:{puerto}", verify=contexto) as cliente:
                assert cliente.get("/health").status_code == 200
                assert cliente.get("/metrics").status_code == 401
                assert (
                    cliente.get("/metrics", headers={"X-API-Key": "una-clave-de-lector"}).status_code == 200
                )
    dichas = [json.loads(linea) for linea in registro.read_text().splitlines() if linea[:1] == "{"]
    peticiones = {(d["ruta"], d["estado"]) for d in dichas if d["event"] == "peticion"}
    assert {("/health", 200), ("/metrics", 401), ("/metrics", 200)} <= peticiones


def test_el_auditor_con_tls_y_claves(papeles: Certificados, tmp_path: Path) -> None:
    """So does the port of `aeropartners auditar --continuo`, which gives way to all other processes."""
    puerto = puerto_libre()
    embebido = {"AEROPARTNERS_DATOS": str(tmp_path), "DATABASE_URL": None, "PULSAR_URL": None}
    assert CliRunner().invoke(principal, ["migrar"], env=embebido).exit_code == 0
    with _corriendo(papeles, tmp_path, "auditar", "--continuo", PUERTO_AUDITOR=str(puerto)) as pid:
        hasta(lambda: "auditor en https://" in (tmp_path / "registro").read_text(), "el auditor", 60)
        assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0) + 10
        contexto = confianza(str(papeles.autoridad))
        with httpx.Client(base_url=f"https://localhost:{puerto}", verify=contexto) as cliente:
            assert cliente.get("/metrics").status_code == 401
            assert cliente.get("/metrics", headers={"X-API-Key": "una-clave-de-lector"}).status_code == 200


@contextmanager
def _corriendo(papeles: Certificados, carpeta: Path, *orden: str, **propio: str) -> Iterator[int]:
    """A command as a process, by its id, with certificates and a reader's key; it ends well."""
    entorno = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "AEROPARTNERS_DATOS": str(carpeta),
        "TLS_CERT_FILE": str(papeles.certificado),
        "TLS_KEY_FILE": str(papeles.llave),
        "TLS_CA_FILE": str(papeles.autoridad),
        "API_KEYS": "una-clave-de-lector:lector",
        **propio,
    }
    mando = [sys.executable, "-c", "from aeropartners.arranque.cli import principal; principal()", *orden]
    with (carpeta / "registro").open("wb") as registro:
        proceso = subprocess.Popen(mando, env=entorno, stdout=registro, stderr=registro, cwd=carpeta)
    try:
        yield proceso.pid
    finally:
        proceso.terminate()
        assert proceso.wait(60) == 0, (carpeta / "registro").read_text()[-3000:]
