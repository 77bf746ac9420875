"""The edge of one system's sagas: how a saga begins, and the contract's topics that it reads and writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto
from saga_orchestrator.dominio.comandos import ComandoDePaso
from saga_orchestrator.dominio.saga import Saga

Entrada = Callable[[Recibido, datetime], Sobre]
Salida = Callable[[Saga, ComandoDePaso, Contexto], Envio]
Forma = Callable[[Mapping[str, Any]], list[str]]
Inicio = Callable[[Any, Contexto], tuple[IniciarSaga, Sequence[Envio]]]


@dataclass(frozen=True, slots=True)
class Borde:
    """The edge of a system's sagas, as data.

    `formas`: saga type → function that returns what is wrong with the initial data of a
    `comando-iniciar-saga`; a type that is not in it cannot be started by that topic. `inicios`: message type
    → another way to start a saga: the function returns the `IniciarSaga` that the message stands for, and the
    messages to publish with it; the message type must have a `saga_id`. `entradas`: public topic → the
    translator of its messages into replies or starts. `salidas`: topic → the function that writes a step's
    command in the shape that the contract gives it on that topic.
    """

    formas: Mapping[str, Forma] = field(default_factory=dict)
    inicios: Mapping[type, Inicio] = field(default_factory=dict)
    entradas: Mapping[str, Entrada] = field(default_factory=dict)
    salidas: Mapping[str, Salida] = field(default_factory=dict)


SIN_BORDE = Borde()
