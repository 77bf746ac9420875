"""The writer: every request of a group gets an answer, and which answers are kept under their keys."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from aeropartners.contratos.partners import RevocarIntegracion
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Cambios, ClaveIdempotencia, ConexionPerdida, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from tests.dobles.relojes import Numerados, Reloj

ID = UUID(int=1)
CLAVE = ClaveIdempotencia("s", "POST /x", "k")


class EjecutorQueNiega:
    """Fails as it is told, one call after the other; then refuses every command, and keeps what it writes."""

    def __init__(self, *fallos: Exception) -> None:
        self.cambios = Cambios()
        self._fallos = list(fallos)

    def ejecutar(self, preparar: Any, completar: Any) -> None:
        if self._fallos:
            raise self._fallos.pop(0)
        uow = SimpleNamespace(claves=lambda _claves: {}, ahora=Reloj().ahora())
        decisiones = [Decision(error=ErrorDeDominio("no")) for _ in preparar(uow)]
        completar(uow, SimpleNamespace(decisiones=decisiones, cambios=self.cambios))


def _peticiones(escritor: Escritor, cuantas: int, contestacion: Contestacion) -> list[Peticion]:
    def contestar(_decidido: object) -> Contestacion:
        return contestacion

    mensaje = RevocarIntegracion(ID, ID, "")
    peticiones = [Peticion(mensaje, ID, contestar, contestar, CLAVE, "huella") for _ in range(cuantas)]
    for peticion in peticiones:
        escritor.encolar(peticion)
    return peticiones


@pytest.mark.parametrize(
    "fallos",
    [
        (ConexionPerdida("base"),),
        (RuntimeError("defecto"), ConexionPerdida("base")),
        (RuntimeError("defecto"), RuntimeError("defecto"), RuntimeError("suyo"), ConexionPerdida("base")),
    ],
    ids=["de entrada", "en la primera mitad", "tras la respuesta de uno"],
)
def test_nadie_se_queda_sin_respuesta(fallos: tuple[Exception, ...]) -> None:
    """The database goes away in one half of a group: those of the other half are told at once, too."""
    ejecutor: Any = EjecutorQueNiega(*fallos)
    escritor = Escritor(ejecutor, Numerados(), Reloj())
    peticiones = _peticiones(escritor, 4, Contestacion(200, {}))
    with pytest.raises(ConexionPerdida):
        escritor.una_ronda(0)
    assert all(p.futuro.done() for p in peticiones)
    errores = [p.futuro.exception(0) for p in peticiones]
    assert {type(e) for e in errores[1:]} == {ConexionPerdida}
    assert str(errores[0]) == ("suyo" if len(fallos) == 4 else "base")


@pytest.mark.parametrize(("estado", "se_guarda"), [(400, True), (409, True), (500, False), (503, False)])
def test_cinco_cientos_no_dejan_clave(estado: int, se_guarda: bool) -> None:
    """A refusal is an answer to be given again; an error of ours is not, though a group shares it."""
    ejecutor: Any = EjecutorQueNiega()
    escritor = Escritor(ejecutor, Numerados(), Reloj())
    contestacion = Contestacion(estado, {})
    peticiones = _peticiones(escritor, 2, contestacion)
    assert escritor.una_ronda(0.1) == 2
    assert [p.futuro.result(0) for p in peticiones] == [contestacion, contestacion]
    assert (CLAVE in ejecutor.cambios.claves) is se_guarda
