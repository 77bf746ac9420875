"""Sample data for a definition: empty objects wherever its commands read a field."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.simulacion.guion import saga_de
from saga_orchestrator.dominio.definicion import Comando, Definicion
from saga_orchestrator.dominio.retrato import DatosDeMuestra
from saga_orchestrator.dominio.saga import Saga


class FaltanDatos(Exception):
    """A command cannot be made from these data; the message names the command and the error."""


def datos_para(definicion: Definicion, datos: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return data from which all commands of the definition can be made: the given ones, or a sample.

    Raises FaltanDatos.
    """
    muestra = DatosDeMuestra() if datos is None else datos
    saga = Saga(saga_de(1))
    saga.definicion, saga.datos_iniciales = definicion, muestra
    for indice, paso in enumerate(definicion.pasos):
        _hacer(paso.tipo, paso.comando, saga, indice)
        paso.presentacion.datos(muestra)
        if paso.compensacion:
            _hacer(paso.compensacion.tipo, paso.compensacion.comando, saga, indice)
    return muestra


def _hacer(tipo: str, comando: Callable[[Saga, UUID], Comando], saga: Saga, indice: int) -> None:
    try:
        codificar(comando(saga, saga.id_de(indice)).mensaje)
    except Exception as error:
        raise FaltanDatos(f"{tipo}: {type(error).__name__}: {error}") from error
