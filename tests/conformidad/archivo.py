"""An orchestrator's database with sagas that began when a test says."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.operacion import particiones
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas
from saga_orchestrator.infraestructura.mantenimiento.retencion import Retencion
from tests.datos import cuerpo_de_saga
from tests.dobles.broker import BrokerEnMemoria
from tests.sagas_de_los_sistemas import LECTURAS, registro

TIPO = "CREAR_CAMPANA_COMPLETA"
PASOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")
LUNES = datetime(2025, 3, 3, tzinfo=UTC)
TABLAS = ("sagas", "saga_pasos", "saga_compensaciones", "saga_eventos")


class Archivo:
    """An orchestrator's database whose sagas begin when the test says."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        conocidas = registro(Ajustes())
        self.totales = TotalesDeSagas()
        almacen = AlmacenSagas(conocidas, self.totales)
        self.ejecutor = Ejecutor(
            Procesador(Orquestador(conocidas).modulo(), self.ids),
            lambda: UnidadSQL(motor, almacen, self.reloj, self.ids),
            Publicador(BrokerEnMemoria()),
        )
        self.retencion = Retencion(motor, self.reloj, self.totales, LECTURAS)
        self.proyector = Proyector(motor, [self.totales])
        self.proyector.una_ronda()

    def iniciar(self, momento: datetime) -> UUID:
        saga_id = UUID(
            int=particiones.frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1
        )
        return self.iniciar_con(saga_id)

    def iniciar_con(self, saga_id: UUID) -> UUID:
        mensaje = IniciarSaga(saga_id, TIPO, cuerpo_de_saga())
        self._tratar(sobre_interno(self.ids.nuevo(), mensaje, saga_id, self.reloj.ahora()))
        return saga_id

    def terminar(self, saga_id: UUID) -> None:
        for paso in PASOS:
            self.lograr(saga_id, paso)

    def lograr(self, saga_id: UUID, paso: str) -> None:
        self._contestar(saga_id, paso, Respuesta(exito=True))

    def rechazar(self, saga_id: UUID, paso: str) -> None:
        self._contestar(saga_id, paso, Respuesta(exito=False, error="no"))

    def fallar(self, saga_id: UUID, paso: str) -> None:
        self._contestar(saga_id, paso, Respuesta(exito=False, error="avería", reintentable=True))

    def _contestar(self, saga_id: UUID, paso: str, respuesta: Respuesta) -> None:
        sobre = sobre_interno(self.ids.nuevo(), respuesta, saga_id, self.reloj.ahora())
        self._tratar(msgspec.structs.replace(sobre, paso=paso, intento=1))

    def _tratar(self, sobre: Sobre) -> None:
        self.ejecutor.ejecutar(lambda _uow: [sobre])

    def filas(self) -> dict[str, int]:
        with self.motor.lectura() as con:
            return {t: con.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in TABLAS}

    def contadas(self) -> dict[str, int]:
        """Return the sagas by state that a reader is told of."""
        leidos = LecturaTotales(self.motor, self.totales).leer(TIPO)
        return {c.clave: int(v) for c, v in leidos.items() if c.medida == "sagas"}
