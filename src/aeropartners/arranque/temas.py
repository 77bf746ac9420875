"""All topics, with their partitions and subscriptions."""

from collections.abc import Collection, Mapping

from aeropartners.arranque.sistemas import TEMAS_PUBLICOS
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import Tema
from aeropartners.seedwork.infraestructura.pieza import Pieza

PUBLICOS = 3
MUERTOS = Tema(1, retencion_minutos=30 * 24 * 60, retencion_mb=5 * 1024)


def temas(piezas: Collection[Pieza], particiones: int) -> Mapping[str, Tema]:
    """Return the topics by name: internal ones with P partitions, public ones with 3, dead letters with 1."""
    suscritas: dict[str, list[str]] = {}
    for pieza in piezas:
        for tema in pieza.modulo.temas:
            suscritas.setdefault(tema, []).append(pieza.modulo.suscripcion)
        suscritas |= {llamada.tema: [llamada.suscripcion] for llamada in pieza.llamadas}
    todos = {t: Tema(PUBLICOS, tuple(suscritas.get(t, ()))) for t in sorted(TEMAS_PUBLICOS)}
    todos |= {t: Tema(particiones, tuple(s)) for t, s in suscritas.items() if t not in TEMAS_PUBLICOS}
    return todos | {pieza.modulo.tema_muertos: MUERTOS for pieza in piezas}
