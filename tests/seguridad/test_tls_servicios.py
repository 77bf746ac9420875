"""TLS to a real PostgreSQL and a real Pulsar (with a token), each started with certificates made here."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import jwt
import pytest
from sqlalchemy import text

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible
from aeropartners.seedwork.infraestructura.administracion_pulsar import Tema
from arranque.config import leer
from arranque.contenedor import Contenedor
from tests.seguridad import certificados
from tests.seguridad.certificados import Certificados

pytestmark = pytest.mark.servicios
RAIZ = Path(__file__).resolve().parents[2]
SECRETO = b"s" * 32


@pytest.fixture(scope="module")
def carpeta() -> Iterator[Path]:
    """A folder that the user of the database can reach."""
    carpeta = Path(tempfile.mkdtemp(prefix="aeropartners-tls-"))
    carpeta.chmod(0o755)
    yield carpeta
    shutil.rmtree(carpeta)


@pytest.fixture(scope="module")
def papeles(carpeta: Path) -> Certificados:
    """An authority and a server's certificate."""
    return certificados.hacer(carpeta / "papeles")


@pytest.fixture(scope="module")
def ajenos(carpeta: Path) -> Certificados:
    """Another authority, which signed nothing that is used."""
    return certificados.hacer(carpeta / "ajenos")


def puerto() -> int:
    """A free port below those that the system lends to clients."""
    while True:
        elegido = random.randrange(20_000, 32_000)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", elegido))
            return elegido


@contextmanager
def servicio(nombre: str, carpeta: Path, ajustes: dict[str, object], **variables: str) -> Iterator[None]:
    """One of our native services with settings besides its own, in a folder of its own."""
    if os.environ.get("SERVICIOS_REALES") != "1":
        pytest.skip("sin servicios reales: use `make test`")
    archivo = carpeta / f"{nombre}.ajustes"
    archivo.write_text("".join(f"{clave}={valor}\n" for clave, valor in ajustes.items()))
    cache = os.environ.get("AEROPARTNERS_CACHE") or str(Path.home() / ".cache" / "aeropartners")
    entorno = {
        **os.environ,
        "SERVICIOS_DIR": str(carpeta / "servicios"),
        "AEROPARTNERS_CACHE": cache,
        f"SERVICIOS_AJUSTES_{nombre.upper()}": str(archivo),
        **variables,
    }

    def mandar(verbo: str) -> None:
        subprocess.run([sys.executable, "infra/servicios", verbo, nombre], cwd=RAIZ, env=entorno, check=True)

    try:
        mandar("arriba")
        yield
    finally:
        mandar("borrar")


@pytest.fixture(scope="module")
def postgres(carpeta: Path, papeles: Certificados) -> Iterator[str]:
    """A PostgreSQL that takes TLS alone; the beginning of its URL."""
    suyos = carpeta / "de-postgres"
    suyos.mkdir()
    for papel in (papeles.certificado, papeles.llave):
        shutil.copy(papel, suyos)
        if os.geteuid() == 0:
            shutil.chown(suyos / papel.name, "postgres", "postgres")
        (suyos / papel.name).chmod(0o600)
    reglas = suyos / "hba"
    reglas.write_text("hostssl all all 127.0.0.1/32 trust\n")
    reglas.chmod(0o644)
    ajustes = {
        "ssl": "on",
        "ssl_cert_file": suyos / papeles.certificado.name,
        "ssl_key_file": suyos / papeles.llave.name,
        "hba_file": reglas,
        "shared_buffers": "16MB",
    }
    elegido = str(puerto())
    with servicio("postgres", carpeta, ajustes, SERVICIOS_PUERTO_POSTGRES=elegido):
        yield f"postgresql://aeropartners@127.0.0.1:{elegido}/aeropartners"


