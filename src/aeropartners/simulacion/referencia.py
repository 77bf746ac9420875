"""The reference: how a saga must end, computed step by step from its definition and the answers to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from aeropartners.simulacion.guion import Desenlace
from saga_orchestrator.dominio.definicion import Definicion, Paso

MUCHAS = 1_000
# A function that tells how an attempt ends: name of the step or undo, and number of the attempt.
Contesta = Callable[[str, int], Desenlace]


@dataclass
class Final:
    """The end of a saga: its state, the steps whose effect stands, and the steps whose effect is unknown."""

    estado: str = ""
    atencion: bool = False
    quedan: list[int] = field(default_factory=list)
    dudosos: list[int] = field(default_factory=list)


def recorrer(
    definicion: Definicion, contesta: Contesta, cortes: Mapping[int, str], ordenes: Iterator[str]
) -> Final:
    """Return the end of a saga: walk forward until a step does not succeed, then back.

    `cortes`: the steps during which an operator or the total deadline stopped the saga. `ordenes`: the
    operator's orders, one each time that an undo has used up its attempts.
    """
    hechos: list[int] = []
    for i, paso in enumerate(definicion.pasos):
        fin = Desenlace.SILENCIO if i in cortes else _intentar(paso, contesta)
        if fin in (Desenlace.EXITO, Desenlace.SILENCIO):
            hechos.append(i)
        if fin is not Desenlace.EXITO:
            return _desandar(definicion, contesta, hechos, ordenes)
    return Final(definicion.estados.completada, quedan=hechos)


def _intentar(paso: Paso, contesta: Contesta) -> Desenlace:
    """Return how a step ends after all its attempts.

    A step that cannot be undone is asked again until its effect is known.
    """
    en_duda = False
    for n in range(1, MUCHAS):
        fin = contesta(paso.tipo, n)
        if fin is Desenlace.EXITO or (fin is Desenlace.RECHAZO and not paso.firme):
            return fin
        if fin is Desenlace.SILENCIO and not paso.sin_vuelta:
            return fin
        en_duda = en_duda or fin in (Desenlace.DUDA, Desenlace.SILENCIO)
        if n >= paso.politica.intentos and not (paso.firme or (en_duda and paso.sin_vuelta)):
            return Desenlace.SILENCIO if en_duda else fin
    return Desenlace.SILENCIO


def _desandar(definicion: Definicion, contesta: Contesta, hechos: list[int], ordenes: Iterator[str]) -> Final:
    estados = definicion.estados
    final = Final(estados.compensada if hechos else estados.fallida)
    while hechos:
        undo = definicion.pasos[hechos[-1]].compensacion
        assert undo is not None
        while all(
            contesta(undo.tipo, n) is not Desenlace.EXITO for n in range(1, undo.politica.intentos + 1)
        ):
            orden = next(ordenes, "")
            if orden == "omitir":
                final.dudosos.append(hechos[-1])
                break
            if orden != "reintentar":
                final.dudosos += hechos
                final.atencion = orden != "cerrar"
                final.estado = estados.compensando if final.atencion else estados.fallida
                return final
        hechos.pop()
    return final
