"""Weeks of sagas leave when all of them ended, on both databases, and the totals follow."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_interno
from aeropartners.seedwork.aplicacion.publicador import Publicador
from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura import particiones
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.proyector import Proyector
from aeropartners.seedwork.infraestructura.sistema import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.uow import UnidadSQL
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.definiciones import registro
from saga_orchestrator.definiciones.ajustes import Ajustes
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.retencion import Retencion
from saga_orchestrator.infraestructura.totales import TotalesDeSagas
from tests.conformidad.banco import BrokerDeMentira
from tests.datos import cuerpo_de_saga

TIPO = "CREAR_CAMPANA_COMPLETA"
PASOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")
LUNES = datetime(2025, 3, 3, tzinfo=UTC)
TABLAS = ("sagas", "saga_pasos", "saga_compensaciones", "saga_eventos")


class Archivo:
    """An orchestrator's database whose sagas begin when the test says."""

    def __init__(self, motor: Motor) -> None:
        self.motor, self.ids, self.reloj = motor, Uuid7(), RelojReal()
        conocidas = registro(Ajustes())
        self.totales = TotalesDeSagas(conocidas.finales)
        almacen = AlmacenSagas(conocidas, self.totales)
        self.ejecutor = Ejecutor(
            Procesador(Orquestador(conocidas).modulo(), self.ids),
            lambda: UnidadSQL(motor, almacen, self.reloj, self.ids),
            Publicador(BrokerDeMentira()),
        )
        self.retencion = Retencion(motor, self.totales, conocidas.finales)
        self.proyector = Proyector(motor, [self.totales])
        self.proyector.una_ronda()

    def iniciar(self, momento: datetime) -> UUID:
        saga_id = UUID(
            int=particiones.frontera(momento).int | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1
        )
        mensaje = IniciarSaga(saga_id, TIPO, cuerpo_de_saga())
        self._tratar(sobre_interno(self.ids.nuevo(), mensaje, saga_id, self.reloj.ahora()))
        return saga_id

    def terminar(self, saga_id: UUID) -> None:
        for paso in PASOS:
            sobre = sobre_interno(self.ids.nuevo(), Respuesta(exito=True), saga_id, self.reloj.ahora())
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


@pytest.fixture
def archivo(motor: Motor) -> Archivo:
    """An archive; on PostgreSQL the first week has partitions, the others are in the default one."""
    if motor.es_postgres:
        with motor.escritura() as con:
            for tabla in TABLAS:
                particiones.crear(con, tabla, LUNES, particiones.SEMANA)
            con.commit()
    return Archivo(motor)


@pytest.mark.parametrize("semanas", [0, 1], ids=["con particion", "sin particion"])
def test_una_semana_terminada_se_va(archivo: Archivo, semanas: int) -> None:
    """All rows of its sagas go, those of the next week stay, and the totals tell what is there."""
    lunes = LUNES + semanas * particiones.SEMANA
    for _ in range(3):
        archivo.terminar(archivo.iniciar(lunes + timedelta(days=2)))
    reciente = archivo.iniciar(datetime.now(UTC))
    antes = datetime.now(UTC) - timedelta(days=90)
    [semana] = archivo.retencion.semanas(antes)
    assert (semana.lunes, semana.sagas, semana.abiertas, semana.retirable) == (lunes, 3, 0, True)
    archivo.retencion.retirar(lunes)
    assert archivo.filas() == {"sagas": 1, "saga_pasos": 3, "saga_compensaciones": 0, "saga_eventos": 1}
    assert archivo.contadas() == {"INICIADA": 1}
    assert archivo.retencion.semanas(antes) == []
    assert archivo.proyector.reconstruir(archivo.totales) == {}
    archivo.terminar(reciente)


def test_una_abierta_guarda_su_semana(archivo: Archivo) -> None:
    """A week with a saga that has not ended stays whole, also when it is asked for by name."""
    archivo.terminar(archivo.iniciar(LUNES))
    abierta = archivo.iniciar(LUNES + timedelta(days=6))
    antes = archivo.filas()
    [semana] = archivo.retencion.semanas(datetime.now(UTC))
    assert (semana.abiertas, semana.retirable) == (1, False)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas() == antes
    archivo.terminar(abierta)
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] == 0


def test_contar_no_detiene_a_nadie(archivo: Archivo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A saga of the week can begin while it is counted; the week then stays, with all that it had."""
    archivo.terminar(archivo.iniciar(LUNES))
    contar, nuevas = archivo.totales.de, list[UUID]()

    def contar_y_seguir(*que: Any) -> Any:
        contado = contar(*que)
        nuevas.append(archivo.iniciar(LUNES + timedelta(days=1)))
        return contado

    monkeypatch.setattr(archivo.totales, "de", contar_y_seguir)
    with pytest.raises(Conflicto, match="2025-03-03"):
        archivo.retencion.retirar(LUNES)
    monkeypatch.undo()
    assert (len(nuevas), archivo.filas()["sagas"]) == (1, 2)
    assert archivo.contadas() == {"COMPLETADA": 1, "INICIADA": 1}
    archivo.terminar(nuevas[0])
    archivo.retencion.retirar(LUNES)
    assert archivo.filas()["saga_eventos"] == 0
    assert archivo.proyector.reconstruir(archivo.totales) == {}


def test_lo_reciente_no_se_toca(archivo: Archivo) -> None:
    """A week that has not passed whole is not there to be removed."""
    archivo.terminar(archivo.iniciar(LUNES + timedelta(days=3)))
    assert archivo.retencion.semanas(LUNES + timedelta(days=6)) == []
    assert len(archivo.retencion.semanas(LUNES + timedelta(days=7))) == 1