def cifrada(url: str, autoridad: Path) -> bool:
    """Whether a process so configured talks to its database over TLS; raises when it cannot at all."""
    motor = Contenedor(config=leer({"DATABASE_URL": url, "TLS_CA_FILE": str(autoridad)})).motor()
    try:
        with motor.escritura() as con:
            return bool(con.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")))
    finally:
        motor.cerrar()


def test_postgres_por_tls(postgres: str, papeles: Certificados, ajenos: Certificados) -> None:
    """With our authority it is TLS; without TLS, with another authority or another name it is nothing."""
    assert cifrada(f"{postgres}?sslmode=verify-full", papeles.autoridad)
    with pytest.raises(Exception, match="certificate verify failed"):
        cifrada(f"{postgres}?sslmode=verify-full", ajenos.autoridad)
    with pytest.raises(Exception, match="no encryption"):
        cifrada(f"{postgres}?sslmode=disable", papeles.autoridad)
    otro_nombre = postgres.replace("127.0.0.1", "otra.maquina")
    with pytest.raises(Exception, match="does not match host name"):
        cifrada(f"{otro_nombre}?hostaddr=127.0.0.1&sslmode=verify-full", papeles.autoridad)


@pytest.fixture(scope="module")
def pulsar(carpeta: Path, papeles: Certificados) -> Iterator[dict[str, str]]:
    """A Pulsar with TLS that asks for tokens: the variables that point at it."""
    puertos = {p: str(puerto()) for p in ("PULSAR", "PULSAR_ADMIN", "BOOKIE")}
    tls, admin = puerto(), puerto()
    secreto = carpeta / "secreto"
    secreto.write_bytes(SECRETO)
    ficha = jwt.encode({"sub": "aeropartners"}, SECRETO, "HS256")
    ajustes = {
        "brokerServicePortTls": tls,
        "webServicePortTls": admin,
        "tlsEnabled": "true",
        "tlsCertificateFilePath": papeles.certificado,
        "tlsKeyFilePath": papeles.llave,
        "tlsTrustCertsFilePath": papeles.autoridad,
        "authenticationEnabled": "true",
        "authenticationProviders": "org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
        "authorizationEnabled": "true",
        "superUserRoles": "aeropartners",
        "tokenSecretKey": f"file://{secreto}",
        "brokerClientAuthenticationPlugin": "org.apache.pulsar.client.impl.auth.AuthenticationToken",
        "brokerClientAuthenticationParameters": f"token:{ficha}",
    }
    variables = {f"SERVICIOS_PUERTO_{nombre}": valor for nombre, valor in puertos.items()}
    with servicio("pulsar", carpeta, ajustes, PULSAR_TOKEN=ficha, **variables):
        yield {
            "PULSAR_URL": f"pulsar+ssl://127.0.0.1:{tls}",
            "PULSAR_ADMIN_URL": f"https://127.0.0.1:{admin}",
            "PULSAR_TOKEN": ficha,
            "TLS_CA_FILE": str(papeles.autoridad),
            "PARTICIONES": "1",
        }


def test_pulsar_por_tls_y_con_ficha(pulsar: dict[str, str], ajenos: Certificados) -> None:
    """Topics are made and a message goes round; without the token or with another authority nothing."""
    c = Contenedor(config=leer(pulsar))
    administracion = c.administracion()
    administracion.crear({"prueba": Tema(1, ("una",))})
    administracion.cerrar()
    broker = c.broker()
    suscripcion = broker.suscribir(["prueba"], "una")
    broker.enviar([Envio("prueba", "clave", b'{"hola": 1}', {"de": "aqui"})])
    broker.asegurar()
    [recibido] = suscripcion.recibir(1, 20)
    assert recibido.cuerpo == b'{"hola": 1}'
    suscripcion.confirmar([recibido])
    suscripcion.cerrar()
    broker.cerrar()
    falsa = jwt.encode({"sub": "aeropartners"}, b"x" * 32, "HS256")
    for cambio in ({"PULSAR_TOKEN": ""}, {"PULSAR_TOKEN": falsa}, {"TLS_CA_FILE": str(ajenos.autoridad)}):
        malo = Contenedor(config=leer(pulsar | cambio))
        administracion = malo.administracion()
        with pytest.raises(httpx.HTTPError):
            administracion.comprobar({"prueba": Tema(1, ("una",))})
        administracion.cerrar()
        otro = malo.broker()
        with pytest.raises(BrokerNoDisponible):
            _mandar(otro)
        otro.cerrar()


def _mandar(broker: Broker) -> None:
    broker.enviar([Envio("prueba", "clave", b"{}", {"de": "aqui"})])
    broker.asegurar()
