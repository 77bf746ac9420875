"""The floor: the rows and messages of a real run, written, sent and received with no logic.

Two processes, as ours are, with the same statements (COPY, UPDATE from a document), the same batches, one
outbox row a transaction that is deleted when its burst is stored, and the same client settings.
"""

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from queue import Queue, SimpleQueue
from typing import Any

import psycopg2
import pulsar

from bench.arbol import ESTE
from bench.medidas import Medidor
from bench.molde import OYE, Etapa, Molde, tomar
from bench.sistema import Sistema, base_y_espacio

LISTO, YA = "listo", "ya"


def medir(s: Sistema, sagas: int, plazo: float) -> dict[str, Any]:
    """Take the mould from a system that ran, and run it on a database and a namespace of its own."""
    with tempfile.TemporaryDirectory(prefix="suelo-") as carpeta, base_y_espacio() as (base, espacio):
        conexion = s.conectar()
        moldes = tomar(conexion, s.espacio, sagas, Path(carpeta))
        conexion.close()
        entorno = {**os.environ, "DATABASE_URL": base, "PULSAR_NAMESPACE": espacio}
        subprocess.run([*ESTE.cli, "migrar"], env=entorno, check=True, stdout=subprocess.DEVNULL)
        return _correr(moldes, base, espacio, entorno, sagas, plazo)


def _correr(
    moldes: Mapping[str, Path], base: str, espacio: str, entorno: Mapping[str, str], sagas: int, plazo: float
) -> dict[str, Any]:
    procesos = {
        nombre: subprocess.Popen(
            [sys.executable, "-m", "bench.suelo", nombre, str(molde), base, espacio],
            env=dict(entorno),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for nombre, molde in moldes.items()
    }
    try:
        for proceso in procesos.values():
            assert proceso.stdout is not None
            if proceso.stdout.readline().strip() != LISTO:
                raise SystemExit("El suelo no arrancó")
        conexion = psycopg2.connect(base)
        conexion.autocommit = True
        medidor = Medidor(conexion, {n: p.pid for n, p in procesos.items()})
        comienzo = time.monotonic()
        for proceso in procesos.values():
            assert proceso.stdin is not None
            print(YA, file=proceso.stdin, flush=True)
        for nombre, proceso in procesos.items():
            assert proceso.stdout is not None
            if proceso.stdout.readline().strip() != LISTO:
                raise SystemExit(f"El suelo de {nombre} no terminó")
        segundos = time.monotonic() - comienzo
        coste = medidor.coste()
        conexion.close()
    finally:
        for proceso in procesos.values():
            proceso.communicate(timeout=plazo)
    return {
        "sagas": sagas,
        "segundos": round(segundos, 2),
        "sagas_por_s": round(sagas / segundos, 1),
        **coste.por_saga(sagas),
    }


class Suelo:
    """One process of the floor."""

    def __init__(self, nombre: str, molde: Molde, base: str, espacio: str) -> None:
        self._molde = molde
        self._conexion = psycopg2.connect(base)
        self._prefijo = f"persistent://public/{espacio}/"
        self._cliente = _cliente()
        self._productores = {
            tema: self._cliente.create_producer(
                self._prefijo + tema,
                batching_enabled=True,
                batching_max_publish_delay_ms=1,
                max_pending_messages=20_000,
                block_if_queue_full=True,
            )
            for tema in {t for etapa in molde.etapas for t, _ in etapa.envios}
        }
        self._recibidos = 0
        self._cerrojo = threading.Lock()
        self._todos = threading.Event()
        self._consumidores = [self._suscribir(nombre, temas) for nombre, temas in OYE[nombre].items()]
        self._rafagas: Queue[tuple[uuid.UUID, Etapa] | None] = Queue(20)
        self._enviados: SimpleQueue[uuid.UUID] = SimpleQueue()

    def correr(self) -> None:
        """Write and send all, and return when all was received as well."""
        for consumidor in self._consumidores:
            threading.Thread(target=self._oir, args=(consumidor,), daemon=True).start()
        publicador = threading.Thread(target=self._publicar)
        publicador.start()
        for etapa in self._molde.etapas:
            self._escribir(etapa)
        self._rafagas.put(None)
        publicador.join()
        self._escribir(Etapa())
        if self._molde.recibe:
            self._todos.wait()
        self._conexion.close()  # an open session keeps its last statistics to itself

    def _escribir(self, etapa: Etapa) -> None:
        lote = uuid.uuid4()
        with self._conexion, self._conexion.cursor() as cursor:
            for tabla, columnas, texto in etapa.copias:
                cursor.copy_expert(f"COPY {tabla} ({columnas}) FROM STDIN", StringIO(texto))
            for orden, documento in etapa.cambios:
                cursor.execute(orden, (documento,))
            if etapa.envios:
                cuerpo = b"".join(cuerpo for _, (cuerpo, _, _) in etapa.envios)
                cursor.execute(
                    "INSERT INTO salida (lote, creado, cuerpo) VALUES (%s, now(), %s)", (str(lote), cuerpo)
                )
            while not self._enviados.empty():
                cursor.execute("DELETE FROM salida WHERE lote = %s", (str(self._enviados.get()),))
        if etapa.envios:
            self._rafagas.put((lote, etapa))

    def _publicar(self) -> None:
        while (rafaga := self._rafagas.get()) is not None:
            lote, etapa = rafaga
            for tema, (cuerpo, propiedades, clave) in etapa.envios:
                self._productores[tema].send_async(
                    cuerpo, {}.setdefault, properties=propiedades, partition_key=clave or None
                )
            for productor in self._productores.values():
                productor.flush()
            self._enviados.put(lote)

    def _suscribir(self, nombre: str, temas: list[str]) -> Any:
        return _cliente().subscribe(
            [self._prefijo + tema for tema in temas],
            nombre,
            consumer_type=pulsar.ConsumerType.Failover,
            initial_position=pulsar.InitialPosition.Earliest,
            receiver_queue_size=1_000,
            batch_index_ack_enabled=True,
        )

    def _oir(self, consumidor: Any) -> None:
        while True:
            try:
                mensaje = consumidor.receive(100)
            except pulsar.Timeout:
                continue
            consumidor.acknowledge(mensaje)
            with self._cerrojo:
                self._recibidos += 1
                if self._recibidos >= self._molde.recibe:
                    self._todos.set()


def _cliente() -> Any:
    return pulsar.Client(os.environ["PULSAR_URL"], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))


def principal() -> None:
    """Be one process of the floor: get ready, wait for the word, run, say so."""
    analizador = argparse.ArgumentParser(prog="python -m bench.suelo", description=__doc__)
    for nombre in ("proceso", "molde", "base", "espacio"):
        analizador.add_argument(nombre)
    a = analizador.parse_args()
    suelo = Suelo(a.proceso, pickle.loads(Path(a.molde).read_bytes()), a.base, a.espacio)
    print(LISTO, flush=True)
    sys.stdin.readline()
    suelo.correr()
    print(LISTO, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    principal()
