"""The definitions, edges and read tables of all systems, as a process loads them, without one."""

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.sistemas import SISTEMAS
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.sistema import SagasDeSistema

AJUSTES = Ajustes()


def sagas(ajustes: Ajustes = AJUSTES) -> tuple[SagasDeSistema, ...]:
    """Return what each system brings, made as a process with these settings makes it."""
    entorno = {
        "SAGA_STEP_TIMEOUT_S": ajustes.plazo_paso_s,
        "SAGA_MAX_RETRIES": ajustes.reintentos,
        "SAGA_BACKOFF_BASE_S": ajustes.base_s,
        "SAGA_COMPENSATION_MAX_RETRIES": ajustes.reintentos_compensacion,
    }
    config = leer({nombre: str(valor) for nombre, valor in entorno.items()})
    assert config.ajustes_de_sagas == ajustes
    contenedor = Contenedor(config=config)
    return tuple(sistema.sagas(contenedor) for sistema in SISTEMAS)


def registro(ajustes: Ajustes = AJUSTES) -> Registro:
    """Return all definitions."""
    return Registro(tuple(d for s in sagas(ajustes) for d in s.definiciones))


BORDES = tuple(s.borde for s in sagas())
LECTURAS = tuple(lectura for s in sagas() for lectura in s.lecturas)
