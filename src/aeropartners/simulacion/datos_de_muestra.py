"""Sample data for a definition: empty objects wherever its commands read a field."""

from typing import Any

from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.simulacion.guion import saga_de
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Comandar
from saga_orchestrator.dominio.saga import Saga


class DatosDeMuestra(dict[str, Any]):
    """A dict that has whatever it is asked for."""

    def __missing__(self, clave: str) -> "DatosDeMuestra":
        self[clave] = DatosDeMuestra()
        return self[clave]  # type: ignore[no-any-return]


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
        paso.presentacion.datos(muestra)
        undos = [p.deshacer for p in paso.luego]
        if paso.compensacion:
            undos.append(paso.compensacion.comando)
        for comando in (*(p.comando for p in paso.partes), *undos):
            if comando:
                _hacer(paso.tipo, comando, saga, indice)
    return muestra


def _hacer(tipo: str, comando: Comandar, saga: Saga, indice: int) -> None:
    try:
        codificar(comando(saga, saga.id_de(indice)))
    except Exception as error:
        raise FaltanDatos(f"{tipo}: {type(error).__name__}: {error}") from error
