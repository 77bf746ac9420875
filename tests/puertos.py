"""Free ports for processes that a test starts, kills and starts again where they were."""

import os
import random
import socket
from contextlib import suppress
from itertools import cycle

# Below those that the system lends to clients, which may be taken at any moment.
PRIMERO, CUANTOS, TRABAJADORES = 20_000, 1_500, 8
_trabajador = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % TRABAJADORES
_comienzo = PRIMERO + _trabajador * CUANTOS
_suyos = [*range(_comienzo, _comienzo + CUANTOS)]
random.shuffle(_suyos)
_turno = cycle(_suyos)


def puerto_libre() -> int:
    """Return a free port of this worker's, none of its last thousand: their owners may be dead for now."""
    while True:
        puerto = next(_turno)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", puerto))
            return puerto
