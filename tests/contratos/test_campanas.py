"""The wire of campaigns: what was stored, sent or published never changes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from aeropartners.contratos import campanas
from aeropartners.contratos.campanas import (
    ActualizarCampana,
    ActualizarMetricas,
    AplicarPago,
    CambiarEstadoCampana,
    CambiarPresupuesto,
    CancelarCampana,
    CrearCampana,
    CrearCampanaDeSaga,
    PagoExitosoRecibido,
)
from aeropartners.contratos.pagos import ProcesarPago
from aeropartners.modulos.campanas.dominio.eventos import (
    CampanaActivada,
    CampanaActualizada,
    CampanaAnulada,
    CampanaCancelada,
    CampanaCreada,
    CampanaFinalizada,
    CampanaPausada,
    MetricasCampanaActualizadas,
    PresupuestoCampanaActualizado,
)
from aeropartners.modulos.campanas.modulo import MODULO
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar, descifrar_sobre
from aeropartners.seedwork.dominio.evento import nombre_de
from tests.dobles.unidad_de_trabajo import ID, RESPUESTAS, SAGA
from tests.unidad.campanas.mundo import DATOS, FIN, INICIO, Mundo, crear
from tests.unidad.pagos import mundo as pagos

T = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
_ID = '"id":"22222222-2222-2222-2222-222222222222"'
_FECHA = '"fecha":"2025-01-02T03:04:05Z"'
_MOTIVO = '{"motivo":"no",' + _FECHA + "}"
_FECHAS = '"fecha_inicio":"2025-01-01T00:00:00Z","fecha_fin":"2025-12-31T23:59:59Z"'
_FICHA = (
    '"nombre":"Campaña","tipo":"RETENCION","presupuesto_monto":"1000.50","presupuesto_moneda":"COP",'
    + _FECHAS
    + ',"id_afiliado":"a1","descripcion":null'
)
_RETENCION = ("Campaña", "RETENCION", Decimal("1000.50"), "COP", INICIO, FIN, "a1")

MENSAJES: list[tuple[object, str, str]] = [
    (CrearCampana(ID, *_RETENCION), "CrearCampana", "{" + _ID + "," + _FICHA + "}"),
    (
        CrearCampanaDeSaga(ID, {"nombre": 7, "presupuesto": {"monto": 1.5}, "otro": [None]}),
        "CrearCampanaDeSaga",
        "{" + _ID + ',"datos":{"nombre":7,"presupuesto":{"monto":1.5},"otro":[null]}}',
    ),
    (CancelarCampana(ID), "CancelarCampana", "{" + _ID + ',"motivo":"","saga_id":null}'),
    (
        CambiarEstadoCampana(ID, "pausar"),
        "CambiarEstadoCampana",
        "{" + _ID + ',"accion":"pausar","motivo":""}',
    ),
    (
        ActualizarCampana(ID, "Otra", "", INICIO, FIN),
        "ActualizarCampana",
        "{" + _ID + ',"nombre":"Otra","descripcion":"",' + _FECHAS + "}",
    ),
    (
        CambiarPresupuesto(ID, Decimal("0.00"), "EUR"),
        "CambiarPresupuesto",
        "{" + _ID + ',"monto":"0.00","moneda":"EUR"}',
    ),
    (
        ActualizarMetricas(ID, 1, 2, 3, Decimal("4.50")),
        "ActualizarMetricas",
        "{" + _ID + ',"impresiones":1,"clicks":2,"conversiones":3,"gasto_actual":"4.50"}',
    ),
    (AplicarPago(ID, Decimal("200.50")), "AplicarPago", "{" + _ID + ',"monto":"200.50"}'),
    (
        PagoExitosoRecibido(SAGA, "a1", Decimal("200.50")),
        "PagoExitosoRecibido",
        '{"event_id":"11111111-1111-1111-1111-111111111111","id_afiliado":"a1","monto":"200.50"}',
    ),
]
EVENTOS: list[tuple[object, str, str]] = [
    (CampanaCreada(*_RETENCION, None, T), "CampanaCreada", "{" + _FICHA + "," + _FECHA + "}"),
    (
        CampanaActualizada("Otra", "ñ", INICIO, FIN, T),
        "CampanaActualizada",
        '{"nombre":"Otra","descripcion":"ñ",' + _FECHAS + "," + _FECHA + "}",
    ),
    (
        PresupuestoCampanaActualizado(Decimal("1000.50"), Decimal(5), "EUR", T),
        "PresupuestoCampanaActualizado",
        '{"presupuesto_anterior":"1000.50","presupuesto_nuevo":"5","moneda":"EUR",' + _FECHA + "}",
    ),
    (
        MetricasCampanaActualizadas(1, 2, 3, Decimal("4.50"), T),
        "MetricasCampanaActualizadas",
        '{"impresiones":1,"clicks":2,"conversiones":3,"gasto_actual":"4.50",' + _FECHA + "}",
    ),
    (CampanaActivada(T), "CampanaActivada", "{" + _FECHA + "}"),
    (CampanaPausada("no", T), "CampanaPausada", _MOTIVO),
    (CampanaFinalizada("no", T), "CampanaFinalizada", _MOTIVO),
    (CampanaCancelada("no", T), "CampanaCancelada", _MOTIVO),
    (CampanaAnulada("no", T), "CampanaAnulada", _MOTIVO),
]


@pytest.mark.parametrize(
    ("objeto", "nombre", "dorado"), MENSAJES + EVENTOS, ids=[n for _, n, _ in MENSAJES + EVENTOS]
)
def test_dorado(objeto: object, nombre: str, dorado: str) -> None:
    """Each message and stored event has its name, version 1 and its JSON, in both directions."""
    assert nombre_de(type(objeto)) == (nombre, 1)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, 1, dorado) == objeto


def test_todo_tiene_su_dorado() -> None:
    """Every event that the module stores, and every message that it takes, has its golden JSON here."""
    guardados = {nombre_de(e)[0] for clase in MODULO.agregados for e in clase.eventos}
    assert guardados == {nombre for _, nombre, _ in EVENTOS}
    assert {nombre_de(m.mensaje)[0] for m in MODULO.manejadores} == {nombre for _, nombre, _ in MENSAJES}


def test_temas() -> None:
    """Topics and the subscription are names that others hold."""
    assert (MODULO.suscripcion, MODULO.temas, MODULO.tema_muertos) == (
        "campaigns-failover",
        ("comandos-campanas", "payments.evt.completed"),
        "campaigns.DLQ",
    )
    assert campanas.TEMA_COMANDOS == "comandos-campanas"


VIDA = (crear(), CambiarEstadoCampana(ID, "activar"))
_PRESUPUESTO = '"presupuesto_monto":1000.50,"presupuesto_moneda":"USD"'
_CREADA = (
    f'"nombre":"Verano","tipo":"PROMOCIONAL",{_PRESUPUESTO},{_FECHAS},"id_afiliado":"a1","estado":"BORRADOR"'
)
# How much of its life the campaign has had, what is asked of it, and the event that the broker gets.
PUBLICOS: list[tuple[int, object, str, str, str]] = [
    (0, crear(), "created", "CampanaCreada", _CREADA),
    (
        0,
        CrearCampanaDeSaga(ID, DATOS),
        "created",
        "CampanaCreada",
        _CREADA.replace("1000.50", "1000.5"),
    ),
    (
        2,
        ActualizarCampana(ID, "Otoño", "otra"),
        "updated",
        "CampanaActualizada",
        f'"nombre":"Otoño",{_FECHAS},{_PRESUPUESTO},"estado":"ACTIVA"',
    ),
    (
        1,
        CambiarEstadoCampana(ID, "activar"),
        "activated",
        "CampanaActivada",
        '"nombre":"Verano","fecha_activacion":"2025-06-01T00:00:00Z"',
    ),
    (
        2,
        CambiarPresupuesto(ID, Decimal("90.25"), "EUR"),
        "budget_updated",
        "PresupuestoCampanaActualizado",
        '"presupuesto_anterior":1000.50,"presupuesto_nuevo":90.25,"moneda":"EUR"',
    ),
    (
        2,
        ActualizarMetricas(ID, 1000, 30, 2, Decimal("90.25")),
        "metrics_updated",
        "MetricasCampanaActualizadas",
        '"impresiones":1000,"clicks":30,"conversiones":2,"gasto_actual":90.25',
    ),
    (
        2,
        AplicarPago(ID, Decimal("200.50")),
        "metrics_updated",
        "MetricasCampanaActualizadas",
        '"impresiones":0,"clicks":0,"conversiones":1,"gasto_actual":20.05',
    ),
    (2, CambiarEstadoCampana(ID, "pausar", "no"), "generic", "CampanaPausada", '"motivo":"no"'),
    (2, CambiarEstadoCampana(ID, "finalizar", "no"), "generic", "CampanaFinalizada", '"motivo":"no"'),
    (2, CancelarCampana(ID, "no"), "generic", "CampanaCancelada", '"motivo":"no"'),
]


def _publicado(previos: int, mensaje: object, **de: Any) -> Envio:
    """Send the message to a campaign that has lived so much; return its one public event."""
    mundo = Mundo()
    for previo in VIDA[:previos]:
        mundo.http(previo)
    mundo.salidas.clear()
    assert mundo.tratar(mundo.sobre(mensaje, **de)).error is None
    [envio] = mundo.publicados()
    return envio


@pytest.mark.parametrize(("previos", "mensaje", "tema", "tipo", "propios"), PUBLICOS)
@pytest.mark.parametrize("saga_id", [None, SAGA])
def test_publico(
    previos: int, mensaje: object, tema: str, tipo: str, propios: str, saga_id: UUID | None
) -> None:
    """A public event has the contract's envelope, money as a number; a saga is its key and a property."""
    envio = _publicado(previos, mensaje, saga_id=saga_id)
    orden = previos + 1
    assert envio.propiedades
    id = envio.propiedades["event_id"]
    fecha = '"2025-06-01T00:00:00Z"'
    assert bytes(envio.cuerpo).decode() == (
        f'{{"event_type":"{tipo}","event_id":"{id}","timestamp":{fecha},"orden":{orden},'
        f'"data":{{"id":"{id}","fecha_evento":{fecha},"orden":{orden},"id_campana":"{ID}",{propios}}}}}'
    )
    assert (envio.tema, envio.clave) == (f"campaigns.evt.{tema}", str(saga_id or ID))
    de_saga = {"saga_id": str(saga_id)} if saga_id else {}
    assert envio.propiedades == {"event_type": tipo, "event_id": id, "source": "campanas", **de_saga}


