"""SALUDO_DOBLE: two greetings, both or neither."""

from aeropartners.contratos.saludos import TEMA_COMANDOS, Callar, Saludar

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Comandar, Compensacion, Paso, Presentacion

TIPO = "SALUDO_DOBLE"


def saludo_doble(ajustes: Ajustes) -> Definicion:
    """Return version 1."""

    def paso(tipo: str, estado: str, campo: str) -> Paso:
        return Paso(
            tipo=tipo,
            tema=TEMA_COMANDOS,
            comando=lambda saga, id: Saludar(id, saga.datos_iniciales[campo]),
            compensacion=Compensacion(f"CALLAR_{tipo}", _callar(), politica=ajustes.politica_compensacion),
            plazo_s=ajustes.plazo_paso_s,
            politica=ajustes.politica,
            presentacion=Presentacion(estado, f"Saga{campo.capitalize()}", datos=lambda datos: datos[campo]),
        )

    return Definicion(
        TIPO, 1, (paso("SALUDAR", "SALUDADO", "saludo"), paso("BRINDAR", "BRINDADO", "brindis"))
    )


def _callar() -> Comandar:
    return lambda _saga, id: Callar(id)
