"""docker-compose.yml, as far as it can be judged without an engine: schema, our code, the contract."""

import importlib
import inspect
import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from flask import Flask
from jsonschema.validators import validator_for
from ruamel.yaml import YAML
from tests.api.sistema import Sistema, levantar
from tests.esperas import hasta

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import ConfiguracionInvalida, conocidas, leer
from aeropartners.arranque.http import servidores
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.sistemas import NOMBRES, SERVICIOS, SISTEMAS

RAIZ = Path(__file__).resolve().parents[2]
RAIZ_COMPOSE: dict[str, Any] = YAML(typ="safe").load(RAIZ / "docker-compose.yml")
DE_SISTEMAS: dict[str, dict[str, Any]] = {
    Path(incluido["path"]).stem: YAML(typ="safe").load(RAIZ / incluido["path"])
    for incluido in RAIZ_COMPOSE["include"]
}
_SUYOS = {nombre: s for archivo in DE_SISTEMAS.values() for nombre, s in archivo["services"].items()}
# As an engine merges them.
COMPOSE: dict[str, Any] = {
    **{clave: valor for clave, valor in RAIZ_COMPOSE.items() if clave != "include"},
    "services": {**RAIZ_COMPOSE["services"], **_SUYOS},
}
DEFECTO = leer({})
PREFIJO = "PULSAR_PREFIX_"
SANO = {"condition": "service_healthy"}

# Where each service listens inside; the contract's ports, and 8080 of Pulsar's own image.
ESCUCHA = {
    "postgres": {5432},
    "pulsar": {6650, 6651, 8080},
    **{nombre: {puerto.numero} for nombre, puerto in DEFECTO.puertos.items()},
    "bff-partners": {8000},  # 5000 on the host (004, section 6)
    "cafeteria-api": {8000},  # on the host campaigns have it
}
# What the contract publishes (README section 1, 001 section 1), and only to this machine: nobody needs a key.
PUBLICADO = {
    "postgres": {"127.0.0.1:5433:5432"},
    "pulsar": {"127.0.0.1:6650:6651", "127.0.0.1:8081:8080"},
    "modulos": {"127.0.0.1:8000:8000"},
    "bff": {"127.0.0.1:8090:8090"},
    "orquestador": {"127.0.0.1:8091:8091"},
    "orquestador-partners": {"127.0.0.1:5003:5003"},
    "integraciones": {"127.0.0.1:5001:5001"},
    "alianzas": {"127.0.0.1:5002:5002"},
    "bff-partners": {"127.0.0.1:5000:8000"},
    "operador": {"127.0.0.1:8093:8093"},
    "cafeteria-api": {"127.0.0.1:18000:8000"},
}
CONTENEDOR = {
    "pulsar": "aeropartners-pulsar",
    "orquestador": "saga-orchestrator",
    "bff": "event-collector-bff",
}
# Settings that say where a service is, not how it works: they differ between a machine and a container.
LUGAR_POSTGRES = {"port", "listen_addresses", "unix_socket_directories"}
LUGAR_PULSAR = {"brokerServicePort", "webServicePort", "bindAddress", "advertisedAddress"}
# What only a standalone broker needs.
SOLO_STANDALONE = {"allowEphemeralPorts", "listeningInterface", "webSocketServiceEnabled"}
LUGAR_CONTENEDOR = {"advertisedListeners", "internalListenerName", "bindAddresses"}


def _nativo(nombre: str) -> ModuleType:
    """Return a module of infra/servicios, which are scripts beside each other and no package."""
    sys.path.insert(0, str(RAIZ / "infra/servicios"))
    try:
        return importlib.import_module(nombre)
    finally:
        sys.path.pop(0)


POSTGRES, PULSAR = _nativo("postgres"), _nativo("pulsar_local")


def _nuestros(c: dict[str, Any]) -> dict[str, Any]:
    return {nombre: s for nombre, s in c["services"].items() if "build" in s}


def _segundos(duracion: str) -> int:
    return int(duracion.removesuffix("s"))


