"""The settings of the system partners."""

from dataclasses import dataclass

from aeropartners.arranque.ajustes.valores import corto, decimal
from aeropartners.arranque.ajustes.variables import direccion, variable

ORQUESTADOR, INTEGRACIONES, ALIANZAS, BFF = (
    *("orquestador-partners", "integraciones", "alianzas", "bff-partners"),
)


@dataclass(frozen=True, slots=True)
class AjustesPartners:
    """Addresses of the services, deadlines, and the default contract of a partner (004, section 1)."""

    integraciones_api_url: str = direccion("INTEGRACIONES_API_URL", INTEGRACIONES)
    saga_orchestrator_url: str = direccion("SAGA_ORCHESTRATOR_URL", ORQUESTADOR)
    step_timeout_create_partner_s: float = variable(
        "STEP_TIMEOUT_CREATE_PARTNER_S", "30", decimal(0.1), debe="segundos"
    )
    step_timeout_create_alliance_s: float = variable(
        "STEP_TIMEOUT_CREATE_ALLIANCE_S", "60", decimal(0.1), debe="segundos"
    )
    contrato_tipo: str = variable("CONTRATO_TIPO", "CPA", corto(20), debe="un texto de 1 a 20 caracteres")
    contrato_monto: float = variable("CONTRATO_MONTO", "1000.00", decimal(0), debe="un importe")
    contrato_moneda: str = variable("CONTRATO_MONEDA", "USD", corto(10), debe="un texto de 1 a 10 caracteres")
