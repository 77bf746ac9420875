"""Reading one stretch of both event tables, page by page, each page in a snapshot of its own."""

from dataclasses import dataclass, field
from datetime import datetime

from saga_orchestrator.aplicacion.libros import Libros
from saga_orchestrator.aplicacion.tramo import Enviado, Lugar, Marca
from saga_orchestrator.dominio.hallazgo import Hallazgo


@dataclass(slots=True)
class Leido:
    """What was read of a stretch, and up to where."""

    hasta_sagas: Lugar
    hasta_flujos: Lugar
    enviados: dict[str, Enviado] = field(default_factory=dict)
    hallazgos: list[Hallazgo] = field(default_factory=list)
    sagas: int = 0
    mensajes: int = 0
    repetidos: int = 0


def leer(libros: Libros, marca: Marca, limite: datetime) -> Leido:
    """Read from the mark up to what happened at `limite`."""
    leido = Leido(marca.sagas, marca.flujos)
    while _sagas(libros, leido, limite) or _flujos(libros, leido, limite):
        pass
    return leido


def _sagas(libros: Libros, leido: Leido, limite: datetime) -> bool:
    with libros.foto() as foto:
        pagina = foto.sagas(leido.hasta_sagas, limite)
        if pagina is None:
            return False
        hallazgos, repetidos = foto.juzgar_sagas(pagina.tocadas)
    leido.hallazgos += hallazgos
    leido.enviados |= {e.id: e for e in pagina.enviados}
    leido.sagas += pagina.iniciadas
    leido.mensajes += pagina.mensajes
    leido.repetidos += repetidos
    leido.hasta_sagas = pagina.hasta
    return True


def _flujos(libros: Libros, leido: Leido, limite: datetime) -> bool:
    with libros.foto() as foto:
        pagina = foto.flujos(leido.hasta_flujos, limite)
        if pagina is None:
            return False
        leido.hallazgos += foto.juzgar_flujos(pagina.nuevos)
    leido.enviados |= {e.id: e for e in pagina.enviados}
    leido.mensajes += len(pagina.enviados)
    leido.hasta_flujos = pagina.hasta
    return True
