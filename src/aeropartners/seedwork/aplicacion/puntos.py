"""Named points at which a test kills the process; nothing happens at them unless one is armed.

A point is `place.point`: the place is a module, its caller (`pagos.llamador`), its timers
(`saga-orchestrator.vigilante`), the publisher or the relay.
"""

import os
import signal
from typing import ClassVar

DE_MODULO = ("entrada", "antes_commit", "tras_commit", "confirmar")
DE_MARCA = ("marcar",)
DE_LLAMADOR = ("llamar", "registrar", "confirmar")
DE_PLAZOS = ("vencido", "despertado")
DE_REINTENTO = ("reintento",)
DE_ENVIO = ("publicar", "publicado")


class Armado:
    """The point that is armed, and how many passes are left until it kills; 0: none is."""

    nombre: ClassVar[str] = ""
    faltan: ClassVar[int] = 0


def armar(nombre: str, vez: int) -> None:
    """Die by SIGKILL when the process passes this point for the given time."""
    Armado.nombre, Armado.faltan = nombre, vez


def pasar(lugar: str, punto: str) -> None:
    """Pass `lugar.punto`."""
    if Armado.faltan and Armado.nombre == f"{lugar}.{punto}":
        Armado.faltan -= 1
        if not Armado.faltan:
            os.kill(os.getpid(), signal.SIGKILL)
