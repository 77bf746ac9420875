"""The message that the timers make for each saga whose wake-up is due."""

from collections.abc import Sequence
from uuid import UUID

from aeropartners.contratos.saga import PlazoVencido
from aeropartners.seedwork.aplicacion.bucles.vigilante import DespertarDe
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.aplicacion.puertos import Identificadores, UnidadDeTrabajo


def despertador(ids: Identificadores) -> DespertarDe:
    """Return the function that the timers call: it makes one `PlazoVencido` for each saga.

    Each message says whether the saga's last command is still in the outbox: then its deadline is moved on.
    """

    def despertar(sagas: Sequence[UUID], uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        demora_s = uow.demora.total_seconds()
        en_salida = uow.consultar("en_salida", [str(id) for id in sagas])
        return [
            sobre_interno(ids.nuevo(), PlazoVencido(id, str(id) in en_salida, demora_s), id, uow.ahora)
            for id in sagas
        ]

    return despertar
