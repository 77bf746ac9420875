"""The log of a process: one line an event on standard error, without secrets or personal data.

A line is a JSON object, the text in `event`; or, with LOG_FORMATO=texto, `LEVEL: text` and after it the
event's other fields as `key=value`. An INFO line of that format is its text alone: contracts give it.

It is the only writer: what libraries log or warn of, and the error that ends a thread, go through it too.
Characters that end a line, move a terminal's cursor or hide text are escaped, so that a value from outside
cannot forge a line.
"""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import msgspec
import structlog

from aeropartners.arranque.ajustes.valores import JSON, TEXTO
from aeropartners.arranque.proceso.tapar_secretos import Tapador
from aeropartners.seedwork.aplicacion.texto_visible import visible

log = structlog.get_logger(__name__)

# msgspec takes half the time of the standard library's JSON, and a saga logs four lines.
_codificador = msgspec.json.Encoder(enc_hook=repr)


def configurar(nivel: int = logging.INFO, secretos: Iterable[str] = (), formato: str = JSON) -> None:
    """Set up structlog for the whole process; `secretos` are masked in every line."""
    tapador, escribir = Tapador(secretos), _en_texto if formato == TEXTO else _en_json

    def en_linea(_registro: object, _nivel: str, suceso: MutableMapping[str, Any]) -> bytes:
        return tapador.tapar(escribir(suceso))

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            en_linea,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(nivel),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    _de_bibliotecas()


def _en_json(valor: Any) -> bytes:
    try:
        return _codificador.encode(valor)
    except (UnicodeError, TypeError, RecursionError):  # such as a lone surrogate
        return json.dumps(valor, default=repr).encode()


def _en_texto(suceso: MutableMapping[str, Any]) -> bytes:
    nivel, dicho = suceso.pop("level").upper(), visible(str(suceso.pop("event", "")))
    if nivel == "INFO":
        suceso = {"exception": suceso["exception"]} if "exception" in suceso else {}
    campos = (visible(clave).encode() + b"=" + _en_json(valor) for clave, valor in suceso.items())
    return b" ".join((f"{nivel}: {dicho}".encode(), *campos))


class DeBibliotecas(logging.Handler):
    """Passes the warnings and errors that libraries log to our log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as an event `biblioteca` with the library's logger."""
        decir = log.error if record.levelno >= logging.ERROR else log.warning
        traza = {"exc_info": record.exc_info} if record.exc_info else {}
        decir("biblioteca", logger=record.name, texto=record.getMessage(), **traza)


def _de_bibliotecas() -> None:
    """Send to our log the output of libraries, Python's warnings, and the errors that end threads."""
    raiz = logging.getLogger()
    raiz.handlers = [h for h in raiz.handlers if not isinstance(h, DeBibliotecas)] + [DeBibliotecas()]
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    warnings.showwarning = _advertir
    threading.excepthook = _morir


def _advertir(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    log.warning("advertencia", clase=category.__name__, texto=str(message), lugar=f"{filename}:{lineno}")


def _morir(muerte: threading.ExceptHookArgs) -> None:
    hilo = muerte.thread.name if muerte.thread else ""
    error = muerte.exc_value or muerte.exc_type()
    log.error("hilo_muerto", hilo=hilo, exc_info=error)
