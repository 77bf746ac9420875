"""Reports without a database."""

from datetime import UTC, datetime
from uuid import UUID

from aeropartners.contratos.reporting import TEMA_LLAMADAS
from aeropartners.modulos.reporting.aplicacion.generacion import tareas
from aeropartners.modulos.reporting.aplicacion.puertos import ServicioNoResponde
from aeropartners.modulos.reporting.dominio.reporte import Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import SERVICIO, ServicioDatos
from aeropartners.modulos.reporting.modulo import MODULO
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from aeropartners.seedwork.aplicacion.modulo import sobre_derivado
from aeropartners.seedwork.dominio.agregado import Agregado
from tests.dobles.fuente_datos import Fuente
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria

AHORA = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def caida() -> ServicioNoResponde:
    """Return what a source raises when its service is down."""
    return ServicioNoResponde("El servicio de datos no responde: ConnectError")


class Mundo(UnidadEnMemoria):
    """The reporting module and the caller's loop."""

    def __init__(self) -> None:
        super().__init__(MODULO, AHORA, TEMA_LLAMADAS)

    def agregado(self, id: UUID) -> Agregado:
        """Return the aggregate as its stored events make it."""
        return self.rehecho(ServicioDatos(id) if id == SERVICIO else Reporte(id))

    def saga(self, mensaje: object, paso: str = "GENERAR_REPORTE", intento: int = 1) -> Respuesta | None:
        """Send a command as the orchestrator does; return the reply it gets at once."""
        return super().saga(mensaje, paso, intento)

    @property
    def respuestas(self) -> list[tuple[int, Respuesta]]:
        """Return (attempt, reply) of each reply to the orchestrator."""
        return [(sobre.intento, respuesta) for sobre, respuesta in self.contestado]

    def agotar(self, fuente: Fuente) -> None:
        """Do all orders that wait as one turn of the caller: received together, called one by one."""
        formar = tareas(fuente)
        for orden, tarea in [(orden, formar(orden)) for orden in self.ordenes()]:
            assert (tarea.marca(), tarea.no_antes()) == (None, None)
            self.tratar(sobre_derivado(orden, self.ids.nuevo(), tarea.llamar(None), self.ahora))