def _megas(memoria: str) -> int:
    return int(memoria[:-1]) * {"m": 1, "g": 1024}[memoria[-1].lower()]


def _prefijadas(c: dict[str, Any]) -> dict[str, str]:
    entorno = c["services"]["pulsar"]["environment"]
    return {k.removeprefix(PREFIJO): v for k, v in entorno.items() if k.startswith(PREFIJO)}


def esquema(c: dict[str, Any]) -> list[str]:
    """It is what the Compose Specification's schema allows."""
    texto = (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text()
    reglas = json.loads(texto)
    return [f"{e.json_path}: {e.message}" for e in validator_for(reglas)(reglas).iter_errors(c)]


def ordenes(c: dict[str, Any]) -> list[str]:
    """Each command of ours is one that the real command line takes."""
    faltas = []
    for nombre, servicio in _nuestros(c).items():
        orden: click.Command = principal
        contexto, resto = None, list(servicio["command"])
        try:
            while isinstance(orden, click.Group):
                contexto = orden.make_context("aeropartners", resto, parent=contexto)
                _, siguiente, resto = orden.resolve_command(contexto, resto)
                assert siguiente is not None
                orden = siguiente
            orden.make_context(orden.name, resto, parent=contexto)
        except click.ClickException as error:
            faltas.append(f"{nombre}: {error.format_message()}")
    return faltas


def variables(c: dict[str, Any]) -> list[str]:
    """Each variable is one that the configuration reads, with a value that it takes from a container."""
    nuestras, faltas = conocidas(), []
    for nombre, servicio in _nuestros(c).items():
        entorno = servicio["environment"]
        faltas += [f"{nombre}: {v}" for v in entorno if v not in nuestras]
        try:
            config = leer(entorno)
        except ConfiguracionInvalida as error:
            faltas.append(f"{nombre}: {error}")
            continue
        if config.embebida or config.host != "0.0.0.0":
            faltas.append(f"{nombre}: HOST={config.host} PULSAR_URL={config.pulsar_url}")
    return faltas


def vecinos(c: dict[str, Any]) -> list[str]:
    """Each URL leads to a service, at a port where it listens; the database's names its user and base."""
    faltas = []
    for nombre, servicio in _nuestros(c).items():
        for variable, valor in servicio["environment"].items():
            if not variable.endswith("_URL"):
                continue
            url = urlsplit(valor)
            if url.hostname not in c["services"] or url.port not in ESCUCHA.get(url.hostname, ()):
                faltas.append(f"{nombre}: {variable}={valor}")
        base, suya = (
            urlsplit(servicio["environment"]["DATABASE_URL"]),
            c["services"]["postgres"]["environment"],
        )
        claves = [suya["POSTGRES_USER"], suya["POSTGRES_PASSWORD"], suya["POSTGRES_DB"]]
        if [base.username, base.password, base.path[1:]] != claves:
            faltas.append(f"{nombre}: DATABASE_URL")
    return faltas


def dependencias(c: dict[str, Any]) -> list[str]:
    """Who is waited for exists and can fulfil the condition; the loops start on what `migrar` has made."""
    faltas = []
    for nombre, servicio in c["services"].items():
        for otro, condicion in servicio.get("depends_on", {}).items():
            espera = condicion["condition"]
            suyo = c["services"].get(otro)
            cumple = suyo is not None and (
                "healthcheck" in suyo if espera == "service_healthy" else suyo["restart"] == "no"
            )
            faltas += [] if cumple else [f"{nombre} → {otro}: {espera}"]
    sanos = {"postgres": SANO, "pulsar": SANO}
    hecho = {"migrar": {"condition": "service_completed_successfully"}}
    con_bucles = [servicio.nombre for servicio in SERVICIOS.values() if servicio.piezas]
    debidas = {"migrar": sanos, **dict.fromkeys(con_bucles, hecho)}
    return faltas + [n for n, d in debidas.items() if c["services"][n].get("depends_on") != d]


def puertos(c: dict[str, Any]) -> list[str]:
    """What is published is what the contract says, on loopback; inside is where the service listens."""
    publicados = {n: set(s["ports"]) for n, s in c["services"].items() if "ports" in s}
    dentro = [(n, int(p.rsplit(":", 1)[1])) for n, suyos in publicados.items() for p in suyos]
    faltas = [f"{n}: {publicados.get(n)}" for n in PUBLICADO if publicados.get(n) != PUBLICADO[n]]
    faltas += sorted(set(publicados) - set(PUBLICADO))
    abiertos = leer(_nuestros(c)["bff-partners"]["environment"]).puertos["bff-partners"].numero
    faltas += [] if {abiertos} == ESCUCHA["bff-partners"] else [f"bff-partners: {abiertos}"]
    return faltas + [f"{n}: {p}" for n, p in dentro if p not in ESCUCHA.get(n, ())]


def nombres(c: dict[str, Any]) -> list[str]:
    """The containers that the operator's page speaks of have the contract's names."""
    suyos = {n: s["container_name"] for n, s in c["services"].items() if "container_name" in s}
    return [] if suyos == CONTENEDOR else [str(suyos)]


def limites(c: dict[str, Any]) -> list[str]:
    """Each service has bounds of memory, CPU, log and stopping; all but `migrar` come back by themselves."""
    debidos = {"mem_limit", "cpus", "logging", "restart", "stop_grace_period"}
    faltas = [f"{n}: {sorted(debidos - set(s))}" for n, s in c["services"].items() if debidos - set(s)]
    faltas += [n for n, s in c["services"].items() if not 0 < s.get("cpus", 0) <= 2]
    vuelven = {n for n, s in c["services"].items() if s.get("restart") == "unless-stopped"}
    return faltas + sorted(vuelven ^ (set(c["services"]) - {"migrar"}))


def parada(c: dict[str, Any]) -> list[str]:
    """No service is killed before it had the time that it gives itself: ours to drain, Pulsar as natively."""
    grupos = re.findall(r"hilo\.esperar\((\d+)\)", inspect.getsource(Proceso.parar))
    http = re.findall(r"shutdown\(timeout=(\d+)\)", inspect.getsource(servidores.Servidor.parar))
    solo = re.findall(r"signal\.SIGTERM, (\d+)\)", inspect.getsource(PULSAR.abajo))
    assert [len(grupos), len(http), len(solo)] == [1, 1, 1], "the drain is written in another way"
    minimo = dict.fromkeys(_nuestros(c), int(http[0]) + 2 * int(grupos[0])) | {"pulsar": int(solo[0])}
    return [n for n, m in minimo.items() if _segundos(c["services"][n]["stop_grace_period"]) < m]


def rutas(c: dict[str, Any]) -> list[str]:
    """The build reads files that exist, and the volumes that are named are those that are used."""
    faltas = []
    for nombre, servicio in _nuestros(c).items():
        construir = servicio["build"]
        archivo = RAIZ / construir["context"] / construir["dockerfile"]
        faltas += [] if archivo.is_file() else [f"{nombre}: {archivo}"]
    usados = {v.split(":")[0] for s in c["services"].values() for v in s.get("volumes", ())}
    return faltas + sorted(usados ^ set(c["volumes"]))


def ajustes_postgres(c: dict[str, Any]) -> list[str]:
    """PostgreSQL is set as infra/servicios sets it."""
    servicio = c["services"]["postgres"]
    programa, *opciones = servicio["command"]
    suyos = dict(o.removeprefix("-c").split("=", 1) for o in opciones)
    nativos = {k: str(v) for k, v in POSTGRES.AJUSTES.items() if k not in LUGAR_POSTGRES}
    faltas = [f"{k}={v}" for k, v in suyos.items() ^ nativos.items()] + (
        [] if programa == "postgres" else [programa]
    )
    iniciales = shlex.split(servicio["environment"]["POSTGRES_INITDB_ARGS"])
    fuente = inspect.getsource(POSTGRES._crear)
    return faltas + [i for i in iniciales if f'"{i}"' not in fuente]


def ajustes_pulsar(c: dict[str, Any]) -> list[str]:
    """Pulsar is the same version, set as infra/servicios sets it, and its script applies the settings."""
    servicio = c["services"]["pulsar"]
    suyos = {k: v for k, v in _prefijadas(c).items() if k not in LUGAR_CONTENEDOR}
    nativos = {k: str(v) for k, v in PULSAR.AJUSTES.items() if k not in LUGAR_PULSAR}
    faltas = [f"{k}={v}" for k, v in suyos.items() ^ nativos.items()]
    faltas += [k for k, v in PULSAR.MEMORIA.items() if servicio["environment"].get(k) != v]
    faltas += [] if servicio["image"].endswith(f":{PULSAR.VERSION}") else [servicio["image"]]
    partes = servicio["command"][-1].split(" && ")
    debidas = ["bin/apply-config-from-env.py conf/standalone.conf", "exec bin/pulsar standalone -nfw -nss"]
    return faltas + ([] if partes == debidas else [str(partes)])


def oyentes(c: dict[str, Any]) -> list[str]:
    """A client is sent on to an address that it can reach, from inside and from the host."""
    suyos = _prefijadas(c)
    anunciados = dict(o.split(":", 1) for o in suyos["advertisedListeners"].split(","))
    externo, atado = suyos["bindAddresses"].split(":", 1)
    desde_fuera = f"127.0.0.1:{urlsplit(anunciados[externo]).port}:{urlsplit(atado).port}"
    faltas = [] if desde_fuera in c["services"]["pulsar"]["ports"] else [desde_fuera]
    interno = anunciados[suyos["internalListenerName"]]
    return faltas + [n for n, s in _nuestros(c).items() if s["environment"]["PULSAR_URL"] != interno]


def memoria(c: dict[str, Any]) -> list[str]:
    """Pulsar's limit leaves a third more than its heap and direct memory; PostgreSQL's, twice its buffers."""
    pulsar, postgres = c["services"]["pulsar"], c["services"]["postgres"]
    maquina = sum(
        int(m)
        for m in re.findall(r"(?:-Xmx|MaxDirectMemorySize=)(\d+)m", pulsar["environment"]["PULSAR_MEM"])
    )
    faltas = [] if _megas(pulsar["mem_limit"]) * 3 >= maquina * 4 else [pulsar["mem_limit"]]
    buferes = next(o.split("=")[1] for o in postgres["command"] if "shared_buffers" in o)
    return faltas + (
        [] if _megas(postgres["mem_limit"]) >= 2 * int(buferes[:-2]) else [postgres["mem_limit"]]
    )


def perfiles(c: dict[str, Any]) -> list[str]:
    """Each service of a system is under the profile of its name; the platform's own are the operator's."""
    suyos = {s.nombre: s.sistema if s.sistema != "plataforma" else s.parte for s in SERVICIOS.values()}
    dichos = {nombre: s.get("profiles", [None]) for nombre, s in c["services"].items()}
    return [f"{nombre}: {dicho}" for nombre, dicho in dichos.items() if dicho != [suyos.get(nombre)]]


Regla = Callable[[dict[str, Any]], list[str]]
REGLAS: list[Regla] = [
    *(esquema, ordenes, variables, vecinos, dependencias, puertos, nombres, limites, parada, rutas),
    *(ajustes_postgres, ajustes_pulsar, oyentes, memoria, perfiles),
]

# Rule → what breaks it: (where in the file, what stands there instead). A list's index is a number.
ROTURAS: list[tuple[Regla, str, Any]] = [
    (esquema, "services.bff.comand", ["servir", "bff"]),
    (perfiles, "services.bff.profiles", ["partners"]),
    (perfiles, "services.migrar.profiles", ["campanas"]),
    (esquema, "services.bff.depends_on.orquestador.condition", "service_ready"),
    (ordenes, "services.bff.command", ["servir", "nadie"]),
    (ordenes, "services.modulos.command", ["servir", "modulos", "--modulo", "pagos"]),
    (ordenes, "services.migrar.command", ["migra"]),
    (variables, "services.bff.environment.ORQUESTADOR", "http://orquestador:8091"),
    (variables, "services.modulos.environment.PORT", "ocho mil"),
    (variables, "services.modulos.environment.PERMITIR_SIN_CLAVE", "0"),
    (variables, "services.modulos.environment.HOST", "127.0.0.1"),
    (variables, "services.orquestador.environment.PULSAR_URL", ""),
    (vecinos, "services.orquestador.environment.PAGOS_URL", "http://pagos:8000"),
    (vecinos, "services.bff.environment.ORQUESTADOR_URL", "http://orquestador:8090"),
    (vecinos, "services.postgres.environment.POSTGRES_PASSWORD", "otra"),
    (dependencias, "services.bff.depends_on.nadie", SANO),
    (dependencias, "services.bff.depends_on.migrar", SANO),
    (dependencias, "services.bff.depends_on.modulos", {"condition": "service_completed_successfully"}),
    (dependencias, "services.orquestador.depends_on", {"postgres": SANO}),
    (puertos, "services.bff.ports.0", "8090:8090"),
    (puertos, "services.orquestador.ports.0", "127.0.0.1:8091:8090"),
    (puertos, "services.migrar.ports", ["127.0.0.1:9000:9000"]),
    (puertos, "services.bff-partners.environment.PUERTO_BFF_PARTNERS", "5000"),
    (vecinos, "services.bff-partners.environment.SAGA_ORCHESTRATOR_URL", "http://orquestador:5003"),
    (nombres, "services.bff.container_name", "bff"),
    (limites, "services.bff.mem_limit", None),
    (limites, "services.bff.cpus", 8),
    (limites, "services.bff.restart", "no"),
    (limites, "services.migrar.restart", "unless-stopped"),
    (parada, "services.modulos.stop_grace_period", "60s"),
    (parada, "services.pulsar.stop_grace_period", "30s"),
    (rutas, "services.bff.build.dockerfile", "Dockerfile"),
    (rutas, "volumes.otro", None),
    (rutas, "services.pulsar.volumes.0", "datos:/pulsar/data"),
    (ajustes_postgres, "services.postgres.command.5", "-cfsync=off"),
    (ajustes_postgres, "services.postgres.command.0", "bash"),
    (ajustes_postgres, "services.postgres.environment.POSTGRES_INITDB_ARGS", "-E LATIN1"),
    (ajustes_pulsar, f"services.pulsar.environment.{PREFIJO}journalSyncData", "false"),
    (ajustes_pulsar, f"services.pulsar.environment.{PREFIJO}numIOThreads", "2"),
    (ajustes_pulsar, "services.pulsar.environment.PULSAR_GC", "-XX:+UseZGC"),
    (ajustes_pulsar, "services.pulsar.image", "apachepulsar/pulsar:4.1.0"),
    (ajustes_pulsar, "services.pulsar.command.2", "bin/pulsar standalone"),
    (oyentes, "services.pulsar.ports.0", "127.0.0.1:6650:6650"),
    (oyentes, f"services.pulsar.environment.{PREFIJO}internalListenerName", "external"),
    (memoria, "services.pulsar.mem_limit", "1536m"),
    (memoria, "services.postgres.mem_limit", "768m"),
]


def _con(ruta: str, valor: Any) -> dict[str, Any]:
    """Return the file with one thing changed; None takes it away, or adds an empty entry."""
    roto = deepcopy(COMPOSE)
    *camino, ultimo = [int(p) if p.isdigit() else p for p in ruta.split(".")]
    donde: Any = roto
    for paso in camino:
        # The services share what an anchor names: a change must stay in its own.
        donde[paso] = deepcopy(donde[paso])
        donde = donde[paso]
    if valor is None and ultimo in donde:
        del donde[ultimo]
    else:
        donde[ultimo] = valor
    return roto


@pytest.mark.parametrize("regla", REGLAS)
def test_el_compose_cumple(regla: Regla) -> None:
    """docker-compose.yml keeps every rule."""
    assert regla(COMPOSE) == []


@pytest.mark.parametrize(("regla", "ruta", "valor"), ROTURAS)
def test_la_falta_se_ve(regla: Regla, ruta: str, valor: Any) -> None:
    """Each rule sees a file that breaks it."""
    assert regla(_con(ruta, valor))


@pytest.mark.parametrize("archivo", [RAIZ_COMPOSE, *DE_SISTEMAS.values()])
def test_cada_archivo_es_valido(archivo: dict[str, Any]) -> None:
    """As it stands, before an engine merges it."""
    assert esquema(archivo) == []


def test_cada_sistema_tiene_su_archivo() -> None:
    """One for each, with its services; what is common to ours is the same in all; all start by default."""
    assert {n: set(d["services"]) for n, d in DE_SISTEMAS.items()} == {
        s.nombre: {servicio.nombre for servicio in s.servicios} for s in SISTEMAS
    }
    comun = RAIZ_COMPOSE["x-servicio"]
    for archivo in DE_SISTEMAS.values():
        suyo = archivo["x-servicio"]
        entorno = {v: suyo["environment"].get(v) for v in comun["environment"]}
        assert {**suyo, "environment": entorno} == comun
    assert (RAIZ / ".env").read_text().endswith(f"COMPOSE_PROFILES={','.join(NOMBRES)}\n")


def test_toda_regla_tiene_su_rotura() -> None:
    """No rule is without an example that breaks it."""
    assert {regla for regla, _, _ in ROTURAS} == set(REGLAS)


@pytest.fixture(scope="module")
def sistema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The whole system, embedded: its applications are those of the containers."""
    with levantar(tmp_path_factory.mktemp("compose")) as vivo:
        yield vivo


def _sonda(codigo: str) -> int:
    return subprocess.run([sys.executable, "-c", codigo], capture_output=True).returncode


@pytest.mark.parametrize(
    ("servicio", "app"),
    [
        ("modulos", "principal"),
        ("bff", "bff"),
        ("orquestador", "orquestador"),
        ("orquestador-partners", "sagas_partners"),
        ("integraciones", "integraciones"),
        ("alianzas", "alianzas"),
        ("bff-partners", "bff_partners"),
    ],
)
def test_la_sonda_dice_la_verdad(sistema: Sistema, servicio: str, app: str) -> None:
    """Each container's health check succeeds on the real application, at its port, while it is served."""
    definido = COMPOSE["services"][servicio]
    *orden, codigo = definido["healthcheck"]["test"]
    assert orden == ["CMD", "python", "-c"]
    dentro = definido["ports"][0].rsplit(":", 1)[1]
    assert f"//127.0.0.1:{dentro}/" in codigo
    aplicacion: Flask = getattr(sistema, app).application
    hasta(lambda: getattr(sistema, app).get("/ready").status_code == 200, f"{servicio} listo")
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    codigo = codigo.replace(f":{dentro}/", f":{puerto}/")
    servidor = servidores.Servidor(aplicacion, "127.0.0.1", puerto, "PORT")
    servidor.empezar()
    try:
        assert _sonda(codigo) == 0
        assert _sonda(codigo.replace("/ready", "/nadie")) != 0
    finally:
        servidor.parar()
    assert _sonda(codigo) != 0


def test_la_espera_de_la_sonda_cabe_en_la_de_compose() -> None:
    """The probe gives up by itself, before the engine would have to kill it."""
    for servicio in _nuestros(COMPOSE).values():
        if sonda := servicio.get("healthcheck"):
            plazo = re.findall(r"timeout=(\d+)", sonda["test"][-1])
            assert [int(p) < _segundos(sonda["timeout"]) for p in plazo] == [True]


def test_el_broker_tiene_los_ajustes_que_se_documentan() -> None:
    """What docs/operacion.md asks of a cluster is what `make up` sets, and all of it."""
    pagina = (RAIZ / "docs" / "operacion.md").read_text()
    seccion = pagina.split("## The broker's settings")[1].split("\n## ")[0]
    pedidos = dict(re.findall(r"`(\w+)=(\w+)`", seccion))
    aparte = LUGAR_PULSAR | SOLO_STANDALONE
    assert pedidos == {k: str(v) for k, v in PULSAR.AJUSTES.items() if k not in aparte}
