"""Definitions as a user would write them: one that is well made, and some that are not."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.paso import Clase, Compensacion, Paso, Presentacion
from saga_orchestrator.dominio.saga import Saga


@mensaje("Reservar", 1)
@dataclass(frozen=True, slots=True)
class Reservar:
    """A command with something of the initial data in it."""

    id: UUID
    hotel: object


def _reservar(saga: Saga, id: UUID) -> object:
    return Reservar(id, saga.datos_iniciales["hotel"])


def _reservar_una_vez(saga: Saga, id: UUID) -> object:
    """The mistake: nobody thought of a second attempt."""
    if saga.memoria.pasos and saga.memoria.pasos[0].intentos > 1:
        raise KeyError("segundo intento")
    return _reservar(saga, id)


def _paso(tipo: str, **propio: Any) -> Paso:
    comun = {
        "tema": "hoteles",
        "comando": _reservar,
        "presentacion": Presentacion(f"{tipo}_HECHO", f"Saga{tipo}", datos=lambda datos: datos.get("hotel")),
    }
    return Paso(tipo=tipo, **{**comun, **propio})


def viaje() -> Definicion:
    """A reservation, a charge that nothing takes back, and a letter; with words of its own."""
    estados = Estados("started", "completed", "failed", "compensating", "compensated")
    soltar = Compensacion("SOLTAR", _reservar)
    pasos = (
        _paso("HOTEL", compensacion=soltar),
        _paso("COBRO", clase=Clase.PIVOTE),
        _paso("CARTA", clase=Clase.REINTENTABLE),
    )
    return Definicion("VIAJE", 1, pasos, estados)


SIN_REINTENTOS = Definicion(
    "APURADO",
    1,
    (_paso("HOTEL", comando=_reservar_una_vez, compensacion=Compensacion("SOLTAR", _reservar)),),
)
NADA = "no es una definición"
