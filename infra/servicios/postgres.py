"""A PostgreSQL cluster of the project's own: own port, own directory, fsync on."""

import hashlib
import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
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
    trabajan_en,
)

VARIABLE = "SERVICIOS_PUERTO_POSTGRES"
PUERTO = int(os.environ.get(VARIABLE, "25432"))
USUARIO = "aeropartners"
AJUSTES = {
    "port": PUERTO,
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a deep checkout makes a socket path that is too long
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "wal_compression": "lz4",
    "max_connections": 300,
    "fsync": "on",
    "synchronous_commit": "on",
}
INCLUIR = "include 'aeropartners.conf'\n"
ENTRADA = "scram-sha-256"


def _programa(nombre: str) -> str:
    def buscar() -> str | None:
        instalados = Path("/usr/lib/postgresql").glob(f"*/bin/{nombre}")
        por_version = sorted(instalados, key=lambda ruta: int(ruta.parts[-3]))
        return str(por_version[-1]) if por_version else shutil.which(nombre)

    return instalar("PostgreSQL", ["postgresql"], buscar)


def _alcanzable() -> bool:
    """Whether the user `postgres` can reach our directory: every folder above it must let it through."""
    return all(padre.stat().st_mode & 0o001 for padre in DIRECTORIO.parents if padre.exists())


def _base() -> Path:
    if os.geteuid() != 0 or _alcanzable():
        return DIRECTORIO / "postgres"
    huella = hashlib.sha256(str(DIRECTORIO).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"aeropartners-postgres-{huella}"


def _preparar() -> Path:
    """Make the directory; as root, one that belongs to `postgres`, because PostgreSQL refuses root."""
    DIRECTORIO.mkdir(parents=True, exist_ok=True)
    base = _base()
    base.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(base, "postgres", "postgres")
        base.chmod(0o755)
        DIRECTORIO.chmod(0o755)
    if base.parent != DIRECTORIO:
        print(f"postgres no puede entrar en {DIRECTORIO}: sus datos van en {base}", file=sys.stderr)
    return base


def _correr(orden: list[str]) -> str:
    como = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return correr([*como, *orden], cwd="/", env={**os.environ, "PGPASSWORD": _clave()})


def _clave() -> str:
    """Return the password of the cluster, made once; anybody of this machine could come in without one."""
    ruta = DIRECTORIO / "postgres.clave"
    if not ruta.exists():
        DIRECTORIO.mkdir(parents=True, exist_ok=True)
        descriptor, nueva = tempfile.mkstemp(dir=DIRECTORIO)  # 0600
        with os.fdopen(descriptor, "w") as archivo:
            archivo.write(secrets.token_urlsafe(24))
        with suppress(FileExistsError):  # of two that make it at once one has made it
            os.link(nueva, ruta)
        os.unlink(nueva)
    return ruta.read_text()


def _pid() -> int | None:
    datos = _base() / "datos"
    return pid_propio(datos / "postmaster.pid", str(datos))


def vivo() -> bool:
    """Whether our postmaster runs."""
    return _pid() is not None


def arriba() -> None:
    """Make the cluster and the database when they are missing, and start it; idempotent."""
    _programa("initdb")
    with cerrojo(DIRECTORIO / "postgres.cerrojo"):
        base = _preparar()
        if not vivo():
            exigir_libre(PUERTO, VARIABLE)
            _crear(base)
            _arrancar(base)
        esperar(_responde, f"PostgreSQL en el puerto {PUERTO}", base / "postgres.log")
        _pedir_clave(base / "datos")
        if not _sql(f"SELECT 1 FROM pg_database WHERE datname = '{USUARIO}'"):
            _sql(f"CREATE DATABASE {USUARIO}")


def _crear(base: Path) -> None:
    """Make the cluster aside and move it in place, so that a half-made one is never taken for whole."""
    datos, nuevo = base / "datos", base / "datos.nuevo"
    if not datos.exists():
        shutil.rmtree(nuevo, ignore_errors=True)
        clave = base / "clave.nueva"
        clave.touch(mode=0o600)
        clave.write_text(_clave())
        if os.geteuid() == 0:
            shutil.chown(clave, "postgres", "postgres")
        entrada = [f"--auth={ENTRADA}", f"--pwfile={clave}"]
        locales = ["-E", "UTF8", "--locale=C.UTF-8"]
        _correr([_programa("initdb"), "-D", str(nuevo), "-U", USUARIO, *entrada, *locales])
        clave.unlink()
        nuevo.rename(datos)
    ajustes = AJUSTES | de_mas("SERVICIOS_AJUSTES_POSTGRES")
    lineas = "".join(f"{clave} = '{valor}'\n" for clave, valor in ajustes.items())
    (datos / "aeropartners.conf").write_text(lineas)
    principal = datos / "postgresql.conf"
    if INCLUIR not in principal.read_text():
        with principal.open("a") as archivo:
            archivo.write(INCLUIR)


def _pedir_clave(datos: Path) -> None:
    """Have a cluster that an older version made, which trusts this machine, ask for the password as well."""
    reglas = datos / "pg_hba.conf"
    escritas = reglas.read_text()
    abiertas = re.sub(r"(?m)^(?!#)(.*\s)trust\s*$", rf"\g<1>{ENTRADA}", escritas)
    if abiertas != escritas:
        _sql(f"ALTER ROLE {USUARIO} PASSWORD '{_clave()}'")
        reglas.write_text(abiertas)
        _sql("SELECT pg_reload_conf()")


def _arrancar(base: Path) -> None:
    """Start it. After a kill -9 a zombie that nobody reaps would keep the lock file looking alive."""
    datos, registro = base / "datos", base / "postgres.log"
    esperar(lambda: not trabajan_en(datos), f"que terminen los procesos huérfanos de {datos}", registro)
    (datos / "postmaster.pid").unlink(missing_ok=True)
    try:
        _correr([_programa("pg_ctl"), "-D", str(datos), "-l", str(registro), "-w", "start"])
    except Falta as error:
        raise Falta(f"{error}\n{cola(registro)}") from error


def abajo() -> None:
    """Stop it and wait. SIGINT, not SIGTERM: that one waits for every client to leave first."""
    with cerrojo(DIRECTORIO / "postgres.cerrojo"):
        parar(_pid(), signal.SIGINT)


def matar() -> None:
    """kill -9 of the postmaster and of all that it started."""
    with cerrojo(DIRECTORIO / "postgres.cerrojo"):
        parar(_pid(), signal.SIGKILL)


def borrar() -> None:
    """Stop it and remove its data."""
    abajo()
    shutil.rmtree(_base(), ignore_errors=True)


def entorno() -> dict[str, str]:
    """The variables that point at it."""
    return {"DATABASE_URL": f"postgresql://{USUARIO}:{_clave()}@127.0.0.1:{PUERTO}/{USUARIO}"}


def _sql(orden: str) -> str:
    donde = ["-h", "127.0.0.1", "-p", str(PUERTO), "-U", USUARIO, "-d", "postgres"]
    return _correr([_programa("psql"), *donde, "-Atc", orden]).strip()


def _responde() -> bool:
    try:
        return _sql("SELECT 1") == "1"
    except Falta:
        return False
