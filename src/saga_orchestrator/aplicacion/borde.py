"""The edge of sagas whose contract names the topics that they talk over: a translation each way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto
from saga_orchestrator.dominio.motor import OrdenDePaso
from saga_orchestrator.dominio.saga import Saga

Entrada = Callable[[Recibido, datetime], Sobre]
Salida = Callable[[Saga, OrdenDePaso, Contexto], Envio]


@dataclass(frozen=True, slots=True)
class Borde:
    """`entradas`: public topics that are read; `salidas`: those whose commands have a shape of their own."""

    entradas: Mapping[str, Entrada] = field(default_factory=dict)
    salidas: Mapping[str, Salida] = field(default_factory=dict)
