"""Judges the rows of one saga, or of one stream, against each other and against their events; pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, SAGA, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.dominio.definicion import Definicion

# An orchestrator wakes up a due saga within 5 s; this is long past that.
DORMIDA = timedelta(seconds=20)
_AJENO = {
    ClaseDeHallazgo.HUERFANO: "su SAGA no existe",
    ClaseDeHallazgo.DUPLICADO: "es otro efecto de su SAGA",
}


class Efecto(NamedTuple):
    """The effect of a step: its stream, the state of its row, and what the module says of that state.

    `estado` is None without a row. `vigente`: the effect stands. `en_curso`: it is not decided. `deshacer`
    returns, for a stream, the command that takes the effect back.
    """

    paso: str
    flujo: str
    estado: str | None
    vigente: bool
    en_curso: bool
    deshacer: Callable[[str], str]


class HechosDeSaga(NamedTuple):
    """The rows of one saga at one moment.

    `version` is that of its row, `ultima` the newest version among its events, `eventos` the number of its
    events; `pasos` is the number of its step rows and `logrados` how many of those succeeded.
    """

    id: str
    definicion: Definicion
    estado: str
    version: int
    ultima: int
    eventos: int
    terminada: bool
    requiere_atencion: bool
    plazo: datetime | None
    revisar_en: datetime | None
    pasos: int
    logrados: int
    efectos: Sequence[Efecto]


class HechosDeFlujo(NamedTuple):
    """The rows of one stream of a module at one moment; `eventos` is 0 for a row without events.

    `efecto` is its row. `ajeno` is the finding when the effect stands: HUERFANO if its saga does not exist,
    DUPLICADO if it belongs to no step of its saga.
    """

    tipo: str
    saga_id: str | None
    version: int
    ultima: int
    eventos: int
    efecto: Efecto
    ajeno: ClaseDeHallazgo | None


def juzgar(h: HechosDeSaga, ahora: datetime) -> Iterator[Hallazgo]:
    """Yield what is wrong with a saga, by its rows and by the effects of its steps."""
    yield from _filas(h)
    yield from _despertar(h, ahora)
    if h.terminada and not h.requiere_atencion:
        yield from _efectos(h)


def _filas(h: HechosDeSaga) -> Iterator[Hallazgo]:
    """Yield a finding unless the rows agree with the events and no event is missing."""
    if h.version == h.ultima == h.eventos and h.pasos == len(h.definicion.pasos):
        return
    texto = (
        f"la fila va por la versión {h.version}, sus eventos son {h.eventos} y el último es el {h.ultima};"
        f" tiene {h.pasos} pasos de {len(h.definicion.pasos)}"
    )
    huella = f"{h.version}/{h.ultima}/{h.eventos}/{h.pasos}"
    yield Hallazgo(ClaseDeHallazgo.PERDIDO, h.id, "filas", texto, reconstruir(h.id), SAGA, huella, False)


def _despertar(h: HechosDeSaga, ahora: datetime) -> Iterator[Hallazgo]:
    # After the pivot a step asks for attention and is still retried, so it has a wake-up; a stuck undo has
    # none.
    if h.terminada or (h.requiere_atencion and h.revisar_en is None):
        return
    if h.plazo is None or h.revisar_en is None:
        texto, repara = "está abierta y nada la despertará", reconstruir(h.id)
    elif max(h.plazo, h.revisar_en) < ahora - DORMIDA:
        segundos = int((ahora - h.plazo).total_seconds())
        texto = f"debió despertar hace {segundos} s y ningún orquestador la atiende"
        repara = "aeropartners servir orquestador"
    else:
        return
    yield Hallazgo(ClaseDeHallazgo.ATASCADO, h.id, "despertar", texto, repara, SAGA, f"{h.version}", False)


def _efectos(h: HechosDeSaga) -> Iterator[Hallazgo]:
    completada = h.estado == h.definicion.estados.completada
    if completada and h.logrados < h.pasos:
        texto = f"terminó {h.estado} con {h.logrados} pasos logrados de {h.pasos}"
        yield Hallazgo(
            ClaseDeHallazgo.PERDIDO, h.id, "pasos", texto, reconstruir(h.id), SAGA, f"{h.version}", False
        )
    for e in h.efectos:
        huella = f"{h.version}/{e.estado}"
        if completada and (e.estado is None or e.en_curso):
            texto = f"terminó {h.estado} y el efecto de {e.paso} ({e.flujo}) está {e.estado or 'ausente'}"
            yield Hallazgo(
                ClaseDeHallazgo.PERDIDO, h.id, e.flujo, texto, f"aeropartners saga ver {h.id}", SAGA, huella
            )
        if not completada and e.vigente:
            texto = f"terminó {h.estado} y el efecto de {e.paso} ({e.flujo}) sigue {e.estado}"
            yield Hallazgo(ClaseDeHallazgo.HUERFANO, h.id, e.flujo, texto, e.deshacer(e.flujo), SAGA, huella)


def reconstruir(saga_id: str) -> str:
    """Return the shell command that rebuilds a saga's rows from its events."""
    return f"aeropartners saga reconstruir {saga_id}"


def juzgar_flujo(h: HechosDeFlujo) -> Hallazgo | None:
    """Return what is wrong with a stream, by its row, its events and its saga; None when nothing is."""
    e, nombre = h.efecto, f"{h.tipo} {h.efecto.flujo}"
    clase, repara = ClaseDeHallazgo.PERDIDO, e.deshacer(e.flujo)
    if not h.eventos:
        clase, texto = ClaseDeHallazgo.HUERFANO, f"tiene una fila, {e.estado}, y ningún evento"
    elif h.ultima != h.eventos or (e.estado is not None and h.version != h.ultima):
        texto = f"va por la versión {h.version}, sus eventos son {h.eventos} y el último es el {h.ultima}"
        repara = f"aeropartners saga ver {h.saga_id}" if h.saga_id else f"restaure los eventos de {nombre}"
    elif h.saga_id is None and e.en_curso:
        texto = f"está {e.estado} y nadie lo resolverá"
    elif h.ajeno is not None and e.vigente:
        clase, texto = h.ajeno, f"está {e.estado} y {_AJENO[h.ajeno]}"
    else:
        return None
    return Hallazgo(clase, h.saga_id or "", e.flujo, f"{nombre} {texto}", repara, FLUJO + h.tipo, texto)
