"""Which answers a group of writes keeps under their idempotency keys."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from aeropartners.contratos.partners import RevocarIntegracion
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Cambios, ClaveIdempotencia, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7

ID = UUID(int=1)
CLAVE = ClaveIdempotencia("s", "POST /x", "k")


class EjecutorDeMentira:
    """Refuses every command, and keeps what would be written."""

    def __init__(self) -> None:
        self.cambios = Cambios()

    def ejecutar(self, preparar: Any, completar: Any) -> None:
        uow = SimpleNamespace(claves=lambda _claves: {}, ahora=RelojReal().ahora())
        decisiones = [Decision(error=ErrorDeDominio("no")) for _ in preparar(uow)]
        completar(uow, SimpleNamespace(decisiones=decisiones, cambios=self.cambios))


@pytest.mark.parametrize(("estado", "se_guarda"), [(400, True), (409, True), (500, False), (503, False)])
def test_cinco_cientos_no_dejan_clave(estado: int, se_guarda: bool) -> None:
    """A refusal is an answer to be given again; an error of ours is not, though a group shares it."""
    ejecutor: Any = EjecutorDeMentira()
    escritor = Escritor(ejecutor, Uuid7(), RelojReal())
    contestacion = Contestacion(estado, {})
    peticiones = [
        Peticion(
            RevocarIntegracion(ID, ID, ""),
            ID,
            lambda _: contestacion,
            lambda _: contestacion,
            CLAVE,
            "huella",
        )
        for _ in range(2)
    ]
    for peticion in peticiones:
        escritor.encolar(peticion)
    assert escritor.una_ronda(0.1) == 2
    assert [p.futuro.result(0) for p in peticiones] == [contestacion, contestacion]
    assert (CLAVE in ejecutor.cambios.claves) is se_guarda
