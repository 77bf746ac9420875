"""Real processes on a real PostgreSQL and a real Pulsar, with a database and topics of their own."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import psycopg2

from aeropartners.arranque.ajustes.variables import variables
from aeropartners.arranque.config import CLASES
from aeropartners.arranque.sistemas import SISTEMAS
from tests.datos import cuerpo_de_partner, cuerpo_de_pedido, cuerpo_de_saga
from tests.esperas import hasta
from tests.puertos import puerto_libre
from tests.red import RED
from tests.servicios import base_propia, variable

CLI = (sys.executable, "-c", "from aeropartners.arranque.cli import principal; principal()")
SERVICIOS, SERVICIOS_PARTNERS, SERVICIOS_CAFETERIA = (
    tuple(servicio.nombre for s in SISTEMAS if s.nombre == nombre for servicio in s.servicios)
    for nombre in ("campanas", "partners", "cafeteria")
)
# The service that each address is of.
VECINOS = {v.nombre: v.de for clase in CLASES for _, v in variables(clase) if v.de}


RUTA_PEDIDOS, DE_MAS = "/api/v1/pedidos/", 2_000_000_000


def saga_de_pedido(respuesta: httpx.Response) -> str:
    """Return the saga that an answer to an order is about, whatever came of it."""
    assert respuesta.status_code in (201, 202, 400), respuesta.text
    dicho = respuesta.json()
    return str(dicho.get("detail", dicho)["saga"]["saga_id"])


class Sistema:
    """The processes of the campaign system, and how to kill and start each.

    A process is named by its service, its second copy by `@2`: each copy calls the neighbours of its own
    number.
    """

    unidad = 1

    def __init__(self, entorno: dict[str, str], registros: Path) -> None:
        self.url: dict[str, str] = defaultdict(lambda: f"http://127.0.0.1:{puerto_libre()}")
        self.registros = registros
        self.database_url = entorno["DATABASE_URL"]
        self.entorno = {
            **os.environ,
            "GATEWAY_LATENCY_S": "0.2",
            **entorno,
        }
        self.abandonado = threading.Event()
        self._procesos: dict[str, subprocess.Popen[bytes]] = {}
        self._conexion: Any = None

    def ejecutar(self, *argumentos: str, **entorno: str) -> None:
        """Run one command of the CLI to its end."""
        subprocess.run([*CLI, *argumentos], env={**self.entorno, **entorno}, check=True, timeout=120)

    def arrancar(self, *nombres: str, opciones: Sequence[str] = (), **entorno: str) -> None:
        """Start processes, with these options and variables besides; `listos` waits for them."""
        for nombre in nombres or SERVICIOS:
            servicio, arroba, copia = nombre.partition("@")
            propio = {v: self.url[f"{de}{arroba}{copia}"] for v, de in VECINOS.items()}
            propio["PORT"] = self.url[nombre].rpartition(":")[2]
            with (self.registros / f"{nombre}.log").open("ab") as registro:
                self._procesos[nombre] = subprocess.Popen(
                    [*CLI, "servir", servicio, *opciones],
                    env={**propio, **self.entorno, **entorno},
                    stdout=registro,
                    stderr=registro,
                    start_new_session=True,  # a Ctrl-C is ours, not theirs
                )

    def listos(self, *nombres: str) -> None:
        """Wait until these processes, or all, work."""
        for nombre in nombres or tuple(self._procesos):
            hasta(lambda nombre=nombre: self._listo(nombre), f"{nombre} listo")

    def matar(self, nombre: str) -> None:
        """kill -9."""
        proceso = self._procesos.pop(nombre)
        proceso.kill()
        proceso.wait()

    def pid(self, nombre: str) -> int:
        """Return the process id."""
        return self._procesos[nombre].pid

    def senal(self, nombre: str, senal: signal.Signals) -> None:
        """Send a signal."""
        self._procesos[nombre].send_signal(senal)

    def vive(self, nombre: str) -> bool:
        """Whether the process runs."""
        return self._procesos[nombre].poll() is None

    def esperar_muerte(self, nombre: str) -> None:
        """Wait until a process that is to kill itself has done so."""
        hasta(lambda: self._procesos[nombre].poll() is not None, f"la muerte de {nombre}")
        assert self._procesos.pop(nombre).returncode == -signal.SIGKILL

    def parar(self, *nombres: str) -> dict[str, int]:
        """SIGTERM to these, or to all that run; return their exit codes."""
        elegidos = {s: self._procesos.pop(s) for s in nombres or tuple(self._procesos)}
        for proceso in elegidos.values():
            proceso.send_signal(signal.SIGTERM)
        codigos = {s: p.wait(60) for s, p in elegidos.items()}
        if any(codigos.values()):
            print(codigos, self.bitacora(), sep="\n")
        return codigos

    def iniciar_saga(self, numero: int) -> str:
        """Start a saga over HTTP; every fifth is refused."""
        cuerpo = cuerpo_de_saga(f"{'FALLA-' if numero % 5 == 0 else ''}{uuid.uuid4()}")
        respuesta = self.pedir("/saga/crear-campana-completa", cuerpo, f"saga-{numero}")
        respuesta.raise_for_status()
        return str(respuesta.json()["saga_id"])

    def iniciar_partner(self, numero: int) -> str:
        """Start a partner saga over HTTP; the contract of every fifth is refused."""
        nombre = uuid.uuid5(uuid.NAMESPACE_OID, str(numero)).hex
        monto = 60000 if numero % 5 == 0 else 1000
        cuerpo = cuerpo_de_partner(email=f"{nombre}@example.com", contrato={"monto": monto})
        respuesta = self.pedir("/api/v1/partners/", cuerpo, f"saga-{numero}", bff="bff-partners")
        respuesta.raise_for_status()
        return str(respuesta.json()["saga_id"])

    def iniciar_pedido(self, numero: int) -> str:
        """Order over HTTP; every fifth asks for more than there is."""
        cuerpo = cuerpo_de_pedido(1 + numero % 7, DE_MAS if numero % 5 == 0 else 1)
        return saga_de_pedido(self.pedir(RUTA_PEDIDOS, cuerpo, f"saga-{numero}", bff="cafeteria-api"))

    def pedir(
        self, ruta: str, cuerpo: object, clave: str, segundos: float = 120, bff: str = "bff"
    ) -> httpx.Response:
        """POST to any copy of the BFF, again with the same key until one answers for good: 429 is "later"."""
        turnos = cycle([bff, *(n for n in tuple(self._procesos) if n.startswith(f"{bff}@"))])

        def intento() -> httpx.Response | None:
            if self.abandonado.is_set():
                raise InterruptedError(clave)
            cabeceras = {"Idempotency-Key": clave}
            try:
                hecho = RED.post(self.url[next(turnos)] + ruta, json=cuerpo, headers=cabeceras, timeout=5)
            except httpx.HTTPError:
                return None
            return hecho if hecho.status_code < 500 and hecho.status_code != 429 else None

        return hasta(intento, f"respuesta a {clave}", segundos)

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        """Run a query, on a connection that is kept until the database goes away."""
        try:
            return self._consultar(consulta)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self._conexion = None
            return self._consultar(consulta)

    def _consultar(self, consulta: str) -> list[tuple[Any, ...]]:
        if self._conexion is None:
            self._conexion = psycopg2.connect(self.database_url)
            self._conexion.autocommit = True
        with self._conexion.cursor() as cursor:
            cursor.execute(consulta)
            return list(cursor.fetchall())

    def valor(self, consulta: str) -> Any:
        """Return the one value of a query."""
        return self.sql(consulta)[0][0]

    def atrasos(self) -> dict[str, int]:
        """Return the backlog of each subscription that has one."""
        raiz = (
            f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{self.entorno['PULSAR_NAMESPACE']}"
        )
        temas = RED.get(f"{raiz}/partitioned", timeout=20).json()
        atrasos = {}
        for tema in (t.rsplit("/", 1)[1] for t in temas):
            estado = RED.get(f"{raiz}/{tema}/partitioned-stats?perPartition=false", timeout=20).json()
            for nombre, suscripcion in estado["subscriptions"].items():
                atrasos[f"{tema}/{nombre}"] = suscripcion["msgBacklog"]
        return {k: v for k, v in atrasos.items() if v}

    def atraso(self) -> int:
        """Return how many messages wait in all subscriptions."""
        return sum(self.atrasos().values())

    def bitacora(self) -> str:
        """Return the end of each process's log."""
        return "\n".join(
            f"{r.name}:\n{r.read_text(errors='replace')[-2000:]}" for r in self.registros.glob("*.log")
        )

    def _listo(self, nombre: str) -> bool:
        if self._procesos[nombre].poll() is not None:
            registro = (self.registros / f"{nombre}.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"{nombre} terminó al arrancar:\n{registro}")
        try:
            return RED.get(f"{self.url[nombre]}/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def migrado(registros: Path, **propio: str) -> Iterator[Sistema]:
    """A migrated system of its own: a fresh database, and a Pulsar namespace that `migrar` makes."""
    with base_propia("e2e") as url:
        entorno = {"DATABASE_URL": url, "PULSAR_NAMESPACE": url.rpartition("/")[2], **propio}
        entorno |= {nombre: variable(nombre) for nombre in ("PULSAR_URL", "PULSAR_ADMIN_URL")}
        sistema = Sistema(entorno, registros)
        try:
            sistema.ejecutar("migrar")
            yield sistema
        finally:
            sistema.parar()
