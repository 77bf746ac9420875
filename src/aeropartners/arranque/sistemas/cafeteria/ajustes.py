"""The settings of the system cafeteria (000, section 1)."""

from dataclasses import dataclass

from aeropartners.arranque.ajustes.valores import decimal, elegida, entero
from aeropartners.arranque.ajustes.variables import variable


@dataclass(frozen=True, slots=True)
class AjustesCafeteria:
    """How long a POST waits, deadlines, and the initial stock."""

    pedido_espera_s: float = variable("PEDIDO_ESPERA_S", "10", decimal(0), debe="segundos; 0 no espera")
    stock_por_defecto: int = variable(
        "STOCK_POR_DEFECTO", "100", entero(0, 2**31 - 1), debe="un entero de 0 a 2147483647"
    )
    reserva_ttl_s: float = variable("RESERVA_TTL_S", "900", decimal(1), debe="segundos, 1 o más")
    saga_step_timeout_s: float = variable("SAGA_STEP_TIMEOUT_S", "5", decimal(0.1), debe="segundos")
    saga_timeout_s: float = variable("SAGA_TIMEOUT_S", "60", decimal(0.1), debe="segundos")
    repo_backend: str = variable(
        "REPO_BACKEND",
        "database",
        elegida("database"),
        debe="database: memory y file son de la segunda etapa",
    )
