"""The configuration of a process, read from its environment variables."""

import difflib
import ssl
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import make_url

from aeropartners.arranque.ajustes.del_terminal import Terminal
from aeropartners.arranque.ajustes.puertos import Puerto, leer_puerto, puertos, repetidos
from aeropartners.arranque.ajustes.puntos_de_choque import punto
from aeropartners.arranque.ajustes.valores import JSON, TEXTO
from aeropartners.arranque.ajustes.valores import anfitrion as _anfitrion
from aeropartners.arranque.ajustes.valores import archivo as _archivo
from aeropartners.arranque.ajustes.valores import broker as _broker
from aeropartners.arranque.ajustes.valores import carpeta as _carpeta
from aeropartners.arranque.ajustes.valores import decimal as _decimal
from aeropartners.arranque.ajustes.valores import elegida as _elegida
from aeropartners.arranque.ajustes.valores import entero as _entero
from aeropartners.arranque.ajustes.valores import http as _http
from aeropartners.arranque.ajustes.valores import jwks as _jwks
from aeropartners.arranque.ajustes.valores import opcional as _opcional
from aeropartners.arranque.ajustes.valores import si_no as _si_no
from aeropartners.arranque.ajustes.valores_de_proceso import base as _base
from aeropartners.arranque.ajustes.valores_de_proceso import base_o_nada as _base_o_nada
from aeropartners.arranque.ajustes.valores_de_proceso import claves as _claves
from aeropartners.arranque.ajustes.variables import (
    SINONIMOS,
    Faltas,
    entorno_del_proceso,
    leer_campos,
    mostrados,
    variable,
    variables,
)
from aeropartners.arranque.plataforma import NOMBRE as PLATAFORMA
from aeropartners.arranque.sistemas import SERVICIOS, SISTEMAS
from aeropartners.seedwork.infraestructura.base.direcciones import (
    es_de_esta_maquina,
    secretos_de,
)
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from saga_orchestrator.aplicacion.ajustes import Ajustes

T = TypeVar("T")
CLASES = tuple(sistema.ajustes for sistema in SISTEMAS)
DATOS = ".aeropartners"
# How similar a variable's name must be to a known one (0 to 1) to be reported as a typing error.
PARECIDO = 0.85
# Variables with our prefix that are read elsewhere: by the programs of `infra/`, the scripts and the tests.
PREFIJO, AJENAS = "AEROPARTNERS_", ("AEROPARTNERS_CACHE",)


class ConfiguracionInvalida(Exception):
    """A variable has a wrong value; the message names it and says what it should be."""


