"""The configuration of a process: the only reader of the environment."""

import difflib
import os
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from aeropartners.arranque.puntos import punto
from aeropartners.arranque.valores import anfitrion as _anfitrion
from aeropartners.arranque.valores import archivo as _archivo
from aeropartners.arranque.valores import autoridades as _autoridades
from aeropartners.arranque.valores import averias as _averias
from aeropartners.arranque.valores import base as _base
from aeropartners.arranque.valores import base_o_nada as _base_o_nada
from aeropartners.arranque.valores import broker as _broker
from aeropartners.arranque.valores import carpeta as _carpeta
from aeropartners.arranque.valores import claves as _claves
from aeropartners.arranque.valores import corto as _corto
from aeropartners.arranque.valores import decimal as _decimal
from aeropartners.arranque.valores import entero as _entero
from aeropartners.arranque.valores import http as _http
from aeropartners.arranque.valores import jwks as _jwks
from aeropartners.arranque.valores import opcional as _opcional
from aeropartners.arranque.valores import si_no as _si_no
from aeropartners.arranque.valores import tasa as _tasa
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import AVERIAS
from aeropartners.seedwork.infraestructura.direcciones import (
    TAPADO,
    es_de_esta_maquina,
    secretos_de,
    sin_secretos,
)
from aeropartners.seedwork.infraestructura.web.permisos import Rol

# How alike a name must be to one of ours to be taken for a typing error of it.
PARECIDO = 0.85
# Ours, and read elsewhere: by the programs of `infra/`, the scripts and the tests.
PREFIJO, AJENAS = "AEROPARTNERS_", ("AEROPARTNERS_CACHE",)


class ConfiguracionInvalida(Exception):
    """A variable has a value that cannot be; the message names it and says what it should be."""


def _var(nombre: str, defecto: str, leer: Callable[[str], Any], *, debe: str, secreto: bool = False) -> Any:
    return field(
        repr=not secreto,
        metadata={"variable": nombre, "defecto": defecto, "leer": leer, "debe": debe, "secreto": secreto},
    )


_PUERTO = _entero(1, 65535)
INTEGRACIONES, ORQUESTADOR_PARTNERS = "http://127.0.0.1:5001", "http://127.0.0.1:5003"


