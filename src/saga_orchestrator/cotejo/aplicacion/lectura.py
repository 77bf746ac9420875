"""Reading one stretch of both event tables, page by page, each page in a snapshot of its own."""

from dataclasses import dataclass, field
from datetime import datetime

from saga_orchestrator.cotejo.aplicacion.libros import Enviado, Libros, Marca, PosicionDeCommit
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, Hallazgo


@dataclass(slots=True)
class Leido:
    """What was read of a stretch, and the places in both event tables up to which it was read."""

    hasta_sagas: PosicionDeCommit
    hasta_flujos: PosicionDeCommit
    enviados: dict[str, Enviado] = field(default_factory=dict)
    hallazgos: list[Hallazgo] = field(default_factory=list)
    tocadas: set[str] = field(default_factory=set)
    flujos: set[str] = field(default_factory=set)
    sagas: int = 0
    mensajes: int = 0
    repetidos: int = 0


def leer(libros: Libros, marca: Marca, limite: datetime) -> Leido:
    """Read both event tables from the mark up to the events of `limite`."""
    leido = Leido(marca.sagas, marca.flujos)
    for pagina in (_sagas, _flujos):
        while pagina(libros, leido, limite):
            pass
    return leido


def _sagas(libros: Libros, leido: Leido, limite: datetime) -> bool:
    with libros.foto() as foto:
        pagina = foto.sagas(leido.hasta_sagas, limite)
        if pagina is None:
            return False
        # All events of the stretch are older than this snapshot: each saga is judged once for the whole
        # stretch.
        nuevas = [id for id in pagina.tocadas if id not in leido.tocadas]
        juicio = foto.juzgar_sagas(nuevas)
    leido.tocadas.update(nuevas)
    leido.hallazgos += juicio.hallazgos
    leido.flujos |= juicio.flujos
    leido.enviados |= {e.id: e for e in pagina.enviados}
    leido.sagas += pagina.iniciadas
    leido.mensajes += pagina.mensajes
    leido.repetidos += juicio.repetidas
    leido.hasta_sagas = pagina.hasta
    return True


def _flujos(libros: Libros, leido: Leido, limite: datetime) -> bool:
    with libros.foto() as foto:
        pagina = foto.flujos(leido.hasta_flujos, limite)
        if pagina is None:
            return False
        for tipo, ids in pagina.nuevos.items():
            # The streams of the sagas' steps were judged with their sagas.
            leido.hallazgos += foto.juzgar(FLUJO + tipo, [id for id in ids if id not in leido.flujos])
    leido.enviados |= {e.id: e for e in pagina.enviados}
    leido.mensajes += len(pagina.enviados)
    leido.hasta_flujos = pagina.hasta
    return True