@dataclass(frozen=True, slots=True)
class Config(Terminal):
    """The values in force. Without DATABASE_URL and PULSAR_URL, database and broker are embedded."""

    datos: Path = variable("AEROPARTNERS_DATOS", DATOS, _carpeta, debe="una carpeta, sin ? % # en su camino")
    database_url: str = variable(
        "DATABASE_URL",
        "",
        _base,
        debe="postgresql://usuario:clave@host:puerto/base o sqlite:///ruta",
        secreto=True,
    )
    database_url_admin: str = variable(
        "DATABASE_URL_ADMIN",
        "",
        _base_o_nada,
        debe="vacío, o la base como su dueño, para `migrar` y `claves`",
        secreto=True,
    )
    pulsar_url: str = variable("PULSAR_URL", "", _broker, debe="pulsar://host:puerto")
    pulsar_admin_url: str = variable(
        "PULSAR_ADMIN_URL", "http://127.0.0.1:8081", _http, debe="http://host:puerto"
    )
    pulsar_tenant: str = variable("PULSAR_TENANT", "public", str, debe="un nombre")
    pulsar_namespace: str = variable("PULSAR_NAMESPACE", "default", str, debe="un nombre")
    particiones: int = variable("PARTICIONES", "4", _entero(1, 64), debe="un entero de 1 a 64")
    host: str = variable("HOST", "127.0.0.1", _anfitrion, debe="una dirección o un nombre")
    puerto: int = variable("PORT", "0", _entero(0, 65535), debe="un puerto, o 0 para el del contrato")
    puerto_auditor: int = variable("PUERTO_AUDITOR", "8092", leer_puerto, debe="un puerto")
    saga_timeout_minutos: int | None = variable(
        "SAGA_TIMEOUT_MINUTOS", "", _opcional(_entero(1, 525600)), debe="vacío (el del contrato), o minutos"
    )
    saga_step_timeout_s: float = variable("SAGA_STEP_TIMEOUT_S", "30", _decimal(0.1), debe="segundos")
    saga_max_retries: int = variable("SAGA_MAX_RETRIES", "3", _entero(0, 100), debe="un entero de 0 a 100")
    saga_backoff_base_s: float = variable("SAGA_BACKOFF_BASE_S", "1", _decimal(0.001), debe="segundos")
    saga_compensation_max_retries: int = variable(
        "SAGA_COMPENSATION_MAX_RETRIES", "10", _entero(0, 1000), debe="un entero de 0 a 1000"
    )
    admision_retraso_s: float = variable(
        "ADMISION_RETRASO_S", "5", _decimal(0), debe="segundos; 0 admite siempre"
    )
    admision_salida_mib: float = variable(
        "ADMISION_SALIDA_MIB", "1024", _decimal(0), debe="MiB en la salida; 0 admite siempre"
    )
    esperas_maximas: int = variable(
        "ESPERAS_MAXIMAS", "500", _entero(0, 5000), debe="de 0 a 5000; 0 no hace esperar a ninguna petición"
    )
    debug: bool = variable("DEBUG", "0", _si_no, debe="0 o 1")
    log_formato: str = variable(
        "LOG_FORMATO", "", _opcional(_elegida(JSON, TEXTO)), debe=f"vacío (el del sistema), {JSON} o {TEXTO}"
    )
    permitir_limpieza: bool = variable("PERMITIR_LIMPIEZA", "0", _si_no, debe="0 o 1")
    permitir_sin_clave: bool = variable("PERMITIR_SIN_CLAVE", "0", _si_no, debe="0 o 1")
    api_keys: tuple[tuple[str, Rol], ...] = variable(
        "API_KEYS", "", _claves, debe=f"clave:rol,clave:rol; roles: {', '.join(Rol)}", secreto=True
    )
    tls_cert_file: str = variable("TLS_CERT_FILE", "", _archivo, debe="un archivo PEM")
    tls_key_file: str = variable("TLS_KEY_FILE", "", _archivo, debe="un archivo PEM")
    pulsar_token: str = variable("PULSAR_TOKEN", "", str, debe="un token de Pulsar", secreto=True)
    pulsar_token_file: str = variable(
        "PULSAR_TOKEN_FILE", "", _archivo, debe="un archivo con el token de Pulsar, que se lee cada vez"
    )
    exigir_clave: bool = variable(
        "EXIGIR_CLAVE", "0", _si_no, debe="0 o 1: 1 exige las de `aeropartners claves`"
    )
    jwt_jwks: str = variable(
        "JWT_JWKS", "", _jwks, debe="un archivo, o https://…; http:// solo en esta máquina"
    )
    jwt_emisor: str = variable("JWT_EMISOR", "", str, debe="el `iss` de los tokens")
    jwt_audiencia: str = variable("JWT_AUDIENCIA", "", str, debe="el `aud` de los tokens")
    jwt_campo_rol: str = variable("JWT_CAMPO_ROL", "rol", str, debe="el campo de los tokens que dice el rol")
    fallos_de_acceso: int = variable(
        "FALLOS_DE_ACCESO", "10", _entero(0, 10_000), debe="por minuto y dirección; 0 no limita"
    )
    punto_de_choque: tuple[str, int, str] | None = variable(
        "PUNTO_DE_CHOQUE", "", punto, debe="vacío; solo en pruebas, lugar.punto:vez o lugar.punto@veneno"
    )
    cors_origins: str = variable("CORS_ORIGINS", "*", str, debe="orígenes separados por comas, o *")
    puertos: Mapping[str, Puerto] = field(default_factory=dict, repr=False)
    propios: Mapping[type, Any] = field(default_factory=dict, repr=False)

    def de(self, clase: type[T]) -> T:
        """Return the settings of a system, by its settings class."""
        propios = self.propios[clase]
        assert isinstance(propios, clase)
        return propios

    @property
    def exige_clave(self) -> bool:
        """Whether callers need a key or a token."""
        return bool(self.api_keys or self.jwt_jwks or self.exigir_clave)

    @property
    def con_base(self) -> bool:
        """Whether the process has a database: a BFF beside Pulsar needs none."""
        return self.embebida or not self.database_url.startswith("sqlite")

    @property
    def ajustes_de_sagas(self) -> Ajustes:
        """The settings that every saga definition is made with."""
        return Ajustes(
            self.saga_step_timeout_s,
            self.saga_max_retries,
            self.saga_backoff_base_s,
            self.saga_compensation_max_retries,
        )

    @property
    def embebida(self) -> bool:
        """Whether the broker is embedded in this process."""
        return not self.pulsar_url

    def token_pulsar(self) -> str:
        """Return the token for Pulsar; it is read from its file each time, as it may have been renewed."""
        archivo = self.pulsar_token_file
        return Path(archivo).read_text().strip() if archivo else self.pulsar_token

    def secretos(self) -> list[str]:
        """Return the configured secrets and passwords, to be masked in the log."""
        bases = [make_url(url) for url in (self.database_url, self.database_url_admin) if url]
        todos = [getattr(a, campo) for a in self._ajustes() for campo, _ in variables(type(a))]
        urls = [valor for valor in todos if isinstance(valor, str) and "://" in valor]
        claves = [b.password for b in bases] + [s for url in urls for s in secretos_de(url)]
        propias = (self.api_key, self.service_api_key, self.token_pulsar())
        return list(dict.fromkeys(s for s in (*claves, *propias) if s))

    def puertos_repetidos(self) -> list[str]:
        """Return an error for each port that several variables set: two services cannot share it."""
        return repetidos([*self.puertos.values(), Puerto(self.puerto_auditor, "PUERTO_AUDITOR")])

    def direccion(self, servicio: str) -> str:
        """Return the URL of a service on this machine."""
        return self.puertos[servicio].url

    @property
    def abierta(self) -> bool:
        """Whether other machines can call without a key."""
        return not es_de_esta_maquina(self.host) and not self.exige_clave

    def mostrar(self) -> dict[str, str]:
        """Return the variables and their values, secrets masked.

        A variable whose default differs between systems is there for each of them, with the system's name.
        """
        dichos = dict(mostrados(self)) | {p.variable: str(p.numero) for p in self.puertos.values()}
        de_sistemas: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for sistema in SISTEMAS:
            for nombre, valor in mostrados(self.propios[sistema.ajustes]):
                de_sistemas[nombre][sistema.nombre] = valor
        for nombre, valores in de_sistemas.items():
            comun = dichos.get(nombre, min(valores.values()))
            if {*valores.values()} == {comun}:
                dichos[nombre] = comun
            else:
                dichos |= {f"{nombre} ({sistema})": valor for sistema, valor in valores.items()}
        return dichos

    def _ajustes(self) -> list[Any]:
        return [self, *self.propios.values()]


