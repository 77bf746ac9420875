"""The stacks of all threads of the process."""

import sys
import threading
import traceback


def pilas() -> dict[str, list[str]]:
    """Return the stack of each thread, by its name."""
    nombres = {hilo.ident: hilo.name for hilo in threading.enumerate()}
    return {
        f"{nombres.get(id, 'desconocido')} ({id})": [li.rstrip() for li in traceback.format_stack(marco)]
        for id, marco in sys._current_frames().items()
    }
