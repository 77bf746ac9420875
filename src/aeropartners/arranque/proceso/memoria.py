"""The memory of a process that serves: few heaps, and a collector that runs seldom."""

import ctypes
import gc

ARENAS = 2
_M_ARENA_MAX = -8


def pocas_arenas() -> None:
    """Let the threads share their heaps; call it before any is started.

    glibc gives each thread a heap of its own, up to eight a core, and none of them returns what another
    could use: a batch that moves from thread to thread grows them all. Measured over 100,000 sagas
    (`bench/memoria.py`); a libc without this setting is left as it is.
    """
    ajustar = getattr(ctypes.CDLL(None), "mallopt", None)
    if ajustar is not None:
        ajustar(_M_ARENA_MAX, ARENAS)


def aliviar_recolector() -> None:
    """Let cycles be collected seldom, and what was loaded at the start never: a batch makes none.

    Measured on lists of messages: a sixth of the CPU (ADR 10).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
