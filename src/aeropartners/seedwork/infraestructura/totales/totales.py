"""Totals: amounts by group, key and measure, and how one transaction changes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.puertos import Cambios
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado

TODOS = ""
EVENTOS = "eventos"
UNO = Decimal(1)


class Clave(NamedTuple):
    """Where an amount counts: a group to ask for, a key within it, and what is measured."""

    grupo: str
    clave: str
    medida: str


Totales = Mapping[Clave, Decimal]


class Suma(defaultdict[Clave, Decimal]):
    """Amounts that are added up; one that is not there is zero."""

    def __init__(self, totales: Totales | None = None) -> None:
        super().__init__(Decimal, totales or {})

    def sumar(self, otros: Totales, veces: int = 1) -> None:
        """Add others, or with -1 take them away."""
        for clave, valor in otros.items():
            self[clave] += veces * valor


class Aportes(Protocol):
    """What the streams of a module add to the totals of one name."""

    nombre: str

    def aporte(self, agregado: Any) -> Totales:
        """Return what a stream gives in its present state; it is taken back when the state changes."""

    def por_evento(self, agregado: Any, evento: Any) -> Clave | None:
        """Return what an event adds one to, for ever."""


def cambio(aportes: Aportes, previos: Mapping[UUID, Totales], cambios: Cambios) -> Suma:
    """Return what a transaction changes; `previos` is what its streams gave when they were loaded."""
    suma = Suma()
    cambiados: dict[UUID, Agregado] = {a.id: a for a in cambios.agregados}
    for id, agregado in cambiados.items():
        suma.sumar(previos.get(id, {}), -1)
        suma.sumar(aportes.aporte(agregado))
    for registrado in cambios.registrados:
        clave = aportes.por_evento(cambiados[registrado.flujo], registrado.evento)
        if clave is not None:
            suma[clave] += UNO
    return suma


def codificar_cambio(suma: Suma) -> str:
    """Return the stored form of what a transaction changes."""
    return codificar([(*clave, valor) for clave, valor in sorted(suma.items()) if valor]).decode()


_descifrar = msgspec.json.Decoder(list[tuple[str, str, str, Decimal]]).decode


def sumar_cambios(guardados: Iterable[str]) -> Suma:
    """Add up stored changes."""
    suma = Suma()
    for texto in guardados:
        for grupo, clave, medida, valor in _descifrar(texto):
            suma[Clave(grupo, clave, medida)] += valor
    return suma
