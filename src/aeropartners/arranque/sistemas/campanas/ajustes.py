"""The settings of the system campanas."""

from collections.abc import Mapping
from dataclasses import dataclass

from aeropartners.arranque.ajustes.valores import decimal, entero, tasa
from aeropartners.arranque.ajustes.variables import direccion, variable
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import AVERIAS

ORQUESTADOR, MODULOS, BFF = "orquestador", "modulos", "bff"


def _averias(texto: str) -> dict[str, float]:
    """Read the faults of the simulated gateway, each with its share of the calls."""
    cuotas = {nombre: float(cuota) for nombre, _, cuota in (a.partition("=") for a in texto.split(",") if a)}
    if set(cuotas) - set(AVERIAS) or any(c < 0 for c in cuotas.values()) or sum(cuotas.values()) > 1:
        raise ValueError(texto)
    return cuotas


@dataclass(frozen=True, slots=True)
class AjustesCampanas:
    """The addresses of the services, and the simulated gateway."""

    orquestador_url: str = direccion("ORQUESTADOR_URL", ORQUESTADOR)
    campaigns_url: str = direccion("CAMPAIGNS_URL", MODULOS)
    pagos_url: str = direccion("PAGOS_URL", MODULOS)
    gateway_latency_s: float = variable("GATEWAY_LATENCY_S", "3", decimal(0), debe="segundos, 0 o más")
    gateway_limit: float = variable("GATEWAY_LIMIT", "100000", decimal(0), debe="un importe")
    payment_success_rate: float | None = variable("PAYMENT_SUCCESS_RATE", "", tasa, debe="vacío, o de 0 a 1")
    gateway_seed: int = variable("GATEWAY_SEED", "0", entero(0, 2**31), debe="un entero")
    gateway_faults: Mapping[str, float] = variable(
        "GATEWAY_FAULTS", "", _averias, debe=f"vacío; en pruebas, avería=cuota,… de {', '.join(AVERIAS)}"
    )
    gateway_late_s: float = variable("GATEWAY_LATE_S", "60", decimal(0), debe="segundos, 0 o más")