@dataclass(frozen=True, slots=True)
class Config:
    """What is in force. Without DATABASE_URL and PULSAR_URL everything is embedded in one process."""

    datos: Path = _var(
        "AEROPARTNERS_DATOS", ".aeropartners", _carpeta, debe="una carpeta, sin ? % # en su camino"
    )
    database_url: str = _var(
        "DATABASE_URL",
        "",
        _base,
        debe="postgresql://usuario:clave@host:puerto/base o sqlite:///ruta",
        secreto=True,
    )
    database_url_admin: str = _var(
        "DATABASE_URL_ADMIN",
        "",
        _base_o_nada,
        debe="vacío, o la base como su dueño, para `migrar` y `claves`",
        secreto=True,
    )
    pulsar_url: str = _var("PULSAR_URL", "", _broker, debe="pulsar://host:puerto")
    pulsar_admin_url: str = _var(
        "PULSAR_ADMIN_URL", "http://127.0.0.1:8081", _http, debe="http://host:puerto"
    )
    pulsar_tenant: str = _var("PULSAR_TENANT", "public", str, debe="un nombre")
    pulsar_namespace: str = _var("PULSAR_NAMESPACE", "default", str, debe="un nombre")
    particiones: int = _var("PARTICIONES", "4", _entero(1, 64), debe="un entero de 1 a 64")
    host: str = _var("HOST", "127.0.0.1", _anfitrion, debe="una dirección o un nombre")
    puerto: int = _var("PORT", "0", _entero(0, 65535), debe="un puerto, o 0 para el del contrato")
    puerto_principal: int = _var("PUERTO_PRINCIPAL", "8000", _PUERTO, debe="un puerto")
    puerto_bff: int = _var("PUERTO_BFF", "8090", _PUERTO, debe="un puerto")
    puerto_orquestador: int = _var("PUERTO_ORQUESTADOR", "8091", _PUERTO, debe="un puerto")
    puerto_integraciones: int = _var("PUERTO_INTEGRACIONES", "5001", _PUERTO, debe="un puerto")
    puerto_alianzas: int = _var("PUERTO_ALIANZAS", "5002", _PUERTO, debe="un puerto")
    puerto_orquestador_partners: int = _var("PUERTO_ORQUESTADOR_PARTNERS", "5003", _PUERTO, debe="un puerto")
    puerto_bff_partners: int = _var("PUERTO_BFF_PARTNERS", "5000", _PUERTO, debe="un puerto")
    integraciones_api_url: str = _var(
        "INTEGRACIONES_API_URL", INTEGRACIONES, _http, debe="http://host:puerto"
    )
    saga_orchestrator_url: str = _var(
        "SAGA_ORCHESTRATOR_URL", ORQUESTADOR_PARTNERS, _http, debe="http://host:puerto"
    )
    puerto_auditor: int = _var("PUERTO_AUDITOR", "8092", _PUERTO, debe="un puerto")
    orquestador_url: str = _var("ORQUESTADOR_URL", "http://127.0.0.1:8091", _http, debe="http://host:puerto")
    campaigns_url: str = _var("CAMPAIGNS_URL", "http://127.0.0.1:8000", _http, debe="http://host:puerto")
    pagos_url: str = _var("PAGOS_URL", "http://127.0.0.1:8000", _http, debe="http://host:puerto")
    saga_timeout_minutos: int | None = _var(
        "SAGA_TIMEOUT_MINUTOS", "", _opcional(_entero(1, 525600)), debe="vacío (el del contrato), o minutos"
    )
    step_timeout_create_partner_s: float = _var(
        "STEP_TIMEOUT_CREATE_PARTNER_S", "30", _decimal(0.1), debe="segundos"
    )
    step_timeout_create_alliance_s: float = _var(
        "STEP_TIMEOUT_CREATE_ALLIANCE_S", "60", _decimal(0.1), debe="segundos"
    )
    contrato_tipo: str = _var("CONTRATO_TIPO", "CPA", _corto(20), debe="un texto de 1 a 20 caracteres")
    contrato_monto: float = _var("CONTRATO_MONTO", "1000.00", _decimal(0), debe="un importe")
    contrato_moneda: str = _var("CONTRATO_MONEDA", "USD", _corto(10), debe="un texto de 1 a 10 caracteres")
    saga_step_timeout_s: float = _var("SAGA_STEP_TIMEOUT_S", "30", _decimal(0.1), debe="segundos")
    saga_max_retries: int = _var("SAGA_MAX_RETRIES", "3", _entero(0, 100), debe="un entero de 0 a 100")
    saga_backoff_base_s: float = _var("SAGA_BACKOFF_BASE_S", "1", _decimal(0.001), debe="segundos")
    saga_compensation_max_retries: int = _var(
        "SAGA_COMPENSATION_MAX_RETRIES", "10", _entero(0, 1000), debe="un entero de 0 a 1000"
    )
    gateway_latency_s: float = _var("GATEWAY_LATENCY_S", "3", _decimal(0), debe="segundos, 0 o más")
    gateway_limit: float = _var("GATEWAY_LIMIT", "100000", _decimal(0), debe="un importe")
    payment_success_rate: float | None = _var("PAYMENT_SUCCESS_RATE", "", _tasa, debe="vacío, o de 0 a 1")
    gateway_seed: int = _var("GATEWAY_SEED", "0", _entero(0, 2**31), debe="un entero")
    gateway_faults: dict[str, float] = _var(
        "GATEWAY_FAULTS", "", _averias, debe=f"vacío; en pruebas, avería=cuota,… de {', '.join(AVERIAS)}"
    )
    gateway_late_s: float = _var("GATEWAY_LATE_S", "60", _decimal(0), debe="segundos, 0 o más")
    admision_retraso_s: float = _var(
        "ADMISION_RETRASO_S", "5", _decimal(0), debe="segundos; 0 admite siempre"
    )
    admision_salida_mib: float = _var(
        "ADMISION_SALIDA_MIB", "1024", _decimal(0), debe="MiB en la salida; 0 admite siempre"
    )
    debug: bool = _var("DEBUG", "0", _si_no, debe="0 o 1")
    permitir_limpieza: bool = _var("PERMITIR_LIMPIEZA", "0", _si_no, debe="0 o 1")
    permitir_sin_clave: bool = _var("PERMITIR_SIN_CLAVE", "0", _si_no, debe="0 o 1")
    api_keys: tuple[tuple[str, Rol], ...] = _var(
        "API_KEYS", "", _claves, debe=f"clave:rol,clave:rol; roles: {', '.join(Rol)}", secreto=True
    )
    tls_cert_file: str = _var("TLS_CERT_FILE", "", _archivo, debe="un archivo PEM")
    tls_key_file: str = _var("TLS_KEY_FILE", "", _archivo, debe="un archivo PEM")
    tls_ca_file: str = _var("TLS_CA_FILE", "", _autoridades, debe="un archivo PEM de autoridades")
    pulsar_token: str = _var("PULSAR_TOKEN", "", str, debe="una ficha de Pulsar", secreto=True)
    pulsar_token_file: str = _var(
        "PULSAR_TOKEN_FILE", "", _archivo, debe="un archivo con la ficha de Pulsar, que se lee cada vez"
    )
    exigir_clave: bool = _var("EXIGIR_CLAVE", "0", _si_no, debe="0 o 1: 1 exige las de `aeropartners claves`")
    jwt_jwks: str = _var("JWT_JWKS", "", _jwks, debe="un archivo, o https://…; http:// solo en esta máquina")
    jwt_emisor: str = _var("JWT_EMISOR", "", str, debe="el `iss` de las fichas")
    jwt_audiencia: str = _var("JWT_AUDIENCIA", "", str, debe="el `aud` de las fichas")
    jwt_campo_rol: str = _var("JWT_CAMPO_ROL", "rol", str, debe="el campo de las fichas que dice el rol")
    api_key: str = _var("API_KEY", "", str, debe="la clave que muestran los mandos", secreto=True)
    service_api_key: str = _var("SERVICE_API_KEY", "", str, debe="una clave de rol servicio", secreto=True)
    fallos_de_acceso: int = _var(
        "FALLOS_DE_ACCESO", "10", _entero(0, 10_000), debe="por minuto y dirección; 0 no limita"
    )
    punto_de_choque: tuple[str, int, str] | None = _var(
        "PUNTO_DE_CHOQUE", "", punto, debe="vacío; solo en pruebas, lugar.punto:vez o lugar.punto@veneno"
    )
    cors_origins: str = _var("CORS_ORIGINS", "*", str, debe="orígenes separados por comas, o *")

    @property
    def exige_clave(self) -> bool:
        """Whether callers must say who they are."""
        return bool(self.api_keys or self.jwt_jwks or self.exigir_clave)

    @property
    def con_base(self) -> bool:
        """Whether there is a database: a BFF may run without one."""
        return self.embebida or not self.database_url.startswith("sqlite")

    @property
    def embebida(self) -> bool:
        """Whether the broker lives in this process."""
        return not self.pulsar_url

    def ficha_pulsar(self) -> str:
        """Return the token for Pulsar as it is now: a file's may have been renewed since."""
        archivo = self.pulsar_token_file
        return Path(archivo).read_text().strip() if archivo else self.pulsar_token

    def secretos(self) -> list[str]:
        """Return what this process knows and nobody may read in its logs."""
        bases = [make_url(url) for url in (self.database_url, self.database_url_admin) if url]
        urls = [v for f in fields(self) if isinstance(v := getattr(self, f.name), str) and "://" in v]
        claves = [b.password for b in bases] + [s for url in urls for s in secretos_de(url)]
        propias = (self.api_key, self.service_api_key, self.ficha_pulsar())
        return list(dict.fromkeys(s for s in (*claves, *propias) if s))

    def puertos_repetidos(self) -> list[str]:
        """Say which variables ask for the same port: no two services of one process can have it."""
        por_puerto: defaultdict[int, list[str]] = defaultdict(list)
        for f in fields(self):
            if f.name.startswith("puerto_"):
                por_puerto[getattr(self, f.name)].append(f.metadata["variable"])
        return [f"{' y '.join(v)} piden el mismo puerto {p}" for p, v in por_puerto.items() if len(v) > 1]

    def mostrar(self) -> dict[str, str]:
        """Return the variables and their values, secrets masked."""
        return {
            f.metadata["variable"]: _mostrado(str(getattr(self, f.name)), f.metadata["secreto"])
            for f in fields(self)
        }


