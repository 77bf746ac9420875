"""The definitions, edges and read tables of all systems, for tests that need no process."""

from typing import NoReturn

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.campanas.sagas import sagas as de_campanas
from saga_orchestrator.sistemas.partners.sagas import sagas as de_partners

AJUSTES = Ajustes()


def _nadie() -> NoReturn:
    raise AssertionError("nobody is called here")


def sistemas(ajustes: Ajustes = AJUSTES) -> tuple[SagasDeSistema, ...]:
    """Return what each system brings to the orchestrator."""
    return de_campanas(ajustes), de_partners(ajustes, _nadie)


def registro(ajustes: Ajustes = AJUSTES) -> Registro:
    """Return all definitions."""
    return Registro(tuple(d for s in sistemas(ajustes) for d in s.definiciones))


BORDES = tuple(s.borde for s in sistemas())
LECTURAS = tuple(lectura for s in sistemas() for lectura in s.lecturas)
