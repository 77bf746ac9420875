"""The edge of one system's sagas: how they begin, and the topics of its contract that they talk over."""

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
    """The edge, as data.

    `formas`: by saga type, what is wrong with initial data that came by `comando-iniciar-saga`; a type
    without one is not started by that topic. `inicios`: by message, which must have a `saga_id`, another way
    to start: the start that it stands for, and what is published with it. `entradas`: public topics that are
    read, as replies or starts. `salidas`: topics whose commands have a shape of their own.
    """

    formas: Mapping[str, Forma] = field(default_factory=dict)
    inicios: Mapping[type, Inicio] = field(default_factory=dict)
    entradas: Mapping[str, Entrada] = field(default_factory=dict)
    salidas: Mapping[str, Salida] = field(default_factory=dict)


SIN_BORDE = Borde()
