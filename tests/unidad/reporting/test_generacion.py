"""A saga's report from order to reply: the service down then up, repeats, undo before its command."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from uuid import UUID, uuid4

import msgspec
import pytest

from aeropartners.contratos.reporting import (
    CancelarReporte,
    FormarReporte,
    GenerarReporteDeSaga,
    RegistrarReporte,
)
from aeropartners.modulos.reporting.aplicacion import generacion
from aeropartners.modulos.reporting.aplicacion.generacion import Generador, tareas
from aeropartners.modulos.reporting.aplicacion.puertos import Datos, ServicioNoResponde, SinServicio
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, codificar
from tests.dobles.fuente_datos import Fuente
from tests.dobles.unidad_de_trabajo import ID, SAGA
from tests.unidad.reporting.mundo import AHORA, Mundo, caida

TIPO = "metricas_generales"
NOMBRE = "metricas_20250102_030405_222222222222"
HECHO = Respuesta(exito=True, resultado={"id": NOMBRE, "estado": "GENERADO", "tipo": TIPO})


def pedir(id: UUID = ID, **filtros: str) -> GenerarReporteDeSaga:
    return GenerarReporteDeSaga(id, {"tipo_reporte": TIPO, "filtros": filtros})


@pytest.fixture
def mundo() -> Mundo:
    return Mundo()


def test_orden(mundo: Mundo) -> None:
    """A valid request answers nothing yet; its order carries the saga's identity."""
    assert mundo.saga(pedir(moneda="USD")) is None
    [orden] = mundo.ordenes()
    assert (orden.tipo, orden.clave, orden.saga_id, orden.paso, orden.intento, orden.responder_a) == (
        "FormarReporte",
        str(ID),
        SAGA,
        "GENERAR_REPORTE",
        1,
        "respuestas-saga",
    )
    orden_leida = msgspec.json.decode(orden.cuerpo, type=FormarReporte)
    assert orden_leida == FormarReporte(ID, TIPO, {"moneda": "USD"})
    assert mundo.historias == {}


def test_exito(mundo: Mundo) -> None:
    """With the data the report is kept, and the saga learns its public name."""
    fuente = Fuente()
    mundo.saga(pedir(moneda="USD"))
    mundo.agotar(fuente)
    assert mundo.respuestas == [(1, HECHO)]
    assert mundo.eventos() == ["ReporteGenerado"]
    assert fuente.llamadas == [(TIPO, {"moneda": "USD"})]


def test_servicio_caido_y_luego_bien(mundo: Mundo) -> None:
    """A service that does not answer is a technical failure of that attempt; the next one succeeds."""
    fuente = Fuente(caida())
    mundo.saga(pedir(), intento=1)
    mundo.agotar(fuente)
    fallo = Respuesta(
        exito=False,
        reintentable=True,
        codigo="SERVICIO_DATOS",
        error="El servicio de datos no responde: ConnectError",
    )
    assert (mundo.respuestas, mundo.historias) == ([(1, fallo)], {})
    mundo.saga(pedir(), intento=2)
    mundo.agotar(fuente)
    assert mundo.respuestas[1:] == [(2, HECHO)]


def test_sin_servicio(mundo: Mundo) -> None:
    """Without an active service the report is refused for good."""
    mundo.saga(pedir())
    mundo.agotar(Fuente(SinServicio("No hay un servicio de datos activo")))
    [(_, respuesta)] = mundo.respuestas
    assert (respuesta.exito, respuesta.reintentable, respuesta.codigo) == (False, False, "SIN_SERVICIO")
    assert mundo.historias == {}


def test_repetida_al_final(mundo: Mundo) -> None:
    """A report that is there answers again as it is, and fetches nothing."""
    mundo.saga(pedir())
    mundo.agotar(Fuente())
    assert mundo.saga(pedir(), intento=2) == HECHO
    assert mundo.ordenes() == []
    assert mundo.eventos() == ["ReporteGenerado"]


def test_repetida_mientras_espera(mundo: Mundo) -> None:
    """Two attempts under way make one report, and each gets its own answer."""
    mundo.saga(pedir(), intento=1)
    mundo.saga(pedir(), intento=2)
    mundo.agotar(Fuente())
    assert mundo.respuestas == [(1, HECHO), (2, HECHO)]
    assert mundo.eventos() == ["ReporteGenerado"]


def test_fallo_tras_el_exito_de_otro_intento(mundo: Mundo) -> None:
    """A failure that comes after another attempt's success answers with the report."""
    mundo.saga(pedir())
    mundo.agotar(Fuente())
    tardio = RegistrarReporte(ID, TIPO, {}, codigo="SERVICIO_DATOS", error="caído")
    assert mundo.saga(tardio, intento=2) == HECHO


def test_anulado_antes_de_su_orden(mundo: Mundo) -> None:
    """An undo that comes first is done, leaves a mark, and its late command is refused."""
    deshecho = mundo.saga(CancelarReporte(ID, "SAGA_FALLIDA", SAGA), "CANCELAR_REPORTE")
    assert deshecho == Respuesta(exito=True, resultado={"id": str(ID), "estado": "CANCELADO"})
    tardia = mundo.saga(pedir())
    assert tardia is not None
    assert (tardia.exito, tardia.reintentable, tardia.codigo) == (False, False, "ANULADO")
    assert (mundo.eventos(), mundo.ordenes()) == (["ReporteAnulado"], [])


def test_anulado_mientras_se_traen_los_datos(mundo: Mundo) -> None:
    """An undo between the order and its data wins: what was fetched is thrown away."""
    fuente = Fuente()
    mundo.saga(pedir())
    mundo.saga(CancelarReporte(ID, "SAGA_FALLIDA", SAGA), "CANCELAR_REPORTE")
    mundo.agotar(fuente)
    assert mundo.respuestas[-1][1].codigo == "ANULADO"
    assert (len(fuente.llamadas), mundo.eventos()) == (1, ["ReporteAnulado"])


