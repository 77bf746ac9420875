"""Named points at which a test kills the process; a point does nothing unless it is armed or observed.

A point is `place.point`: the place is a module, its caller (`pagos.llamador`), its timers
(`saga-orchestrator.vigilante`), the publisher or the relay.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import ClassVar

from aeropartners.seedwork.aplicacion.mensajes import Sobre

DE_MODULO = ("entrada", "antes_commit", "tras_commit", "confirmar")
DE_MARCA = ("marcar",)
DE_LLAMADOR = ("llamar", "registrar", "confirmar")
DE_PLAZOS = ("vencido", "despertado")
DE_REINTENTO = ("reintento",)
DE_ENVIO = ("publicar", "publicado")


Testigo = Callable[[str, Sequence[Sobre]], None]


class Armado:
    """The point that is armed, and how many passes are left until it kills; 0 when no point is armed.

    With `veneno` (poison) a pass counts only with a message whose body contains these bytes. `testigo` is
    called at every pass of every point. It may raise: the simulator ends a simulated process that way.
    """

    nombre: ClassVar[str] = ""
    faltan: ClassVar[int] = 0
    veneno: ClassVar[bytes] = b""
    testigo: ClassVar[Testigo | None] = None


def armar(nombre: str, vez: int, veneno: str = "") -> None:
    """Have the process die by SIGKILL when it passes this point for the `vez`-th time."""
    Armado.nombre, Armado.faltan, Armado.veneno = nombre, vez, veneno.encode()


def pasar(lugar: str, punto: str, sobres: Sequence[Sobre] = ()) -> None:
    """Pass the point `lugar.punto` with these messages in hand; an armed point may kill the process."""
    if Armado.testigo is not None:
        Armado.testigo(f"{lugar}.{punto}", sobres)
    if Armado.faltan and Armado.nombre == f"{lugar}.{punto}" and _mata(sobres):
        Armado.faltan -= 1
        if not Armado.faltan:
            os.kill(os.getpid(), signal.SIGKILL)


def _mata(sobres: Sequence[Sobre]) -> bool:
    return not Armado.veneno or any(Armado.veneno in bytes(sobre.cuerpo) for sobre in sobres)
