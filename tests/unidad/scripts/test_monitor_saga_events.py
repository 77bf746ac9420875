"""scripts/monitor_saga_events.py against a stream of paper: what it prints, resumes, drops and ends with."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.servicios import RAIZ

GUION = RAIZ / "scripts" / "monitor_saga_events.py"


def trama(n: int, **campos: Any) -> bytes:
    """One event of the stream."""
    cuerpo = {
        "event_id": f"e{n}",
        "event_type": "SagaCampañaCreada",
        "timestamp": f"2026-01-02T03:04:0{n}.000000Z",
        "saga_id": "s1",
        "correlation_id": "c1",
        "orden": n,
        "data": {"campana_id": n},
        "payload": {"campana_id": n},
        **campos,
    }
    return f"id: 7-{n}\ndata: {json.dumps(cuerpo)}\n\n".encode()


class Flujo:
    """Answers each connection with the next of `respuestas`; the last one stays open until the end."""

    def __init__(self) -> None:
        self.respuestas: list[tuple[int, bytes]] = []
        self.pedidas: list[tuple[str, str | None]] = []
        self.fin = threading.Event()
        flujo = self

        class Manejador(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                flujo.pedidas.append((self.path, self.headers.get("Last-Event-ID")))
                estado, cuerpo = flujo.respuestas.pop(0)
                self.send_response(estado)
                self.end_headers()
                self.wfile.write(cuerpo)
                self.wfile.flush()
                if not flujo.respuestas:
                    flujo.fin.wait()

            def log_message(self, *_args: object) -> None:
                return

        self.servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manejador)
        self.url = f"http://127.0.0.1:{self.servidor.server_address[1]}"


@pytest.fixture
def flujo() -> Iterator[Flujo]:
    """A stream that a test writes."""
    flujo = Flujo()
    hilo = threading.Thread(target=flujo.servidor.serve_forever)
    hilo.start()
    yield flujo
    flujo.fin.set()
    flujo.servidor.shutdown()
    flujo.servidor.server_close()
    hilo.join()


@contextmanager
def monitor(*opciones: str) -> Iterator["subprocess.Popen[str]"]:
    """The script in a process of its own; what it says goes with what it prints."""
    orden = [sys.executable, str(GUION), *opciones]
    with subprocess.Popen(orden, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as proceso:
        try:
            yield proceso
        finally:
            proceso.kill()


def leer(proceso: "subprocess.Popen[str]", que: Callable[[str], bool]) -> str:
    """The first line of which this is true."""
    assert proceso.stdout
    for linea in proceso.stdout:
        if que(linea):
            return linea
    raise AssertionError("terminó sin decirlo")


def test_una_linea_para_personas(flujo: Flujo) -> None:
    """Time, type, saga, correlation and payload."""
    flujo.respuestas = [(200, b"retry: 2000\n\n: latido\n\n" + trama(1))]
    with monitor("--orquestador", flujo.url, "--type", "saga", "--cuantos", "1") as proceso:
        assert leer(proceso, lambda li: "Saga" in li) == (
            '03:04:01.000 SagaCampañaCreada saga=s1 correlacion=c1 {"campana_id": 1}\n'
        )
        assert proceso.wait() == 0
    assert flujo.pedidas == [("/saga/events/stream", None)]


@pytest.mark.parametrize("en_json", [[], ["--json"]])
def test_lo_que_un_evento_lleva_no_mueve_el_cursor(flujo: Flujo, en_json: list[str]) -> None:
    """Escapes, ends of lines and marks that turn text are shown as escapes, in one line."""
    malo = "\x1b[2J\n03:04:05 FALSO\x9b\u202e\u2028\x7f"
    flujo.respuestas = [(200, trama(1, event_type=f"Saga{malo}", saga_id=malo, data={malo: malo}))]
    with monitor("--orquestador", flujo.url, "--cuantos", "1", *en_json) as proceso:
        dicha = leer(proceso, lambda li: "FALSO" in li)
        assert proceso.wait() == 0
    assert dicha[:-1].isprintable()
    assert dicha.count(r"\u001b[2J") == 4
    if en_json:
        assert json.loads(dicha)["data"] == {malo: malo}


def test_se_reanuda_y_no_repite(flujo: Flujo) -> None:
    """A broken stream goes on after its last whole event; one that comes again is printed once."""
    flujo.respuestas = [
        (200, trama(1) + trama(2) + trama(3)[:-1]),
        (503, b'{"detail": "lleno"}'),
        (200, trama(2) + trama(3)),
    ]
    with monitor("--orquestador", flujo.url, "--json", "--cuantos", "3", "--desde-el-inicio") as proceso:
        vistos = [json.loads(leer(proceso, lambda li: li.startswith('{"topic'))) for _ in range(3)]
        assert proceso.wait() == 0
    assert [v["event_id"] for v in vistos] == ["e1", "e2", "e3"]
    assert set(vistos[0]) == {
        "topic",
        "event_type",
        "event_id",
        "timestamp",
        "saga_id",
        "correlation_id",
        "orden",
        "data",
    }
    ruta = "/saga/events/stream?desde=inicio"
    assert flujo.pedidas == [(ruta, None), (ruta, "7-2"), (ruta, "7-2")]


@pytest.mark.parametrize("senal", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_termina_limpio(flujo: Flujo, senal: signal.Signals) -> None:
    """Exit code 0, and no traceback."""
    flujo.respuestas = [(200, trama(1))]
    with monitor("--orquestador", flujo.url) as proceso:
        leer(proceso, lambda li: "SagaCampañaCreada" in li)
        proceso.send_signal(senal)
        assert proceso.stdout
        assert proceso.stdout.read() == "Fin\n"
        assert proceso.wait() == 0


def test_lo_que_no_se_puede_seguir_se_dice(flujo: Flujo) -> None:
    """A refused position, a type that needs the broker, and a broker that is not there: exit code 1."""
    flujo.respuestas = [(400, b'{"detail": "mala"}'), (200, b"")]
    for opciones, dicho in (
        (("--orquestador", flujo.url), "contestó 400"),
        (("--type", "pagos"), "necesita --broker"),
        (("--broker", "pulsar://127.0.0.1:9", "--type", "pagos"), "No se puede leer ninguno"),
    ):
        with monitor(*opciones) as proceso:
            assert dicho in leer(proceso, lambda li: li.startswith("ERROR: "))
            assert proceso.wait() == 1


def test_quien_deja_de_leer_no_ve_una_traza(flujo: Flujo) -> None:
    """`monitor | head -1` ends it quietly."""
    flujo.respuestas = [(200, b"".join(trama(n) for n in range(1, 10)) * 500), (200, b"")]
    with monitor("--orquestador", flujo.url) as proceso:
        leer(proceso, lambda li: "Saga" in li)
        assert proceso.stdout
        proceso.stdout.close()
        assert proceso.wait() == 0
