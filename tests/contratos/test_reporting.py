"""The wire of reports: what was stored or sent never changes. The commands are in test_mensajes."""

import msgspec
import pytest

from aeropartners.contratos import reporting
from aeropartners.contratos.reporting import (
    CancelarReporte,
    FormarReporte,
    GenerarReporteDeSaga,
    RegistrarReporte,
)
from aeropartners.modulos.reporting.dominio.reporte import ReporteAnulado, ReporteCancelado, ReporteGenerado
from aeropartners.modulos.reporting.dominio.servicio_datos import SERVICIO, ServicioDatosCambiado
from aeropartners.modulos.reporting.modulo import MODULO
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar, descifrar_sobre
from aeropartners.seedwork.dominio.evento import nombre_de
from tests.dobles.fuente_datos import Fuente
from tests.dobles.unidad_de_trabajo import ID, RESPUESTAS, SAGA
from tests.unidad.reporting.mundo import AHORA, Mundo, caida

_ID = '"id":"22222222-2222-2222-2222-222222222222"'
_FECHA = '"fecha":"2025-01-02T03:04:05Z"'

DORADOS: list[tuple[object, str, str]] = [
    (
        GenerarReporteDeSaga(ID, {"tipo_reporte": "metricas_generales", "n": [1.5, None]}),
        "GenerarReporteDeSaga",
        "{" + _ID + ',"datos":{"tipo_reporte":"metricas_generales","n":[1.5,null]}}',
    ),
    (
        FormarReporte(ID, "CAMPAÑA_COMPLETA"),
        "FormarReporte",
        "{" + _ID + ',"tipo":"CAMPAÑA_COMPLETA","filtros":{}}',
    ),
    (
        RegistrarReporte(ID, "campanas_activas", {}, codigo="SERVICIO_DATOS", error="no"),
        "RegistrarReporte",
        "{" + _ID + ',"tipo":"campanas_activas","filtros":{},"datos":{},"version_servicio_datos":"",'
        '"codigo":"SERVICIO_DATOS","error":"no"}',
    ),
    (CancelarReporte(ID), "CancelarReporte", "{" + _ID + ',"motivo":"","saga_id":null}'),
    (
        ReporteGenerado("pagos_x", "pagos_por_periodo", {"moneda": "USD"}, {"total": 1.5}, "v1", AHORA),
        "ReporteGenerado",
        '{"id_publico":"pagos_x","tipo":"pagos_por_periodo","filtros":{"moneda":"USD"},'
        '"datos":{"total":1.5},"version_servicio_datos":"v1",' + _FECHA + "}",
    ),
    (ReporteCancelado("no", AHORA), "ReporteCancelado", '{"motivo":"no",' + _FECHA + "}"),
    (ReporteAnulado("no", AHORA), "ReporteAnulado", '{"motivo":"no",' + _FECHA + "}"),
    (
        ServicioDatosCambiado("http://x:9002", "v2", AHORA),
        "ServicioDatosCambiado",
        '{"url":"http://x:9002","version":"v2",' + _FECHA + "}",
    ),
]


@pytest.mark.parametrize(("objeto", "nombre", "dorado"), DORADOS, ids=[nombre for _, nombre, _ in DORADOS])
def test_dorado(objeto: object, nombre: str, dorado: str) -> None:
    """Each message and stored event has its name, version 1 and its JSON, in both directions."""
    assert nombre_de(type(objeto)) == (nombre, 1)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, 1, dorado) == objeto


def test_eventos_dorados() -> None:
    """Every event that the module stores has its golden JSON here."""
    guardados = {nombre_de(e)[0] for clase in MODULO.agregados for e in clase.eventos}
    assert guardados <= {nombre for _, nombre, _ in DORADOS}


def test_temas() -> None:
    """Topics, subscriptions and the one stream of the service are names that others hold."""
    assert (MODULO.suscripcion, MODULO.temas, MODULO.tema_muertos) == (
        "reporting",
        ("comandos-reporting",),
        "dlq-reporting",
    )
    llamadas = (reporting.TEMA_LLAMADAS, reporting.SUSCRIPCION_LLAMADAS)
    assert llamadas == ("llamadas-reporting", "reporting-datos")
    assert str(SERVICIO) == "5e4c1d36-6f3c-5f0e-8a59-6d7a0c2b9f10"


NOMBRE = "metricas_20250102_030405_222222222222"
RESPUESTAS_DORADAS = [
    (
        "GENERAR_REPORTE",
        f'{{"exito":true,"resultado":{{"id":"{NOMBRE}","estado":"GENERADO","tipo":"metricas_generales"}}}}',
    ),
    (
        "CANCELAR_REPORTE",
        f'{{"exito":true,"resultado":{{"id":"{NOMBRE}","estado":"CANCELADO","tipo":"metricas_generales"}}}}',
    ),
    ("GENERAR_REPORTE", '{"exito":false,"codigo":"ANULADO","error":"El reporte fue cancelado"}'),
]


def test_respuestas() -> None:
    """What the orchestrator is told of a report: made, cancelled, and refused after that."""
    mundo = Mundo()
    pedir = GenerarReporteDeSaga(ID, {"tipo_reporte": "metricas_generales"})
    mundo.saga(pedir)
    mundo.agotar(Fuente())
    mundo.saga(CancelarReporte(ID, "SAGA_FALLIDA", SAGA), "CANCELAR_REPORTE")
    mundo.saga(pedir)
    sobres = [descifrar_sobre(bytes(e.cuerpo)) for e in mundo.salidas if e.tema == RESPUESTAS]
    assert [(s.paso, bytes(s.cuerpo).decode()) for s in sobres] == RESPUESTAS_DORADAS
    assert {s.saga_id for s in sobres} == {SAGA}


def test_fallo_tecnico() -> None:
    """An outage is marked for the orchestrator to try again."""
    mundo = Mundo()
    mundo.saga(GenerarReporteDeSaga(ID, {"tipo_reporte": "metricas_generales"}))
    mundo.agotar(Fuente(caida()))
    [(_, respuesta)] = mundo.respuestas
    assert msgspec.json.decode(codificar(respuesta)) == {
        "exito": False,
        "codigo": "SERVICIO_DATOS",
        "error": "El servicio de datos no responde: ConnectError",
        "reintentable": True,
    }
    assert msgspec.json.decode(codificar(respuesta), type=Respuesta) == respuesta
