"""TLS to a real PostgreSQL and a real Pulsar (with a token), each started with certificates made here."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import jwt
import pytest
from sqlalchemy import text

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible, Rechazo
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import Tema
from tests.puertos import puerto_libre
from tests.seguridad import certificados
from tests.seguridad.certificados import Certificados
from tests.servicios import servicio_propio

pytestmark = pytest.mark.servicios
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
    elegido = str(puerto_libre())
    with servicio_propio("postgres", carpeta, ajustes, SERVICIOS_PUERTO_POSTGRES=elegido):
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
    puertos = {p: str(puerto_libre()) for p in ("PULSAR", "PULSAR_ADMIN", "BOOKIE")}
    tls, admin = puerto_libre(), puerto_libre()
    secreto = carpeta / "secreto"
    secreto.write_bytes(SECRETO)
    token = jwt.encode({"sub": "aeropartners"}, SECRETO, "HS256")
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
        "brokerClientAuthenticationParameters": f"token:{token}",
    }
    variables = {f"SERVICIOS_PUERTO_{nombre}": valor for nombre, valor in puertos.items()}
    with servicio_propio("pulsar", carpeta, ajustes, PULSAR_TOKEN=token, **variables):
        yield {
            "PULSAR_URL": f"pulsar+ssl://127.0.0.1:{tls}",
            "PULSAR_ADMIN_URL": f"https://127.0.0.1:{admin}",
            "PULSAR_TOKEN": token,
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
        if "TLS_CA_FILE" in cambio:
            with pytest.raises(BrokerNoDisponible, match="certificate verify failed"):
                _mandar(otro)
        else:
            [rechazo] = _mandar(otro)
            assert (rechazo.tema, rechazo.definitivo) == ("prueba", False)
            # Without a word from the broker the library asks again until its time is over.
            assert rechazo.causa.startswith(("Auth", "Timeout"))
        otro.cerrar()


def _mandar(broker: Broker) -> Sequence[Rechazo]:
    broker.enviar([Envio("prueba", "clave", b"{}", {"de": "aqui"})])
    return broker.asegurar()