_SINONIMOS = {"PULSAR_URL": "BROKER_URL"}


def leer(entorno: Mapping[str, str] | None = None) -> Config:
    """Read the environment; raises ConfiguracionInvalida naming every wrong variable."""
    entorno = os.environ if entorno is None else entorno
    valores: dict[str, Any] = {}
    faltas = []
    for campo in fields(Config):
        nombre = campo.metadata["variable"]
        texto = (
            entorno.get(nombre) or entorno.get(_SINONIMOS.get(nombre, ""), "") or campo.metadata["defecto"]
        )
        if nombre == "DATABASE_URL" and not texto:
            # Of a folder that is none another line says so.
            texto = f"sqlite:///{valores.get('datos', Path()) / 'aeropartners.db'}"
        try:
            if not texto.isprintable():  # the end of a line of another system, or worse: seen by nobody
                raise ValueError(texto)
            valores[campo.name] = campo.metadata["leer"](texto)
        except (ValueError, KeyError, ArgumentError):
            faltas.append(_falta(campo.metadata, texto))
    if faltas:
        raise ConfiguracionInvalida("\n".join(faltas))
    config = Config(**valores)
    _exigir_juntos(config)
    return config


def _exigir_juntos(config: Config) -> None:
    """Refuse what only together cannot be."""
    if bool(config.tls_cert_file) != bool(config.tls_key_file):
        raise ConfiguracionInvalida("TLS_CERT_FILE y TLS_KEY_FILE van juntos")
    if config.tls_cert_file:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.tls_cert_file, config.tls_key_file)
        except OSError as error:
            raise ConfiguracionInvalida(f"TLS_CERT_FILE y TLS_KEY_FILE: {error}") from error
    if config.jwt_jwks and not (config.jwt_emisor and config.jwt_audiencia):
        raise ConfiguracionInvalida(
            "JWT_JWKS: hacen falta JWT_EMISOR y JWT_AUDIENCIA, o valdría toda ficha suya"
        )
    if abierta(config) and not config.permitir_sin_clave:
        raise ConfiguracionInvalida(
            f"HOST={config.host!r}: sin credenciales (API_KEYS, EXIGIR_CLAVE o JWT_JWKS) solo se escucha en"
            " 127.0.0.1; PERMITIR_SIN_CLAVE=1 lo acepta bajo su responsabilidad"
        )