def leer(entorno: Mapping[str, str] | None = None, solo: str = "") -> Config:
    """Read the environment; raises ConfiguracionInvalida naming every wrong variable.

    `solo` is the system that the process serves alone: it has its contract's ports, whoever else wants them.
    """
    entorno = entorno_del_proceso() if entorno is None else entorno
    por_orden = sorted(SERVICIOS.values(), key=lambda s: s.sistema not in (PLATAFORMA, solo))
    elegidos, faltas = puertos(por_orden, entorno)
    direcciones = {servicio: puerto.url for servicio, puerto in elegidos.items()}
    leidos: dict[type, dict[str, Any]] = {}
    for clase in (Config, *CLASES):
        try:
            leidos[clase] = leer_campos(clase, entorno, {"DATABASE_URL": _base_de(entorno)}, direcciones)
        except Faltas as error:
            faltas += str(error).split("\n")
    if faltas:
        # A variable of several systems is named once.
        por_variable = {falta.partition("=")[0]: falta for falta in reversed(faltas)}
        raise ConfiguracionInvalida("\n".join(reversed(por_variable.values())))
    propios = {clase: clase(**leidos[clase]) for clase in CLASES}
    config = Config(**leidos[Config], puertos=elegidos, propios=propios)
    _exigir_juntos(config)
    return config


def _base_de(entorno: Mapping[str, str]) -> str:
    """Return the URL of the embedded database; a wrong folder is reported with its own variable."""
    texto = entorno.get("AEROPARTNERS_DATOS") or DATOS
    try:
        datos = _carpeta(texto) if texto.isprintable() else Path()
    except ValueError:
        datos = Path()
    return f"sqlite:///{datos / 'aeropartners.db'}"


def _exigir_juntos(config: Config) -> None:
    """Raise ConfiguracionInvalida for values that are wrong only in combination."""
    if bool(config.tls_cert_file) != bool(config.tls_key_file):
        raise ConfiguracionInvalida("TLS_CERT_FILE y TLS_KEY_FILE van juntos")
    if config.tls_cert_file:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.tls_cert_file, config.tls_key_file)
        except OSError as error:
            raise ConfiguracionInvalida(f"TLS_CERT_FILE y TLS_KEY_FILE: {error}") from error
    if config.jwt_jwks and not (config.jwt_emisor and config.jwt_audiencia):
        raise ConfiguracionInvalida(
            "JWT_JWKS: hacen falta JWT_EMISOR y JWT_AUDIENCIA, o valdría todo token suyo"
        )
    if config.abierta and not config.permitir_sin_clave:
        raise ConfiguracionInvalida(
            f"HOST={config.host!r}: sin credenciales (API_KEYS, EXIGIR_CLAVE o JWT_JWKS) solo se escucha en"
            " 127.0.0.1; PERMITIR_SIN_CLAVE=1 lo acepta bajo su responsabilidad"
        )


def conocidas() -> set[str]:
    """Return the names of all variables that a process reads."""
    de_campos = {v.nombre for clase in (Config, *CLASES) for _, v in variables(clase)}
    de_puertos = {nombre for servicio in SERVICIOS.values() for nombre in servicio.variables}
    return de_campos | de_puertos | set(SINONIMOS.values())


def desconocidas(entorno: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield a warning for each unknown variable that looks like one of ours, with the likely name."""
    entorno, nuestras = entorno_del_proceso() if entorno is None else entorno, conocidas()
    for nombre in sorted(set(entorno) - nuestras - set(AJENAS)):
        cercanas = difflib.get_close_matches(nombre, nuestras, 1, PARECIDO)
        if cercanas or nombre.startswith(PREFIJO):
            quiso = f": ¿quiso decir {cercanas[0]}?" if cercanas else ""
            yield f"{nombre} no es una variable de aquí{quiso}"
