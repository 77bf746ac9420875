"""The simulated gateway with faults: late, called twice, cut off after the charge, or unreadable."""

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
    """The answer of the gateway does not tell the outcome of the charge."""


class PasarelaAveriada:
    """See the port; `buena` and `lenta` are gateways over the same ledger.

    The fault of a key is drawn from the seed and the key, by the shares in `averias`. `tarde`: `lenta`
    answers. `doble`: the gateway is called twice. `corte` and `basura`: every other answer, about, is lost
    after the gateway did its work, so that the caller does not know the outcome.
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
