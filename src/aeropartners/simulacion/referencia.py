"""The reference: how a saga must end, computed step by step from its definition and the answers to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from aeropartners.simulacion.guion import Desenlace
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Paso, nombre_de_parte

MUCHAS = 1_000
# A function that tells how an attempt ends: name of the step or undo, and number of the attempt.
Contesta = Callable[[str, int], Desenlace]


# A part of a step: the step's place, and the part's.
ParteDePaso = tuple[int, int]


@dataclass
class Final:
    """The end of a saga: its state, the parts whose effect stands, and the parts whose effect is unknown."""

    estado: str = ""
    atencion: bool = False
    quedan: list[ParteDePaso] = field(default_factory=list)
    dudosos: list[ParteDePaso] = field(default_factory=list)


def recorrer(
    definicion: Definicion, contesta: Contesta, cortes: Mapping[int, int], ordenes: Iterator[str]
) -> Final:
    """Return the end of a saga: walk forward until a step does not succeed, then back.

    `cortes`: the steps during which an operator or the total deadline stopped the saga, each with the part
    that was asked then. `ordenes`: the operator's orders, one for each time that an undo got stuck.
    """
    partes: list[ParteDePaso] = []
    for i, paso in enumerate(definicion.pasos):
        fin, parte = (Desenlace.SILENCIO, cortes[i]) if i in cortes else _intentar(paso, contesta)
        if fin in (Desenlace.EXITO, Desenlace.SILENCIO) or parte:
            partes += [(i, p) for p in range(parte + 1)]
        if fin is not Desenlace.EXITO:
            return _desandar(definicion, contesta, partes, ordenes)
    return Final(definicion.estados.completada, quedan=partes)


def _intentar(paso: Paso, contesta: Contesta) -> tuple[Desenlace, int]:
    """Return how a step ends, and at which part of it.

    A step that cannot be undone is asked again until its effect is known. The attempts are counted for the
    whole step: a part goes on from the number of the part before it.
    """
    n = 1
    for parte in range(len(paso.partes)):
        fin, n = _intentar_parte(paso, nombre_de_parte(paso.tipo, parte), n, contesta)
        if fin is not Desenlace.EXITO:
            break
    return fin, parte


def _intentar_parte(paso: Paso, nombre: str, desde: int, contesta: Contesta) -> tuple[Desenlace, int]:
    en_duda = False
    for n in range(desde, desde + MUCHAS):
        fin = contesta(nombre, n)
        if fin is Desenlace.EXITO or (fin is Desenlace.RECHAZO and not paso.firme):
            return fin, n
        if fin is Desenlace.SILENCIO and not paso.sin_vuelta:
            return fin, n
        en_duda = en_duda or fin in (Desenlace.DUDA, Desenlace.SILENCIO)
        if n >= paso.politica.intentos and not (paso.firme or (en_duda and paso.sin_vuelta)):
            return (Desenlace.SILENCIO if en_duda else fin), n
    return Desenlace.SILENCIO, n


def _desandar(
    definicion: Definicion, contesta: Contesta, partes: list[ParteDePaso], ordenes: Iterator[str]
) -> Final:
    estados = definicion.estados
    sin_undo = [(i, parte) for i, parte in partes if not definicion.pasos[i].compensacion]
    partes = [lugar for lugar in partes if lugar not in sin_undo]
    final = Final(estados.compensada if partes else estados.fallida, dudosos=sin_undo)
    while partes:
        i, parte = partes[-1]
        paso = definicion.pasos[i]
        undo = paso.compensacion
        assert undo is not None
        if parte and not paso.partes[parte].deshacer:
            final.dudosos.append(partes.pop())
            continue
        nombre = nombre_de_parte(undo.tipo, parte)
        while all(contesta(nombre, n) is not Desenlace.EXITO for n in range(1, undo.politica.intentos + 1)):
            orden = next(ordenes, "")
            if orden == "omitir":
                final.dudosos.append(partes[-1])
                break
            if orden != "reintentar":
                final.dudosos += partes
                final.atencion = orden != "cerrar"
                atascada = estados.atascada or estados.compensando
                final.estado = atascada if final.atencion else estados.de_cerrada
                return final
        partes.pop()
    return final
