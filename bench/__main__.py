"""Sagas per second end to end: started by command, finished sagas counted from the tables."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg2
import pulsar
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

TEMA = "comando-iniciar-saga"
CLI = (sys.executable, "-c", "from arranque.cli import principal; principal()")


def principal() -> int:
    """Run the load, check the effects, and print the figures; a failed check prints none."""
    analizador = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    analizador.add_argument("-n", "--sagas", type=int, default=10_000)
    analizador.add_argument("--plazo", type=float, default=300, help="segundos como máximo")
    argumentos = analizador.parse_args()
    consola = Console()
    nombre = f"bench_{uuid.uuid4().hex[:12]}"
    origen = os.environ["DATABASE_URL"]
    base = origen.rsplit("/", 1)[0] + f"/{nombre}"
    _administrar(origen, f"CREATE DATABASE {nombre}")
    admin = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/namespaces/public/{nombre}"
    httpx.put(admin, json={"bundles": {"numBundles": 4}}, timeout=20).raise_for_status()
    entorno = {
        **os.environ,
        "DATABASE_URL": base,
        "PULSAR_NAMESPACE": nombre,
        "GATEWAY_LATENCY_S": "0",
        "SAGA_STEP_TIMEOUT_S": "600",
        "PUERTO_ORQUESTADOR": "18091",
        "PUERTO_PRINCIPAL": "18000",
        "CAMPAIGNS_URL": "http://127.0.0.1:18000",
    }
    subprocess.run([*CLI, "migrar"], env=entorno, check=True, stdout=subprocess.DEVNULL)
    registros = Path(tempfile.mkdtemp(prefix="bench-"))
    procesos: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for servicio in ("orquestador", "modulos"):
            with (registros / f"{servicio}.log").open("wb") as registro:
                procesos[servicio] = subprocess.Popen(
                    [*CLI, "servir", servicio], env=entorno, stdout=registro, stderr=registro
                )
        for puerto in (18091, 18000):
            _esperar_listo(puerto)
        medida = _medir(base, nombre, argumentos.sagas, argumentos.plazo, procesos, consola)
    finally:
        for proceso in procesos.values():
            proceso.terminate()
        for proceso in procesos.values():
            proceso.wait(60)
        _administrar(origen, f"DROP DATABASE {nombre} WITH (FORCE)")
    _mostrar(medida, consola)
    return 0


def _medir(
    base: str,
    espacio: str,
    sagas: int,
    plazo: float,
    procesos: dict[str, subprocess.Popen[bytes]],
    consola: Console,
) -> dict[str, Any]:
    conexion = psycopg2.connect(base)
    conexion.autocommit = True
    cursor = conexion.cursor()
    ajustes = _ajustes(cursor)
    antes = _cpu(procesos)
    wal = _uno(cursor, "SELECT pg_current_wal_lsn()")
    inicio, comienzo = time.monotonic(), time.time()
    _publicar(espacio, sagas)
    publicado = time.monotonic() - inicio
    with Progress(console=consola) as progreso:
        tarea = progreso.add_task("sagas", total=sagas)
        while (hechas := _terminadas(cursor)) < sagas and time.monotonic() - inicio < plazo:
            progreso.update(tarea, completed=hechas)
            time.sleep(1)
    segundos = float(_uno(cursor, f"SELECT extract(epoch FROM max(fecha_fin)) - {comienzo} FROM sagas"))
    cpu = {n: round(s - antes.get(n, 0), 1) for n, s in _cpu(procesos).items()}
    _comprobar(cursor, sagas)
    bytes_wal = int(_uno(cursor, f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{wal}')"))
    conexion.close()
    return {
        "fecha": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "maquina": f"{os.cpu_count()} CPU, {platform.machine()}, Python {platform.python_version()}",
        **ajustes,
        "sagas": sagas,
        "segundos": round(segundos, 2),
        "sagas_por_s": round(sagas / segundos, 1),
        "publicacion_s": round(publicado, 2),
        "cpu_s": cpu,
        "cpu_us_por_saga": {n: round(s / sagas * 1e6) for n, s in cpu.items()},
        "wal_bytes_por_saga": bytes_wal // sagas,
    }


def _publicar(espacio: str, sagas: int) -> None:
    registro = pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    cliente = pulsar.Client(os.environ["PULSAR_URL"], logger=registro)
    productor = cliente.create_producer(
        f"persistent://public/{espacio}/{TEMA}", batching_enabled=True, block_if_queue_full=True
    )
    for numero in range(sagas):
        mensaje = _mensaje(numero)
        productor.send_async(json.dumps(mensaje).encode(), {}.setdefault, partition_key=mensaje["saga_id"])
    productor.flush()
    cliente.close()


def _mensaje(numero: int) -> dict[str, Any]:
    milisegundos = time.time_ns() // 1_000_000
    saga_id = uuid.UUID(int=(milisegundos << 80) | (7 << 76) | (2 << 62) | uuid.uuid4().int & ((1 << 62) - 1))
    campana = {
        "nombre": "Campaña",
        "tipo": "PROMOCIONAL",
        "presupuesto": {"monto": 1000.0, "moneda": "USD"},
        "fecha_inicio": "2025-01-01T00:00:00",
        "fecha_fin": "2025-12-31T23:59:59",
        "id_afiliado": f"afiliado-{numero % 100}",
    }
    pago = {
        "id_afiliado": f"afiliado-{numero % 100}",
        "monto": 1000.0,
        "moneda": "USD",
        "referencia_pago": f"ref-{saga_id}",
    }
    return {
        "event_id": str(uuid.uuid4()),
        "saga_id": str(saga_id),
        "tipo": "CREAR_CAMPANA_COMPLETA",
        "datos_iniciales": {
            "campana": campana,
            "pago": pago,
            "reporte": {"tipo_reporte": "metricas_generales"},
        },
    }


def _terminadas(cursor: Any) -> int:
    return int(_uno(cursor, "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"))


def _comprobar(cursor: Any, sagas: int) -> None:
    """Refuse to print a figure unless every effect is there, once."""
    for consulta in (
        "SELECT count(*) FROM sagas WHERE estado = 'COMPLETADA'",
        "SELECT count(*) FROM campanas",
        "SELECT count(*) FROM pagos WHERE estado = 'EXITOSO'",
        "SELECT count(*) FROM pasarela_cargos WHERE exito AND operacion = 'COBRO'",
        "SELECT count(*) FROM reportes",
    ):
        hallado = _uno(cursor, consulta)
        if hallado != sagas:
            raise SystemExit(f"Sin cifra: {consulta} da {hallado}, no {sagas}")


def _ajustes(cursor: Any) -> dict[str, str]:
    return {n: _uno(cursor, f"SHOW {n}") for n in ("fsync", "synchronous_commit", "server_version")}


def _cpu(procesos: dict[str, subprocess.Popen[bytes]]) -> dict[str, float]:
    """Return the CPU seconds so far, by name; of the servers, only those that this run talks to."""
    cpu: dict[str, float] = {}
    nombres = {p.pid: n for n, p in procesos.items()} | {os.getpid(): "carga"}
    for nombre, variable in (("postgresql", "DATABASE_URL"), ("pulsar", "PULSAR_URL")):
        puerto = urlsplit(os.environ[variable]).port
        for proceso in _escuchan(puerto):
            nombres |= dict.fromkeys([proceso.pid, *(h.pid for h in proceso.children())], nombre)
    for pid, nombre in nombres.items():
        with suppress(psutil.NoSuchProcess):
            tiempos = psutil.Process(pid).cpu_times()
            # Children of PostgreSQL that ended are their parent's.
            cpu[nombre] = cpu.get(nombre, 0.0) + sum(tiempos[: 4 if nombre == "postgresql" else 2])
    return cpu


def _escuchan(puerto: int | None) -> list[psutil.Process]:
    return [
        psutil.Process(c.pid)
        for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr.port == puerto and c.pid
    ]


def _uno(cursor: Any, consulta: str) -> Any:
    cursor.execute(consulta)
    return cursor.fetchone()[0]


def _esperar_listo(puerto: int) -> None:
    limite = time.monotonic() + 60
    while time.monotonic() < limite:
        try:
            if httpx.get(f"http://127.0.0.1:{puerto}/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"El proceso del puerto {puerto} no está listo")


def _administrar(url: str, orden: str) -> None:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(orden)
    conexion.close()


def _mostrar(medida: dict[str, Any], consola: Console) -> None:
    tabla = Table(title=f"{medida['sagas_por_s']} sagas/s", title_justify="left")
    tabla.add_column("proceso")
    tabla.add_column("CPU s", justify="right")
    tabla.add_column("µs por saga", justify="right")
    for nombre, segundos in medida["cpu_s"].items():
        tabla.add_row(nombre, f"{segundos:.1f}", str(medida["cpu_us_por_saga"][nombre]))
    consola.print(tabla)
    print(json.dumps(medida, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(principal())
