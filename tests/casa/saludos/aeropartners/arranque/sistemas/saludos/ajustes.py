"""The settings of the toy system."""

from dataclasses import dataclass

from aeropartners.arranque.ajustes.valores import corto
from aeropartners.arranque.ajustes.variables import variable


@dataclass(frozen=True, slots=True)
class AjustesSaludos:
    """How it greets."""

    saludo: str = variable("SALUDO", "hola", corto(20), debe="un texto de 1 a 20 caracteres")
