"""Every topic of the system, with its partitions and subscriptions."""

from collections.abc import Mapping, Sequence

from aeropartners.contratos import alianzas, campanas, pagos, partners, reporting, saga
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.infraestructura.administracion_pulsar import Tema

PUBLICOS = 3
MUERTOS = Tema(1, retencion_minutos=30 * 24 * 60, retencion_mb=5 * 1024)


def temas(modulos: Sequence[Modulo], particiones: int) -> Mapping[str, Tema]:
    """Return the topics: internal ones with P partitions, public ones with 3, dead letters with 1."""
    suscritas: dict[str, list[str]] = {}
    for modulo in modulos:
        for tema in modulo.temas:
            suscritas.setdefault(tema, []).append(modulo.suscripcion)
    suscritas[pagos.TEMA_LLAMADAS] = [pagos.SUSCRIPCION_LLAMADAS]
    suscritas[reporting.TEMA_LLAMADAS] = [reporting.SUSCRIPCION_LLAMADAS]
    suscritas[partners.TEMA_LLAMADAS] = [partners.SUSCRIPCION_LLAMADAS]
    publicos = {
        saga.TEMA_EVENTOS,
        saga.TEMA_INICIAR,
        pagos.TEMA_EVENTOS,
        *pagos.TEMAS_ESPEJO.values(),
        *campanas.TEMAS_PUBLICOS.values(),
        campanas.TEMA_GENERICO,
        saga.TEMA_CREAR_PARTNER,
        partners.TEMA_EVENTOS,
        alianzas.TEMA_COMANDOS,
        alianzas.TEMA_EVENTOS,
    }
    todos = {t: Tema(PUBLICOS, tuple(suscritas.get(t, ()))) for t in sorted(publicos)}
    todos |= {t: Tema(particiones, tuple(s)) for t, s in suscritas.items() if t not in publicos}
    return todos | {m.tema_muertos: MUERTOS for m in modulos}
