"""The edge of one system's sagas: how a saga begins, and the contract's topics that it reads and writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import Schema

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto
from saga_orchestrator.aplicacion.lineas import Lineas
from saga_orchestrator.dominio.comandos import ComandoDePaso
from saga_orchestrator.dominio.definicion import ORDENAN, DefinicionInvalida, Tipo
from saga_orchestrator.dominio.saga import Saga

Entrada = Callable[[Recibido, datetime], Sobre]
Salida = Callable[[Saga, ComandoDePaso, Contexto], Envio]
Inicio = Callable[[Any, Contexto], tuple[IniciarSaga, Sequence[Envio]]]


@dataclass(frozen=True, slots=True)
class PorTema:
    """How `comando-iniciar-saga` starts a type: the form of its initial data, and its minutes by default."""

    formulario: Schema
    timeout_minutos: int


@dataclass(frozen=True, slots=True)
class Anuncio:
    """A message that goes out whenever a saga has an event of one kind, in the transaction that stores it.

    Nobody answers it. Its id is that of the command of its event, so `cuando` is a kind that sends none.
    """

    cuando: Tipo
    tema: str
    mensaje: Callable[[Saga], object]

    def __post_init__(self) -> None:
        if self.cuando in (*ORDENAN, Tipo.PASO_PEDIDO):
            raise DefinicionInvalida(f"con {self.cuando} sale un comando: no puede salir además un anuncio")


@dataclass(frozen=True, slots=True)
class Borde:
    """The edge of a system's sagas, as data.

    `por_tema`: the types that `comando-iniciar-saga` starts. `inicios`: by message, which must have
    a `saga_id`, another way to start: the start that it stands for, and what is published with it.
    `entradas`: public topics that are read, as replies or starts. `salidas`: topics whose commands have
    a shape of their own. `anuncios`: the announcements of each saga type. `contadores`: by message of
    `inicios`, the counters that its start takes a number of. `lineas`: the log lines of each saga type that
    has its own.
    """

    por_tema: Mapping[str, PorTema] = field(default_factory=dict)
    inicios: Mapping[type, Inicio] = field(default_factory=dict)
    entradas: Mapping[str, Entrada] = field(default_factory=dict)
    salidas: Mapping[str, Salida] = field(default_factory=dict)
    anuncios: Mapping[str, Sequence[Anuncio]] = field(default_factory=dict)
    contadores: Mapping[type, Sequence[str]] = field(default_factory=dict)
    lineas: Mapping[str, Lineas] = field(default_factory=dict)


SIN_BORDE = Borde()