def test_deshacer(mundo: Mundo) -> None:
    """The undo of a report cancels it once; repeated it answers the same; its command is refused then."""
    mundo.saga(pedir())
    mundo.agotar(Fuente())
    cancelado = Respuesta(exito=True, resultado={"id": NOMBRE, "estado": "CANCELADO", "tipo": TIPO})
    for _ in range(2):
        assert mundo.saga(CancelarReporte(ID, "SAGA_FALLIDA", SAGA), "CANCELAR_REPORTE") == cancelado
    assert mundo.eventos() == ["ReporteGenerado", "ReporteCancelado"]
    tardia = mundo.saga(pedir(), intento=2)
    assert tardia is not None
    assert tardia.codigo == "ANULADO"


def test_cancelar_lo_desconocido_por_http(mundo: Mundo) -> None:
    """For an HTTP client an unknown report, or only a mark, is not there; no mark is left."""
    mundo.saga(CancelarReporte(ID, "x", SAGA), "CANCELAR_REPORTE")
    for id in (uuid4(), ID):
        error = mundo.http(CancelarReporte(id)).error
        assert error is not None
        assert error.codigo == "NO_ENCONTRADO"
    assert list(mundo.historias) == [ID]


def test_caida_por_http(mundo: Mundo) -> None:
    """For an HTTP client an outage is an exception, so that its key keeps no answer."""
    with pytest.raises(ServicioNoResponde, match="caído"):
        mundo.http(RegistrarReporte(ID, TIPO, {}, codigo="SERVICIO_DATOS", error="caído"))


def test_un_turno_comparte(mundo: Mundo) -> None:
    """Orders that came together with equal type and filters share one fetch; others have their own."""
    fuente = Fuente()
    ids = [uuid4() for _ in range(5)]
    for id in ids:
        mundo.saga(pedir(id, moneda="USD"))
    mundo.saga(pedir(uuid4(), moneda="EUR"))
    mundo.agotar(fuente)
    assert [filtros["moneda"] for _, filtros in fuente.llamadas] == ["USD", "EUR"]
    assert [r.exito for _, r in mundo.respuestas] == [True] * 6


def test_un_turno_comparte_la_caida(mundo: Mundo) -> None:
    """A service that is down is asked once a turn, not once an order."""
    fuente = Fuente(caida(), caida())
    for _ in range(3):
        mundo.saga(pedir(uuid4()))
    mundo.agotar(fuente)
    assert len(fuente.llamadas) == 1
    assert [r.codigo for _, r in mundo.respuestas] == ["SERVICIO_DATOS"] * 3


def test_nunca_datos_de_antes() -> None:
    """A request never gets data whose fetch began before it came: a switch counts from the next one."""
    generador = Generador(Fuente(Datos({"n": 1}, "v1"), Datos({"n": 2}, "v2")))
    orden = FormarReporte(ID, TIPO)
    primera = generador.formar(orden, generador.llegar())
    assert generador.formar(orden, generador.llegar()).version_servicio_datos == "v2"
    assert primera.version_servicio_datos == "v1"


def test_llegar_durante_una_consulta() -> None:
    """Those that come while a fetch is under way share the next one, among threads."""
    fuente = FuenteLenta()
    generador, barrera = Generador(fuente), Barrier(4)
    orden = FormarReporte(ID, TIPO)

    def otro() -> RegistrarReporte:
        llegada = generador.llegar()
        barrera.wait(10)
        return generador.formar(orden, llegada)

    with ThreadPoolExecutor(4) as hilos:
        primero = hilos.submit(generador.formar, orden, generador.llegar())
        assert fuente.empezada.wait(10)
        otros = [hilos.submit(otro) for _ in range(3)]
        barrera.wait(10)
        fuente.seguir.set()
        assert primero.result(10).datos == {"total": 1}
        assert [o.result(10).datos for o in otros] == [{"total": 2}] * 3


class FuenteLenta(Fuente):
    """A source whose calls wait until the test lets them go on."""

    def __init__(self) -> None:
        super().__init__()
        self.empezada = Event()
        self.seguir = Event()

    def obtener(self, tipo: str, filtros: Mapping[str, str]) -> Datos:
        self.empezada.set()
        assert self.seguir.wait(10)
        return super().obtener(tipo, filtros)


def test_memoria_acotada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last kinds of request are remembered; a forgotten one is fetched again."""
    monkeypatch.setattr(generacion, "CLAVES", 2)
    fuente = Fuente()
    generador = Generador(fuente)
    llegada = generador.llegar()
    for moneda in ("USD", "EUR", "USD", "COP", "EUR", "USD"):
        generador.formar(FormarReporte(ID, TIPO, {"moneda": moneda}), llegada)
    assert [f["moneda"] for _, f in fuente.llamadas] == ["USD", "EUR", "COP", "EUR", "USD"]


def test_defecto_de_la_fuente() -> None:
    """Any other exception of a source goes up, and is not taken for an answer by the next."""
    generador = Generador(Fuente(KeyError("defecto")))
    llegada, orden = generador.llegar(), FormarReporte(ID, TIPO)
    with pytest.raises(KeyError):
        generador.formar(orden, llegada)
    assert generador.formar(orden, llegada).datos == {"total": 2}


def test_orden_desconocida() -> None:
    """An order that the caller does not know cannot be decoded."""
    sobre = Sobre(id=uuid4(), tipo="Otra", clave="c", fecha=AHORA, cuerpo=msgspec.Raw(codificar({})))
    with pytest.raises(NoDescifrable):
        tareas(Fuente())(sobre)
