"""A Pulsar standalone of the project's own: own ports, own directories, acknowledged after fsync."""

import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

from comun import (
    DIRECTORIO,
    Falta,
    cerrojo,
    cola,
    correr,
    de_mas,
    esperar,
    exigir_libre,
    instalar,
    parar,
    pid_propio,
)
from comun import vivo as proceso_vivo

VERSION = "4.0.8"
# Below the ports that the system lends to clients (32768 and up): one of those may be taken at any moment.
PUERTO = int(os.environ.get("SERVICIOS_PUERTO_PULSAR", "26650"))
ADMIN = int(os.environ.get("SERVICIOS_PUERTO_PULSAR_ADMIN", "28080"))
BOOKIE = int(os.environ.get("SERVICIOS_PUERTO_BOOKIE", "23181"))
CACHE = Path(os.environ.get("AEROPARTNERS_CACHE") or Path.home() / ".cache" / "aeropartners").resolve()
ARTEFACTO = f"org.apache.pulsar:pulsar-server-distribution:{VERSION}:tar.gz:bin"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
BASE = DIRECTORIO / "pulsar"
REGISTRO = BASE / "pulsar.log"
EN_USO = BASE / "en_uso"
MEMORIA = {
    "PULSAR_MEM": "-Xms512m -Xmx768m -XX:MaxDirectMemorySize=768m",
    "PULSAR_GC": "-XX:+UseG1GC",
}
AJUSTES = {
    "brokerServicePort": PUERTO,
    "webServicePort": ADMIN,
    "bindAddress": "127.0.0.1",
    "advertisedAddress": "127.0.0.1",
    # Without these two the bookie picks any free port and listens on every interface.
    "allowEphemeralPorts": "true",
    "listeningInterface": next(n for _, n in socket.if_nameindex() if n.startswith("lo")),
    "journalSyncData": "true",
    # A lone entry does not wait for company: 2.1 ms in place of 2.7 from sending to receiving.
    "journalFlushWhenQueueEmpty": "true",
    # By default a topic that was just read is left alone for 10 ms: the next takes 10.3 ms in place of 0.7.
    "managedLedgerNewEntriesCheckDelayInMillis": "0",
    "acknowledgmentAtBatchIndexLevelEnabled": "true",
    "brokerDeleteInactiveTopicsEnabled": "false",
    "managedLedgerDefaultMarkDeleteRateLimit": "1",
    "webSocketServiceEnabled": "false",
    "allowAutoTopicCreation": "false",
    # What a topic keeps is its own: 7 days of events, 30 of dead letters.
    "topicLevelPoliciesEnabled": "true",
    "systemTopicEnabled": "true",
    # How soon a topic that is full, or has room again, is found to be; by default after a minute.
    "backlogQuotaCheckIntervalInSeconds": "5",
    # Else two changes of a reader within it may leave a partition that nobody reads, and a takeover is late.
    "activeConsumerFailoverDelayTimeMillis": "0",
    "keepAliveIntervalSeconds": "10",
}