def abierta(config: Config) -> bool:
    """Whether others than this machine may call, and need no key."""
    return not es_de_esta_maquina(config.host) and not config.exige_clave


def desconocidas(entorno: Mapping[str, str] | None = None) -> Iterator[str]:
    """Say of each variable that nobody reads, and looks as if it was meant for us, which one it may be."""
    entorno = os.environ if entorno is None else entorno
    conocidas = {f.metadata["variable"] for f in fields(Config)} | set(_SINONIMOS.values())
    for nombre in sorted(set(entorno) - conocidas - set(AJENAS)):
        cercanas = difflib.get_close_matches(nombre, conocidas, 1, PARECIDO)
        if cercanas or nombre.startswith(PREFIJO):
            quiso = f": ¿quiso decir {cercanas[0]}?" if cercanas else ""
            yield f"{nombre} no es una variable de aquí{quiso}"


def _falta(metadatos: Mapping[str, Any], texto: str) -> str:
    """Say what is wrong with a value, and not the secret in it: half a URL may have one all the same."""
    dicho = TAPADO if metadatos["secreto"] else sin_secretos(repr(texto))
    if "://" not in texto and "@" in texto and not metadatos["secreto"]:
        dicho = repr(f"{TAPADO}@{texto.rpartition('@')[2]}")
    oculto = "" if texto.isprintable() else ", sin caracteres de control"
    return f"{metadatos['variable']}={dicho}: debe ser {metadatos['debe']}{oculto}"


def _mostrado(valor: str, secreto: bool) -> str:
    """An address without its passwords; of any other secret nothing but that it is there."""
    if not secreto or "://" in valor:
        return sin_secretos(valor)
    return TAPADO if valor.strip("()") else ""
