"""Totals: amounts by group, key and measure, and the difference that one transaction makes."""

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


class ClaveDeTotal(NamedTuple):
    """The place of an amount: the group that a reader asks for, a key in the group, and the measure."""

    grupo: str
    clave: str
    medida: str


Totales = Mapping[ClaveDeTotal, Decimal]


class Suma(defaultdict[ClaveDeTotal, Decimal]):
    """Amounts being added up; a missing one is zero."""

    def __init__(self, totales: Totales | None = None) -> None:
        super().__init__(Decimal, totales or {})

    def sumar(self, otros: Totales, veces: int = 1) -> None:
        """Add other amounts, each multiplied by `veces` (-1 subtracts them)."""
        for clave, valor in otros.items():
            self[clave] += veces * valor


class Aportes(Protocol):
    """What the streams of a module contribute to the totals of one name."""

    nombre: str

    def aporte(self, agregado: Any) -> Totales:
        """Return what a stream contributes in its present state; replaced when its state changes."""

    def por_evento(self, agregado: Any, evento: Any) -> ClaveDeTotal | None:
        """Return the amount that this event raises by one for good, or None."""


def cambio(aportes: Aportes, previos: Mapping[UUID, Totales], cambios: Cambios) -> Suma:
    """Return a transaction's difference; `previos` is what its streams contributed when loaded."""
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
    """Return a difference as it is stored."""
    return codificar([(*clave, valor) for clave, valor in sorted(suma.items()) if valor]).decode()


_descifrar = msgspec.json.Decoder(list[tuple[str, str, str, Decimal]]).decode


def sumar_cambios(guardados: Iterable[str]) -> Suma:
    """Add up stored differences."""
    suma = Suma()
    for texto in guardados:
        for grupo, clave, medida, valor in _descifrar(texto):
            suma[ClaveDeTotal(grupo, clave, medida)] += valor
    return suma