def _java() -> str:
    """Return a Java that runs Pulsar 4: the default one if it is new enough, else an installed 17."""

    def sirve(ruta: str) -> bool:
        dicho = subprocess.run([ruta, "-version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        mayor = re.search(r'version "(\d+)', dicho.stderr)
        return mayor is not None and int(mayor[1]) >= 17

    def buscar() -> str | None:
        instalados = [str(ruta) for ruta in Path("/usr/lib/jvm").glob("java-17-*/bin/java")]
        omision = shutil.which("java")
        return next((ruta for ruta in [*([omision] if omision else []), *instalados] if sirve(ruta)), None)

    return instalar("Java 17", ["openjdk-17-jre-headless"], buscar)


def _distribucion() -> Path:
    """Return the unpacked distribution; fetched once, kept outside the checkout."""
    destino = CACHE / f"apache-pulsar-{VERSION}"
    with cerrojo(CACHE / "cerrojo"):
        if not (destino / "bin" / "pulsar").exists():
            _bajar(destino)
    return destino


def _bajar(destino: Path) -> None:
    """Fetch with Maven, unpack aside, and move in place: a half-unpacked one is never taken for whole."""
    mvn = instalar("Maven", ["maven"], lambda: shutil.which("mvn"))
    aparte = CACHE / "aparte"
    shutil.rmtree(aparte, ignore_errors=True)
    aparte.mkdir()
    print(f"Bajando Pulsar {VERSION} (245 MB, una sola vez) a {CACHE}", flush=True)
    correr([mvn, "-B", "-q", f"{PLUGIN}:get", f"-Dartifact={ARTEFACTO}", "-Dtransitive=false"], cwd=aparte)
    copiar = [f"-Dartifact={ARTEFACTO}", f"-DoutputDirectory={aparte}"]
    correr([mvn, "-B", "-q", f"{PLUGIN}:copy", *copiar], cwd=aparte)
    correr(["tar", "xzf", str(next(aparte.glob("*.tar.gz"))), "-C", str(aparte)])
    shutil.rmtree(destino, ignore_errors=True)
    (aparte / destino.name).rename(destino)
    shutil.rmtree(aparte)


def _configurar(distribucion: Path) -> Path:
    texto = (distribucion / "conf" / "standalone.conf").read_text()
    for clave, valor in (AJUSTES | de_mas("SERVICIOS_AJUSTES_PULSAR")).items():
        texto, veces = re.subn(rf"(?m)^{clave}=.*$", f"{clave}={valor}", texto)
        if not veces:
            texto += f"\n{clave}={valor}\n"
    ruta = BASE / "standalone.conf"
    ruta.write_text(texto)
    return ruta


def _pid() -> int | None:
    return pid_propio(BASE / "pid", str(BASE))


def vivo() -> bool:
    """Whether our broker process runs."""
    return _pid() is not None


def arriba() -> None:
    """Fetch Pulsar when it is missing, start it, and wait until it answers; idempotent."""
    java, distribucion = _java(), _distribucion()
    with cerrojo(DIRECTORIO / "pulsar.cerrojo"):
        BASE.mkdir(parents=True, exist_ok=True)
        if not vivo():
            exigir_libre(PUERTO, "SERVICIOS_PUERTO_PULSAR")
            exigir_libre(ADMIN, "SERVICIOS_PUERTO_PULSAR_ADMIN")
            exigir_libre(BOOKIE, "SERVICIOS_PUERTO_BOOKIE")
            if EN_USO.exists():
                _sanar(java, distribucion)
            _arrancar(java, distribucion)
        _esperar(_responde)


def _sanar(java: str, distribucion: Path) -> None:
    """After a kill -9 the dead bookie's registration stays, and the new one registers for ever beside it.

    A clean stop removes it. Until then the broker may never be healthy: that its REST answers is enough.
    """
    _arrancar(java, distribucion)
    _esperar(_contesta)
    parar(_pid(), signal.SIGTERM, 90)


def _esperar(hecho: Callable[[], bool]) -> None:
    def hecho_y_vivo() -> bool:
        # Not `vivo`: while the script becomes the JVM its command line is empty for a moment.
        if not proceso_vivo(int((BASE / "pid").read_text())):
            raise Falta(f"Pulsar terminó al arrancar\n{cola(REGISTRO)}")
        return hecho()

    esperar(hecho_y_vivo, f"Pulsar en los puertos {PUERTO} y {ADMIN}", REGISTRO, 180)


def _arrancar(java: str, distribucion: Path) -> None:
    """Start the broker in a session of its own; the script replaces itself by the JVM, so the pid stays."""
    EN_USO.touch()
    casa = str(Path(java).resolve().parents[1])
    entorno = {**os.environ, **MEMORIA, "JAVA_HOME": casa, "PULSAR_LOG_DIR": str(BASE / "logs")}
    programa = [str(distribucion / "bin" / "pulsar"), "standalone", "-c", str(_configurar(distribucion))]
    donde = ["--metadata-dir", str(BASE / "metadata"), "--bookkeeper-dir", str(BASE / "bookkeeper")]
    orden = [*programa, "-nfw", "-nss", "-a", "127.0.0.1", "--bookkeeper-port", str(BOOKIE), *donde]
    with REGISTRO.open("ab") as salida:
        proceso = subprocess.Popen(
            orden,
            env=entorno,
            stdout=salida,
            stderr=salida,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=BASE,
        )
    (BASE / "pid").write_text(str(proceso.pid))


def abajo() -> None:
    """Stop it by SIGTERM to its own pid and wait."""
    with cerrojo(DIRECTORIO / "pulsar.cerrojo"):
        if (pid := _pid()) is not None:
            parar(pid, signal.SIGTERM, 90)
            EN_USO.unlink(missing_ok=True)


def matar() -> None:
    """kill -9 of the broker and of all that it started."""
    with cerrojo(DIRECTORIO / "pulsar.cerrojo"):
        parar(_pid(), signal.SIGKILL)


def borrar() -> None:
    """Stop it and remove its data; the distribution stays in the cache."""
    abajo()
    shutil.rmtree(BASE, ignore_errors=True)


def entorno() -> dict[str, str]:
    """The variables that point at it."""
    return {"PULSAR_URL": f"pulsar://127.0.0.1:{PUERTO}", "PULSAR_ADMIN_URL": f"http://127.0.0.1:{ADMIN}"}


def _leer(ruta: str) -> bytes:
    token = os.environ.get("PULSAR_TOKEN")
    cabeceras = {"Authorization": f"Bearer {token}"} if token else {}
    peticion = urllib.request.Request(f"http://127.0.0.1:{ADMIN}/admin/v2/{ruta}", headers=cabeceras)
    with urllib.request.urlopen(peticion, timeout=5) as respuesta:
        return bytes(respuesta.read())


def _contesta() -> bool:
    try:
        return b"standalone" in _leer("clusters")
    except OSError:
        return False


def _responde() -> bool:
    try:
        return _leer("brokers/health") == b"ok" and b"public/default" in _leer("namespaces/public")
    except OSError:
        return False
