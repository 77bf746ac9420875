"""The driver: starts sagas by command, all at once or at a rate, or over HTTP; and hears how they end."""

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pulsar

from bench.pares.filas import identidades

TEMA, EVENTOS = "comando-iniciar-saga", "saga-events"
FINALES = ("SagaCompletada", "SagaCompensacionCompletada")
_FINALES = tuple(final.encode() for final in FINALES)
AFILIADOS = 100
# A producer gathers for 10 ms if nobody tells it otherwise; one that starts few sagas has nothing to gather.
JUNTAR_MS, NO_JUNTAR_MS = 10, 1


def datos(numero: int, referencia: str, afiliados: int = AFILIADOS) -> dict[str, Any]:
    """Return what a client gives to start a saga; a reference that begins with FALLA is refused."""
    afiliado = f"afiliado-{numero % afiliados}"
    return {
        "campana": {
            "nombre": "Campaña",
            "tipo": "PROMOCIONAL",
            "presupuesto": {"monto": 1000.0, "moneda": "USD"},
            "fecha_inicio": "2025-01-01T00:00:00",
            "fecha_fin": "2025-12-31T23:59:59",
            "id_afiliado": afiliado,
        },
        "pago": {"id_afiliado": afiliado, "monto": 1000.0, "moneda": "USD", "referencia_pago": referencia},
        "reporte": {"tipo_reporte": "metricas_generales"},
    }


class Emisor:
    """Starts sagas by the command of the contract; remembers when."""

    def __init__(
        self,
        espacio: str,
        rechazadas: bool = False,
        afiliados: int = AFILIADOS,
        juntar_ms: int = JUNTAR_MS,
    ) -> None:
        self._afiliados = afiliados
        self._cliente = cliente_pulsar()
        self._productor = self._cliente.create_producer(
            f"persistent://public/{espacio}/{TEMA}",
            batching_enabled=True,
            batching_max_publish_delay_ms=juntar_ms,
            block_if_queue_full=True,
        )
        self._prefijo = "FALLA" if rechazadas else "ref"
        self.salidas: dict[str, float] = {}

    def enviar(self, sagas: int) -> None:
        """Send so many at once."""
        for numero in range(sagas):
            self._uno(numero)
        self._productor.flush()

    def a_ritmo(self, por_s: float, segundos: float) -> int:
        """Send so many a second, evenly; return how many."""
        comienzo, total = time.monotonic(), int(por_s * segundos)
        for numero in range(total):
            falta = comienzo + numero / por_s - time.monotonic()
            if falta > 0:
                time.sleep(falta)
            self._uno(numero)
        self._productor.flush()
        return total

    def cerrar(self) -> None:
        """Leave."""
        self._cliente.close()

    def _uno(self, numero: int) -> None:
        [saga_id] = identidades(1)
        mensaje = {
            "event_id": str(uuid.uuid4()),
            "saga_id": saga_id,
            "tipo": "CREAR_CAMPANA_COMPLETA",
            "datos_iniciales": datos(numero, f"{self._prefijo}-{saga_id}", self._afiliados),
        }
        self.salidas[saga_id] = time.time()
        self._productor.send_async(json.dumps(mensaje).encode(), {}.setdefault, partition_key=saga_id)


@contextmanager
def oyente(espacio: str) -> Iterator[dict[str, float]]:
    """Read the public events as an outsider does; fill in when each saga was heard to have ended."""
    finales: dict[str, float] = {}
    cliente, fin = cliente_pulsar(), threading.Event()
    lector = cliente.create_reader(
        f"persistent://public/{espacio}/{EVENTOS}", pulsar.MessageId.latest, receiver_queue_size=5_000
    )

    def oir() -> None:
        while not fin.is_set():
            try:
                mensaje = lector.read_next(100)
            except pulsar.Timeout:
                continue
            ahora, datos = time.time(), mensaje.data()
            # Most are of the middle of a saga, and are not worth taking apart.
            if any(final in datos for final in _FINALES) and mensaje.properties()["event_type"] in FINALES:
                finales[mensaje.properties()["saga_id"]] = ahora

    hilo = threading.Thread(target=oir)
    hilo.start()
    try:
        yield finales
    finally:
        fin.set()
        hilo.join()
        cliente.close()


def cliente_pulsar() -> Any:
    return pulsar.Client(os.environ["PULSAR_URL"], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