def test_publicos_de_todos() -> None:
    """Every stored event is published, but the mark of an undo that came first."""
    publicados = {tipo for _, _, _, tipo, _ in PUBLICOS}
    assert publicados == {nombre for _, nombre, _ in EVENTOS} - {"CampanaAnulada"}


def test_respuestas() -> None:
    """What the orchestrator is told: made, cancelled, and refused after that."""
    mundo = Mundo()
    mundo.saga(CrearCampanaDeSaga(ID, DATOS))
    mundo.saga(CancelarCampana(ID, "SAGA_FALLIDA", SAGA), "CANCELAR_CAMPAÑA")
    mundo.saga(CrearCampanaDeSaga(ID, DATOS))
    sobres = [descifrar_sobre(bytes(e.cuerpo)) for e in mundo.salidas if e.tema == RESPUESTAS]
    assert [bytes(s.cuerpo).decode() for s in sobres] == [
        f'{{"exito":true,"resultado":{{"id":"{ID}","estado":"BORRADOR"}}}}',
        f'{{"exito":true,"resultado":{{"id":"{ID}","estado":"CANCELADA"}}}}',
        '{"exito":false,"codigo":"ANULADA","error":"La campaña fue cancelada"}',
    ]


def test_lo_que_pagos_publica() -> None:
    """The event that payments publish is the one that campaigns read, whole, under our name for its id."""
    emisor, receptor = pagos.Mundo(), Mundo()
    for previo in VIDA:
        receptor.http(previo)
    pago = {"id_afiliado": "a1", "monto": 200.5, "moneda": "USD", "referencia_pago": "r1"}
    emisor.saga(ProcesarPago(UUID(int=7), pago))
    emisor.agotar(pagos.Pasarela())
    [publicado] = [e for e in emisor.salidas if e.tema == MODULO.temas[1]]
    receptor.publico(bytes(publicado.cuerpo))
    [orden] = receptor.ordenes()
    assert msgspec.json.decode(orden.cuerpo, type=AplicarPago) == AplicarPago(ID, Decimal("200.50"))
    assert orden.causa_id == id_ajeno(UUID((publicado.propiedades or {})["event_id"]))
