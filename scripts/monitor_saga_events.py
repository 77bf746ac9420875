#!/usr/bin/env python3
"""Prints events as they happen: of the topics with --broker, else of the orchestrator's stream."""

import argparse
import json
import os
import queue
import signal
import sys
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from legible import legible, sin_clave

TEMAS = {
    "saga": ("saga-events",),
    "partner": ("eventos-partners",),
    "alliance": ("administracion-financiera-compliance",),
    # payments.evt.* carry the same events again, for the campaign service.
    "pagos": ("pagos-events",),
    "campanas": tuple(
        f"campaigns.evt.{sufijo}"
        for sufijo in ("created", "updated", "activated", "budget_updated", "metrics_updated", "generic")
    ),
}
RUTA = "/saga/events/stream"
SILENCIO_S = 20  # the stream has a heartbeat every 5 s
ESPERA_S = (0.2, 0.5, 1, 2, 5)
RECORDADOS = 10_000
# What the orchestrator asks for when it has keys on.
CLAVE = {"X-API-Key": os.environ["API_KEY"]} if os.environ.get("API_KEY") else {}
Evento = dict[str, Any]


class Fallo(Exception):
    """What cannot be followed; the message is for the person at the terminal."""


def avisar(texto: str) -> None:
    """Tell the person, beside the events."""
    print(legible(sin_clave(texto)), file=sys.stderr, flush=True)


def evento_de(tema: str, cuerpo: bytes, propiedades: dict[str, str]) -> Evento:
    """Return a message of any public topic in one form."""
    try:
        leido = json.loads(cuerpo)
    except ValueError:
        leido = None
    if not isinstance(leido, dict):
        leido = {"event_type": "ilegible", "data": cuerpo.decode(errors="replace")}
    cabecera = ("event_type", "event_id", "timestamp", "saga_id", "correlation_id", "orden")
    datos = leido.get("data", {c: v for c, v in leido.items() if c not in cabecera})
    dentro = datos if isinstance(datos, dict) else {}
    evento = {c: leido.get(c, dentro.get(c)) or propiedades.get(c) for c in cabecera}
    return {"topic": tema, **evento, "data": datos}


def linea(evento: Evento) -> str:
    """Return an event for a person."""
    hora = str(evento["timestamp"] or "")[11:23] or "--:--:--"
    quien = f"saga={evento['saga_id'] or '-'} correlacion={evento['correlation_id'] or '-'}"
    datos = json.dumps(evento["data"], ensure_ascii=False)
    return f"{hora} {evento['event_type']} {quien} {datos}"


class Flujo:
    """The orchestrator's stream; a lost connection is opened again after the last event."""

    def __init__(self, url: str, desde_el_inicio: bool) -> None:
        self._url = f"{url}{RUTA}" + ("?desde=inicio" if desde_el_inicio else "")
        self._ultimo = ""

    def eventos(self) -> Iterator[Evento]:
        """Yield events for ever; raises Fallo when the stream cannot be followed at all."""
        fallos = 0
        while True:
            try:
                with self._abrir() as respuesta:
                    avisar(f"Siguiendo {self._url}")
                    for evento in self._leer(respuesta):
                        fallos = 0
                        yield evento
                causa = "el orquestador cerró el flujo"
            except urllib.error.HTTPError as error:
                causa = error.read().decode(errors="replace")
                if error.code < 500:
                    raise Fallo(f"{self._url} contestó {error.code}: {causa}") from error
            except OSError as error:
                causa = str(getattr(error, "reason", error))
            avisar(f"{causa}; se intenta otra vez")
            time.sleep(ESPERA_S[min(fallos, len(ESPERA_S) - 1)])
            fallos += 1

    def _abrir(self) -> Any:
        cabeceras = {"Accept": "text/event-stream", **CLAVE} | (
            {"Last-Event-ID": self._ultimo} if self._ultimo else {}
        )
        return urllib.request.urlopen(
            urllib.request.Request(self._url, headers=cabeceras), timeout=SILENCIO_S
        )

    def _leer(self, respuesta: Any) -> Iterator[Evento]:
        id, datos = "", b""
        for cruda in respuesta:
            campo, _, valor = cruda.rstrip(b"\r\n").partition(b": ")
            if campo == b"id":
                id = valor.decode()
            elif campo == b"data":
                datos = valor
            elif not campo and datos:  # the blank line that ends an event: only a whole one counts
                self._ultimo = id
                yield evento_de("saga-events", datos, {})
                datos = b""


