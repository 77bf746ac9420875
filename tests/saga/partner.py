"""The test language for PARTNER_CREATION."""

from typing import Any

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.sistemas.partners.definicion import crear_partner
from tests.saga.lenguaje import Escenario

PARTNER, ALIANZA = "create_partner", "create_alliance"
BORRAR, CANCELAR = "delete_partner", "cancel_alliance"
DATOS = {"nombre": "Example", "email": "partner@example.com", "telefono": None, "direccion": None}


def escenario(**contrato: Any) -> Escenario:
    """Begin a partner saga."""
    datos = {"partner_data": DATOS, "contrato": contrato}
    return Escenario(crear_partner(Ajustes()), 10, datos)


def con_partner(**contrato: Any) -> Escenario:
    """One whose partner was created."""
    return escenario(**contrato).exito(PARTNER, partner_id="p-1", estado="ACTIVO")


def agotada(e: Escenario, paso: str, *inciertas: bool) -> Escenario:
    """Fail technically at each attempt, uncertain or not, until they are used up."""
    for intento, incierta in enumerate(inciertas, 1):
        e.averia(paso, intento, incierta=incierta)
        if intento < len(inciertas):
            e.pasan(6)
    return e
