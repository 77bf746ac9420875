"""The simulated gateway on a bad day: late, twice, cut off after it charged, or in words nobody reads."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeVar

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.puertos import (
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    PasarelaPago,
    Reembolsado,
)

TARDE, DOBLE, CORTE, BASURA = "tarde", "doble", "corte", "basura"
AVERIAS = (TARDE, DOBLE, CORTE, BASURA)
R = TypeVar("R")


class RespuestaIlegible(Exception):
    """The gateway answered, but not in a form that says what became of the money."""


class PasarelaAveriada:
    """See the port; `buena` and `lenta` are the same gateway, over the same ledger, and keep its promises.

    What befalls a key is drawn from the seed and the key, by the shares in `averias`: `tarde` is
    answered by `lenta`; `doble` reaches the gateway twice; of `corte` and `basura` every other answer
    is lost after the gateway did its work, so that the caller cannot know.
    """

    def __init__(
        self, buena: PasarelaPago, lenta: PasarelaPago, averias: Mapping[str, float], semilla: int = 0
    ) -> None:
        self._buena = buena
        self._lenta = lenta
        self._averias = averias
        self._semilla = semilla
        self._azar = Random(semilla)

    def cobrar(self, clave: str, cargo: Cargo) -> EnProceso | CobroExitoso | CobroRechazado:
        pasarela = self._lenta if self._averia(clave) == TARDE else self._buena
        return self._sufrir(clave, lambda: pasarela.cobrar(clave, cargo))

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        return self._sufrir(clave, lambda: self._buena.reembolsar(clave, clave_cobro))

    def _sufrir(self, clave: str, llamar: Callable[[], R]) -> R:
        averia = self._averia(clave)
        if averia == DOBLE:
            llamar()
        respuesta = llamar()
        if averia in (CORTE, BASURA) and self._azar.random() < 0.5:
            raise TimeoutError(clave) if averia == CORTE else RespuestaIlegible(clave)
        return respuesta

    def _averia(self, clave: str) -> str | None:
        resto = Random(f"averia:{self._semilla}:{clave}").random()
        for averia, cuota in self._averias.items():
            resto -= cuota
            if resto < 0:
                return averia
        return None
