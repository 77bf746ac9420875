"""Random saga definitions: steps, classes, policies and deadlines."""

from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Clase, Compensacion, Parte, Paso, Politica, Presentacion
from saga_orchestrator.dominio.saga import Saga

TIPO = "GENERADA"
TEMA = "ordenes-generadas"
PLAZO_PUNTUAL_S = 600.0


@mensaje("OrdenGenerada", 1)
@dataclass(frozen=True, slots=True)
class OrdenGenerada:
    """The command of a step of a random definition."""


def al_azar(azar: Random) -> Definicion:
    """Return a valid definition of one to five random steps."""
    cuantos = azar.randint(1, 5)
    pivote = azar.randint(0, cuantos - 1) if azar.random() < 0.4 else cuantos
    return Definicion(TIPO, 1, tuple(_paso(azar, i, pivote) for i in range(cuantos)))


def puntual(definicion: Definicion) -> Definicion:
    """Return the definition with deadlines so long that a working participant never misses one."""
    plazos = [p.plazo_s for p in definicion.pasos]
    plazos += [p.compensacion.plazo_s for p in definicion.pasos if p.compensacion]
    veces = max(PLAZO_PUNTUAL_S / min(plazos), 1.0)
    return replace(definicion, pasos=tuple(_estirado(p, veces) for p in definicion.pasos))


def _estirado(paso: Paso, veces: float) -> Paso:
    undo = paso.compensacion
    return replace(
        paso,
        plazo_s=paso.plazo_s * veces,
        compensacion=replace(undo, plazo_s=undo.plazo_s * veces) if undo else None,
    )


def _paso(azar: Random, indice: int, pivote: int) -> Paso:
    clase = Clase.COMPENSABLE if indice < pivote else Clase.PIVOTE if indice == pivote else Clase.REINTENTABLE
    if clase is Clase.COMPENSABLE and azar.random() < 0.15:
        clase = Clase.SIN_EFECTO
    undo = Compensacion(f"DESHACER_{indice}", _comando, azar.uniform(2, 30), _politica(azar))
    return Paso(
        tipo=f"PASO_{indice}",
        tema=TEMA,
        comando=_comando,
        clase=clase,
        compensacion=undo if clase is Clase.COMPENSABLE else None,
        plazo_s=azar.uniform(2, 30),
        politica=_politica(azar),
        presentacion=Presentacion(
            f"HECHO_{indice}",
            f"SagaPaso{indice}",
            ("creado", "datos"),
            estado_pedido=f"PIDIENDO_{indice}" if indice % 2 else None,
        ),
        luego=_partes(azar, clase),
    )


def _politica(azar: Random) -> Politica:
    return Politica(azar.choice((1, 2, 2, 3, 4)), azar.choice((0.2, 1.0, 3.0)), azar.choice((2.0, 60.0)))


def _partes(azar: Random, clase: Clase) -> tuple[Parte, ...]:
    """One step in four has one or two further commands; some of those of an undoable step have no undo."""
    if clase is Clase.SIN_EFECTO or azar.random() < 0.75:
        return ()
    con_undo = clase is Clase.COMPENSABLE
    return tuple(
        Parte(TEMA, _comando, _comando if con_undo and azar.random() < 0.8 else None)
        for _ in range(azar.randint(1, 2))
    )


def _comando(_saga: Saga, _id: UUID) -> object:
    return OrdenGenerada()
