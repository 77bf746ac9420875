"""A Temporal server of the run's own: its databases, its configuration, its start and its end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.pares.bases import borrar
from bench.pares.filas import SinCifra
from bench.pares.servidores import base_vecina, en_marcha

# Below the ports that the system lends to clients. The other services take the ports that follow.
PUERTO = int(os.environ.get("PARES_PUERTO_TEMPORAL", "27233"))
SHARDS = 4
CONEXIONES = {"temporal": 20, "visibility": 10}
"""Connections of the server to each of its databases: the figure of its sample configuration, and more for
visibility, which has 2 there and would be waited for."""
SERVICIOS = ("frontend", "history", "matching", "worker")


def direccion() -> str:
    """Where the frontend listens."""
    return f"127.0.0.1:{PUERTO}"


@contextmanager
def servidor(binarios: Path, url: str) -> Iterator[None]:
    """Make the two databases beside the run's own, start the server, and undo both at the end."""
    carpeta = Path(tempfile.mkdtemp(prefix="pares-temporal-"))
    bases = {nombre: base_vecina(url, nombre) for nombre in CONEXIONES}
    try:
        for nombre, base in bases.items():
            _esquema(binarios / "sql", url, nombre, base)
        (carpeta / "pares.yaml").write_text(_configuracion(url, bases, carpeta))
        (carpeta / "dinamica.yaml").write_text(DINAMICA)
        orden = [str(binarios / "server"), "--config-file", str(carpeta / "pares.yaml"), "--allow-no-auth"]
        with en_marcha("Temporal", [*orden, "start"], PUERTO, carpeta / "registro.log"):
            yield
    finally:
        borrar(url, list(bases.values()))
        shutil.rmtree(carpeta)


def _esquema(herramienta: Path, url: str, nombre: str, base: str) -> None:
    partes = urlsplit(url)
    donde = ["--plugin", "postgres12", "--ep", str(partes.hostname), "--port", str(partes.port or 5432)]
    quien = ["--user", str(partes.username), "--password", partes.password or "", "--database", base]
    for orden in (
        ["create-database"],
        ["setup-schema", "--version", "0.0"],
        ["update-schema", "--schema-name", f"postgresql/v12/{nombre}"],
    ):
        hecho = subprocess.run([str(herramienta), *donde, *quien, *orden], capture_output=True, text=True)
        if hecho.returncode != 0:
            raise SinCifra(f"Sin cifra: {orden[0]} de {base} falló\n{hecho.stdout}{hecho.stderr}")


def _configuracion(url: str, bases: dict[str, str], carpeta: Path) -> str:
    almacenes = "".join(_almacen(url, nombre, base) for nombre, base in bases.items())
    servicios = "".join(_servicio(nombre, PUERTO + 2 * i) for i, nombre in enumerate(SERVICIOS))
    return f"""
log: {{stdout: true, level: error}}
persistence:
  defaultStore: temporal
  visibilityStore: visibility
  numHistoryShards: {SHARDS}
  datastores:{almacenes}
global:
  membership: {{maxJoinDuration: 30s, broadcastAddress: "127.0.0.1"}}
services:{servicios}
clusterMetadata:
  enableGlobalNamespace: false
  failoverVersionIncrement: 10
  masterClusterName: active
  currentClusterName: active
  clusterInformation:
    active: {{enabled: true, initialFailoverVersion: 1, rpcName: frontend, rpcAddress: "{direccion()}"}}
dcRedirectionPolicy: {{policy: noop}}
dynamicConfigClient: {{filepath: "{carpeta / "dinamica.yaml"}", pollInterval: 10s}}
"""


# What the server's own sample for SQL sets, and eager activities, which its workers can then use.
DINAMICA = """
system.forceSearchAttributesCacheRefreshOnRead: [{value: true}]
system.enableActivityEagerExecution: [{value: true}]
system.enableEagerWorkflowStart: [{value: true}]
"""


def _almacen(url: str, nombre: str, base: str) -> str:
    partes = urlsplit(url)
    return f"""
    {nombre}:
      sql:
        pluginName: postgres12
        databaseName: {base}
        connectAddr: "{partes.hostname}:{partes.port or 5432}"
        connectProtocol: tcp
        user: "{partes.username}"
        password: "{partes.password or ""}"
        maxConns: {CONEXIONES[nombre]}
        maxIdleConns: {CONEXIONES[nombre]}
        maxConnLifetime: 1h"""


def _servicio(nombre: str, puerto: int) -> str:
    return f"""
  {nombre}:
    rpc: {{grpcPort: {puerto}, membershipPort: {puerto + 1}, bindOnLocalHost: true}}"""
