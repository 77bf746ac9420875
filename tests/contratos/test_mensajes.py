"""A published name and version never changes: each message against its golden JSON."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from aeropartners.contratos import campanas, reporting, saga
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar, descifrar_sobre
from aeropartners.seedwork.dominio.evento import nombre_de
from saga_orchestrator.aplicacion.publicos import publicos
from tests.saga.lenguaje import SAGA, Escenario

DORADOS = Path(__file__).parent / "dorados"
ID = UUID("0190a5a0-0000-7000-8000-0000000000aa")
FECHA = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MENSAJES = [
    campanas.CrearCampana(
        ID, "Campaña", "PROMOCIONAL", Decimal("1000.50"), "USD", FECHA, FECHA, "afiliado", "texto"
    ),
    campanas.CrearCampanaDeSaga(ID, {"nombre": "Campaña"}),
    campanas.CancelarCampana(ID, "SAGA_FALLIDA", SAGA),
    campanas.CambiarEstadoCampana(ID, "activar", "motivo"),
    campanas.ActualizarCampana(ID, nombre="Otra"),
    campanas.CambiarPresupuesto(ID, Decimal("2.5"), "EUR"),
    campanas.ActualizarMetricas(ID, clicks=3),
    campanas.AplicarPago(ID, Decimal("10")),
    campanas.PagoExitosoRecibido(ID, "afiliado", Decimal("10")),
    reporting.GenerarReporteDeSaga(ID, {"tipo_reporte": "metricas_generales"}),
    reporting.FormarReporte(ID, "metricas_generales", {"fecha_inicio": "2025-01-01"}),
    reporting.RegistrarReporte(ID, "metricas_generales", {}, {"total": 1}, "v1"),
    reporting.CancelarReporte(ID, "SAGA_FALLIDA", SAGA),
    reporting.CambiarServicioDatos("http://127.0.0.1:9001", "v1"),
    saga.IniciarSaga(SAGA, "CREAR_CAMPANA_COMPLETA", {"campana": {}}, 30, "correlacion"),
    saga.PlazoVencido(SAGA, True, 2.5),
    saga.OrdenOperador(SAGA, "cancelar", "motivo", "quien"),
    saga.SincronizarPaso(SAGA, "PROCESAR_PAGO", True, {"estado": "EXITOSO"}),
    Respuesta(exito=False, codigo="X", error="e", reintentable=True),
]


def _dorado(nombre: str, hallado: bytes) -> None:
    """Compare with the golden file; a missing one is written once and fails, to be looked at."""
    ruta = DORADOS / f"{nombre}.json"
    bonito = msgspec.json.format(hallado, indent=1) + b"\n"
    if not ruta.exists():
        DORADOS.mkdir(exist_ok=True)
        ruta.write_bytes(bonito)
        pytest.fail(f"{ruta.name} no existía: revíselo y guárdelo")
    assert bonito == ruta.read_bytes()


@pytest.mark.parametrize("mensaje", MENSAJES, ids=lambda m: nombre_de(type(m))[0])
def test_cada_mensaje_tiene_su_json(mensaje: object) -> None:
    """A message is written as its golden JSON, and read from it again."""
    nombre, version = nombre_de(type(mensaje))
    dato = codificar(mensaje)
    _dorado(f"{nombre}.v{version}", dato)
    assert Diccionario([type(mensaje)]).descifrar(nombre, version, dato) == mensaje


def test_el_sobre() -> None:
    """The envelope with every field."""
    sobre = Sobre(
        id=ID,
        tipo="CancelarCampana",
        clave=str(SAGA),
        correlacion_id="correlacion",
        causa_id=SAGA,
        saga_id=SAGA,
        paso="CANCELAR_CAMPAÑA",
        intento=2,
        responder_a=saga.TEMA_RESPUESTAS,
        fecha=FECHA,
        cuerpo=msgspec.Raw(b'{"id":"x"}'),
        traceparent="00-1-2-01",
    )
    _dorado("Sobre", codificar(sobre))
    assert codificar(descifrar_sobre(codificar(sobre))) == codificar(sobre)


def test_los_eventos_de_una_saga_compensada() -> None:
    """What `saga-events` carries for a refused payment, message by message."""
    from aeropartners.seedwork.aplicacion.puertos import Registrado

    escenario = Escenario().exito("CREAR_CAMPAÑA").rechazo("PROCESAR_PAGO", "Fondos insuficientes")
    escenario.exito("CANCELAR_CAMPAÑA")
    causa = Sobre(id=ID, tipo="x", clave="x", fecha=FECHA)
    envios = [
        envio
        for version, evento in enumerate(escenario.eventos, 1)
        for envio in publicos(Registrado(SAGA, "saga", version, evento, causa, FECHA, SAGA), escenario.saga)
    ]
    assert {(e.tema, e.clave) for e in envios} == {("saga-events", str(SAGA))}
    assert all(set(e.propiedades or {}) == {"event_type", "event_id", "source", "saga_id"} for e in envios)
    _dorado("saga-events", b"[" + b",".join(bytes(e.cuerpo) for e in envios) + b"]")
