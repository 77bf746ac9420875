"""The wire of payments: a message that was published never changes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from aeropartners.contratos.pagos import (
    Cargo,
    CobrarPago,
    CrearPago,
    MarcarProcesando,
    ProcesarPago,
    ReembolsarPago,
    RegistrarCobro,
    RegistrarReembolso,
    RevertirPago,
)
from aeropartners.modulos.pagos.aplicacion.puertos import CobroRechazado
from aeropartners.modulos.pagos.dominio.eventos import (
    CobroTardio,
    PagoAnulado,
    PagoExitoso,
    PagoFallido,
    PagoPendiente,
    PagoProcesando,
    PagoRevertido,
    ReembolsoConfirmado,
)
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar
from aeropartners.seedwork.dominio.evento import nombre_de
from tests.dobles.pasarela import Pasarela
from tests.dobles.unidad_de_trabajo import SAGA
from tests.unidad.pagos.mundo import Mundo

ID = UUID("22222222-2222-2222-2222-222222222222")
T = datetime(2025, 1, 1, 12, 30, tzinfo=UTC)
CARGO = Cargo(Decimal("10.50"), "USD", "r1", "invalid_card", True)
_ID = '"id":"22222222-2222-2222-2222-222222222222"'
_T = '"fecha":"2025-01-01T12:30:00Z"'
_CARGO = (
    '"cargo":{"monto":"10.50","moneda":"USD","referencia_pago":"r1","metodo":"invalid_card",'
    '"forzar_fallo":true}'
)

MENSAJES: list[tuple[object, str, int, str]] = [
    (
        CrearPago(ID, "a1", Decimal("10.50"), "USD", "r1", {"nota": "ñ"}),
        "CrearPago",
        1,
        "{" + _ID + ',"id_afiliado":"a1","monto":"10.50","moneda":"USD","referencia_pago":"r1",'
        '"metadata":{"nota":"ñ"}}',
    ),
    (
        ProcesarPago(ID, {"monto": 10.5, "otro": [1, None]}),
        "ProcesarPago",
        1,
        "{" + _ID + ',"datos":{"monto":10.5,"otro":[1,null]}}',
    ),
    (
        RevertirPago(ID, "SAGA_FALLIDA", SAGA),
        "RevertirPago",
        1,
        "{" + _ID + ',"motivo":"SAGA_FALLIDA","saga_id":"11111111-1111-1111-1111-111111111111"}',
    ),
    (
        CobrarPago(ID, CARGO, T),
        "CobrarPago",
        1,
        "{" + _ID + "," + _CARGO + ',"no_antes":"2025-01-01T12:30:00Z"}',
    ),
    (ReembolsarPago(ID, CARGO, True), "ReembolsarPago", 1, "{" + _ID + "," + _CARGO + ',"cobrado":true}'),
    (MarcarProcesando(ID), "MarcarProcesando", 1, "{" + _ID + "}"),
    (
        RegistrarCobro(ID, False, "Tarjeta rechazada"),
        "RegistrarCobro",
        1,
        "{" + _ID + ',"exito":false,"mensaje_error":"Tarjeta rechazada"}',
    ),
    (RegistrarReembolso(ID, False), "RegistrarReembolso", 1, "{" + _ID + ',"cobrado":false}'),
]
EVENTOS: list[tuple[object, str, int, str]] = [
    (
        PagoPendiente("a1", Decimal("10.50"), "USD", "r1", T, {"nota": 1}, SAGA),
        "PagoPendiente",
        1,
        '{"id_afiliado":"a1","monto":"10.50","moneda":"USD","referencia_pago":"r1",' + _T + ',"metadata":'
        '{"nota":1},"saga_id":"11111111-1111-1111-1111-111111111111"}',
    ),
    (PagoProcesando(T), "PagoProcesando", 1, "{" + _T + "}"),
    (PagoExitoso(T), "PagoExitoso", 1, "{" + _T + "}"),
    (
        PagoFallido("Tarjeta rechazada", T),
        "PagoFallido",
        1,
        '{"mensaje_error":"Tarjeta rechazada",' + _T + "}",
    ),
    (PagoRevertido("x", T), "PagoRevertido", 1, '{"motivo":"x",' + _T + "}"),
    (CobroTardio(True, T), "CobroTardio", 1, '{"exito":true,' + _T + "}"),
    (ReembolsoConfirmado(T), "ReembolsoConfirmado", 1, "{" + _T + "}"),
    (PagoAnulado("x", T), "PagoAnulado", 1, '{"motivo":"x",' + _T + "}"),
]


@pytest.mark.parametrize(
    ("objeto", "nombre", "version", "dorado"), MENSAJES + EVENTOS, ids=lambda v: str(v)[:20]
)
def test_dorado(objeto: object, nombre: str, version: int, dorado: str) -> None:
    """Each message and stored event has its name, its version and its JSON, in both directions."""
    assert nombre_de(type(objeto)) == (nombre, version)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, version, dorado) == objeto


def _publicado(tema: str, rechazo: str | None = None, revertir: bool = False) -> tuple[Any, dict[str, str]]:
    mundo = Mundo()
    datos = {"id_afiliado": "a1", "monto": 1000.0, "moneda": "USD", "referencia_pago": "r1"}
    mundo.saga(ProcesarPago(ID, datos))
    mundo.agotar(Pasarela(*([CobroRechazado(rechazo)] if rechazo else [])))
    if revertir:
        mundo.http(RevertirPago(ID, "cliente"))
    envio = [e for e in mundo.salidas if e.tema == tema][-1]
    assert envio.clave == str(SAGA)
    assert envio.propiedades is not None
    return bytes(envio.cuerpo).decode(), envio.propiedades


COMUNES = (
    '"id_pago":"22222222-2222-2222-2222-222222222222","id_afiliado":"a1","monto":1000.00,'
    '"moneda":"USD","referencia_pago":"r1"'
)
PUBLICOS = [
    ("payments.evt.pending", "PagoPendiente", 1, "", None, False),
    ("payments.evt.completed", "PagoExitoso", 3, "", None, False),
    (
        "payments.evt.failed",
        "PagoFallido",
        3,
        ',"mensaje_error":"Tarjeta rechazada"',
        "Tarjeta rechazada",
        False,
    ),
    ("pagos-events", "PagoRevertido", 4, ',"motivo":"cliente"', None, True),
]


@pytest.mark.parametrize(("tema", "tipo", "orden", "propios", "rechazo", "revertir"), PUBLICOS)
def test_publico(tema: str, tipo: str, orden: int, propios: str, rechazo: str | None, revertir: bool) -> None:
    """A public event has the contract's envelope, money as a number, and its properties as text."""
    cuerpo, propiedades = _publicado(tema, rechazo, revertir)
    id = propiedades["event_id"]
    fecha = '"2025-01-01T00:00:00Z"'
    assert cuerpo == (
        f'{{"event_type":"{tipo}","event_id":"{id}","timestamp":{fecha},"orden":{orden},'
        f'"data":{{"id":"{id}","fecha_evento":{fecha},"orden":{orden},{COMUNES}{propios}}}}}'
    )
    assert propiedades == {"event_type": tipo, "event_id": id, "source": "pagos", "saga_id": str(SAGA)}


@pytest.mark.parametrize(
    ("tema", "rechazo"),
    [
        ("payments.evt.pending", None),
        ("payments.evt.completed", None),
        ("payments.evt.failed", "Tarjeta rechazada"),
    ],
)
def test_espejo(tema: str, rechazo: str | None) -> None:
    """The campaigns' topics carry the same event with the same id as `pagos-events`."""
    mundo = Mundo()
    datos = {"id_afiliado": "a1", "monto": 10, "moneda": "USD", "referencia_pago": "r1"}
    mundo.saga(ProcesarPago(ID, datos))
    mundo.agotar(Pasarela(*([CobroRechazado(rechazo)] if rechazo else [])))
    [espejo] = mundo.publicos(tema)
    assert espejo in mundo.publicos("pagos-events")


def test_fuera_de_una_saga() -> None:
    """Outside a saga an event is keyed by its payment and names no saga."""
    mundo = Mundo()
    mundo.http(CrearPago(ID, "a1", Decimal(10), "USD", "r1"))
    envio = next(e for e in mundo.salidas if e.tema == "pagos-events")
    assert envio.clave == str(ID)
    assert envio.propiedades is not None
    assert "saga_id" not in envio.propiedades
