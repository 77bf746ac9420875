"""Logs of a process: one JSON line an event, on standard error, without secrets and people in it."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import msgspec
import structlog

from arranque.tapado import Tapador

# Four lines a saga: the renderer of the standard library costs twice this one.
_codificador = msgspec.json.Encoder(enc_hook=repr)


def configurar(nivel: int = logging.INFO, secretos: Iterable[str] = ()) -> None:
    """Set up structlog for the whole process, which knows these secrets."""
    tapador = Tapador(secretos)

    def en_json(_registro: object, _nivel: str, suceso: MutableMapping[str, Any]) -> bytes:
        return tapador.tapar(_codificador.encode(suceso))

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            en_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(nivel),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