class Temas:
    """Readers of Pulsar, one a partition: their own cursors, which go away with them and hold no backlog."""

    def __init__(self, broker: str, espacio: str, temas: tuple[str, ...], desde_el_inicio: bool) -> None:
        try:
            import pulsar
        except ImportError as error:
            raise Fallo(
                "--broker necesita la biblioteca pulsar-client (la del proyecto: .venv/bin/python)"
            ) from error
        self._pulsar = pulsar
        self._cola: queue.Queue[Evento] = queue.Queue()
        # The client's own logger writes among the events, on standard output.
        aparte = pulsar.FileLogger(pulsar.LoggerLevel.Error, "/dev/stderr")
        acceso: dict[str, Any] = {"tls_validate_hostname": True}
        if token := os.environ.get("PULSAR_TOKEN"):
            acceso["authentication"] = pulsar.AuthenticationToken(token)
        if autoridad := os.environ.get("TLS_CA_FILE"):
            acceso["tls_trust_certs_file_path"] = autoridad
        self._cliente = pulsar.Client(broker, operation_timeout_seconds=10, logger=aparte, **acceso)
        self._desde = pulsar.MessageId.earliest if desde_el_inicio else pulsar.MessageId.latest
        self._prefijo = f"persistent://{espacio}/"
        abiertos = [tema for tema in temas if self._abrir(tema)]
        if not abiertos:
            raise Fallo(f"No se puede leer ninguno de {', '.join(temas)} en {broker} ({espacio})")
        avisar(f"Siguiendo {', '.join(abiertos)} en {broker}")

    def eventos(self) -> Iterator[Evento]:
        """Yield events for ever; the client finds a broker that comes back by itself."""
        while True:
            try:
                yield self._cola.get(timeout=0.5)
            except queue.Empty:
                continue

    def _abrir(self, tema: str) -> bool:
        def recibir(_lector: Any, mensaje: Any) -> None:
            self._cola.put(evento_de(tema, mensaje.data(), dict(mensaje.properties())))

        try:
            for particion in self._cliente.get_topic_partitions(self._prefijo + tema):
                self._cliente.create_reader(particion, self._desde, reader_listener=recibir)
        except self._pulsar.PulsarException as error:
            avisar(f"No se sigue {tema}: {error}")
            return False
        return True


def imprimir(fuente: Flujo | Temas, en_json: bool, cuantos: int) -> None:
    """Print each event once: a public topic may carry it again after a crash."""
    vistos: OrderedDict[str, None] = OrderedDict()
    impresos = 0
    for evento in fuente.eventos():
        if (id := evento["event_id"]) in vistos:
            continue
        if id:
            vistos[id] = None
            if len(vistos) > RECORDADOS:
                vistos.popitem(last=False)
        dicho = json.dumps(evento, ensure_ascii=False) if en_json else linea(evento)
        print(legible(dicho), flush=True)
        impresos += 1
        if impresos == cuantos:
            return


def fuente_de(opciones: argparse.Namespace) -> Flujo | Temas:
    """Return what the options ask to follow; raises Fallo."""
    if opciones.broker:
        elegidos = TEMAS if opciones.type == "all" else (opciones.type,)
        temas = tuple(tema for tipo in elegidos for tema in TEMAS[tipo])
        espacio = f"{opciones.tenant}/{opciones.namespace}"
        return Temas(opciones.broker, espacio, temas, opciones.desde_el_inicio)
    if opciones.type not in ("saga", "all"):
        raise Fallo(f"--type {opciones.type} necesita --broker: el flujo del orquestador solo tiene SAGAs")
    return Flujo(opciones.orquestador, opciones.desde_el_inicio)


def opciones_de(argumentos: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    a = argparse.ArgumentParser(description="Muestra los eventos según ocurren; Ctrl-C termina.")
    a.add_argument("--broker", help="pulsar://host:puerto; sin él se sigue el flujo del orquestador")
    a.add_argument("--orquestador", type=lambda t: t.rstrip("/"), default="http://localhost:8091")
    a.add_argument("--type", choices=[*TEMAS, "all"], default="all", help="qué eventos (all)")
    a.add_argument("--json", action="store_true", help="un objeto JSON por línea")
    a.add_argument("--desde-el-inicio", action="store_true", help="también lo que ya ocurrió")
    a.add_argument("--cuantos", type=int, default=0, help="terminar tras tantos eventos")
    a.add_argument("--tenant", default=os.environ.get("PULSAR_TENANT", "public"))
    a.add_argument("--namespace", default=os.environ.get("PULSAR_NAMESPACE", "default"))
    return a.parse_args(argumentos)


def principal() -> int:
    """Follow until Ctrl-C or SIGTERM (exit code 0); 1 when there is nothing to follow."""
    for senal in (signal.SIGINT, signal.SIGTERM):  # a shell's background job starts with SIGINT ignored
        signal.signal(senal, signal.default_int_handler)
    opciones = opciones_de()
    try:
        imprimir(fuente_de(opciones), opciones.json, opciones.cuantos)
    except KeyboardInterrupt:
        avisar("Fin")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Fallo as error:
        avisar(f"ERROR: {error}")
        return 1
    return 0


if __name__ == "__main__":
    codigo = principal()
    sys.stdout.flush()
    # A broker that is gone is not waited for: the readers leave nothing behind.
    os._exit(codigo)
