"""The service that DTM calls: each step of a saga is a transaction of its own."""

import json
from collections.abc import Awaitable, Callable

from bench.pares import filas
from bench.pares.filas import Orden


class Participante:
    """The steps, by the path under which DTM calls them. Calling one again changes nothing."""

    def __init__(self, escribir: Callable[[Orden], Awaitable[None]], rechazadas: bool) -> None:
        self._escribir, self._rechazadas = escribir, rechazadas

    async def atender(self, ruta: str, cuerpo: bytes) -> int:
        """Run a step and return its status: 409 is a refusal, which DTM answers with compensations."""
        saga = json.loads(cuerpo)["saga"]
        await self._escribir(self._orden(ruta, saga))
        return 409 if ruta == "/pago" and self._rechazadas else 200

    def _orden(self, ruta: str, saga: str) -> Orden:
        match ruta:
            case "/campana":
                return filas.campana(saga)
            case "/pago":
                return filas.pago(saga, self._rechazadas)
            case "/reporte":
                return filas.reporte(saga)
            case "/cancelar":
                return filas.cancelar(saga)
        raise ValueError(ruta)
