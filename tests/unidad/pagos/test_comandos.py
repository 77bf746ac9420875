"""The handlers: what a saga and an HTTP client are answered, and who owns a reference."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from aeropartners.contratos.pagos import (
    CrearPago,
    MarcarProcesando,
    ProcesarPago,
    RegistrarCobro,
    RegistrarReembolso,
    RevertirPago,
)
from aeropartners.modulos.pagos.aplicacion.puertos import CobroRechazado
from tests.dobles.pasarela import Pasarela
from tests.dobles.unidad_de_trabajo import SAGA
from tests.unidad.pagos.mundo import Mundo

ID = UUID("22222222-2222-2222-2222-222222222222")
DATOS: dict[str, Any] = {"id_afiliado": "a1", "monto": 1000.0, "moneda": "USD", "referencia_pago": "r1"}


@pytest.fixture
def mundo() -> Mundo:
    return Mundo()


def crear(referencia: str = "r1", id: UUID | None = None) -> CrearPago:
    return CrearPago(id or uuid4(), "a1", Decimal("10.00"), "USD", referencia)


def test_procesar_no_responde_aun(mundo: Mundo) -> None:
    """The saga hears of a payment when it is settled; one order goes to the caller."""
    assert mundo.saga(ProcesarPago(ID, DATOS)) is None
    [orden] = mundo.ordenes()
    assert (orden.tipo, orden.clave, orden.saga_id, orden.paso) == (
        "CobrarPago",
        str(ID),
        SAGA,
        "PROCESAR_PAGO",
    )
    assert (orden.intento, orden.responder_a) == (1, "respuestas-saga")


def test_exito(mundo: Mundo) -> None:
    """The final reply of a charged payment closes the step."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(Pasarela())
    paso, respuesta = mundo.respuestas[-1]
    assert (paso, respuesta.exito) == ("PROCESAR_PAGO", True)
    assert respuesta.resultado == {"id_pago": str(ID), "estado": "EXITOSO"}
    assert mundo.eventos(ID) == ["PagoPendiente", "PagoProcesando", "PagoExitoso"]


def test_rechazo(mundo: Mundo) -> None:
    """A decline is a refusal with the gateway's words."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(Pasarela(CobroRechazado("Tarjeta rechazada")))
    _, respuesta = mundo.respuestas[-1]
    assert (respuesta.exito, respuesta.codigo) == (False, "PAGO_RECHAZADO")
    assert respuesta.error == "Tarjeta rechazada"
    assert respuesta.resultado == {"id_pago": str(ID), "estado": "FALLIDO"}


@pytest.mark.parametrize(
    ("cambio", "dice"),
    [
        ({"monto": None}, "faltan monto"),
        ({"monto": "1000"}, "monto debe ser un número"),
        ({"monto": True}, "monto debe ser un número"),
        ({"monto": 0}, "mayor que 0"),
        ({"monto": -5}, "mayor que 0"),
        ({"monto": 1.001}, "dos decimales"),
        ({"monto": 1e13}, "10^12"),
        ({"monto": 10**12}, "10^12"),
        ({"moneda": "GBP"}, "Moneda no soportada"),
        ({"moneda": ["USD"]}, "moneda debe ser un texto"),
        ({"referencia_pago": "  "}, "referencia_pago debe tener"),
        ({"referencia_pago": "x" * 201}, "referencia_pago debe tener"),
        ({"referencia_pago": "a\x00b"}, "referencia_pago debe ser un texto"),
        ({"referencia_pago": {"a": 1}}, "referencia_pago debe ser un texto"),
        ({"id_afiliado": 7}, "id_afiliado debe ser un texto"),
        ({"metadata": [1]}, "metadata debe ser un objeto"),
    ],
)
def test_parte_invalida(mundo: Mundo, cambio: dict[str, Any], dice: str) -> None:
    """Whatever is wrong in the free-form part is a refusal that says what, and leaves nothing behind."""
    respuesta = mundo.saga(ProcesarPago(ID, DATOS | cambio))
    assert respuesta is not None
    assert (respuesta.exito, respuesta.codigo) == (False, "VALIDACION")
    assert dice in respuesta.error
    assert (mundo.historias, mundo.unicos, mundo.ordenes()) == ({}, {}, [])


def test_parte_vacia(mundo: Mundo) -> None:
    """All missing fields are named."""
    respuesta = mundo.saga(ProcesarPago(ID, {}))
    assert respuesta is not None
    assert respuesta.error == "Pago inválido: faltan id_afiliado, monto, moneda, referencia_pago"


def test_campos_de_mas(mundo: Mundo) -> None:
    """Extra fields are ignored, and text is NFC without margins."""
    mundo.saga(ProcesarPago(ID, DATOS | {"otro": 1, "referencia_pago": " campan\u0303a "}))
    solicitud = mundo.pago(ID).solicitud
    assert solicitud is not None
    assert solicitud.referencia_pago == "campa\u00f1a"


def test_referencia_repetida(mundo: Mundo) -> None:
    """A reference belongs to its first payment, also when that one fails."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(Pasarela(CobroRechazado("Tarjeta rechazada")))
    otro = uuid4()
    respuesta = mundo.saga(ProcesarPago(otro, DATOS))
    assert respuesta is not None
    assert (respuesta.codigo, respuesta.error) == ("DUPLICADO", "referencia_pago ya utilizada")
    assert otro not in mundo.historias


def test_referencia_repetida_por_http(mundo: Mundo) -> None:
    """An HTTP client is refused a used reference by the same rule."""
    assert mundo.http(crear()).error is None
    error = mundo.http(crear()).error
    assert error is not None
    assert error.codigo == "DUPLICADO"


def test_deshacer_duplicado(mundo: Mundo) -> None:
    """The undo of a payment that was refused finds nothing, and says that it is done."""
    mundo.saga(ProcesarPago(uuid4(), DATOS))
    mundo.saga(ProcesarPago(ID, DATOS))
    respuesta = mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    assert respuesta is not None
    assert respuesta.exito
    assert mundo.eventos(ID) == ["PagoAnulado"]


def test_orden_repetida_mientras_espera(mundo: Mundo) -> None:
    """A repeated command is answered for its own attempt, and charges once."""
    pasarela = Pasarela()
    mundo.saga(ProcesarPago(ID, DATOS), intento=1)
    mundo.saga(ProcesarPago(ID, DATOS), intento=2)
    intentos = [o.intento for o in mundo.ordenes()]
    assert intentos == [1, 2]
    mundo.saga(ProcesarPago(ID, DATOS), intento=3)
    mundo.agotar(pasarela)
    assert mundo.eventos(ID) == ["PagoPendiente", "PagoProcesando", "PagoExitoso"]
    assert pasarela.cobrados == {str(ID)}


@pytest.mark.parametrize("rechazo", [None, "Tarjeta rechazada"])
def test_orden_repetida_al_final(mundo: Mundo, rechazo: str | None) -> None:
    """A participant that is asked again answers again with its recorded outcome."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(Pasarela(*([CobroRechazado(rechazo)] if rechazo else [])))
    antes = mundo.respuestas[-1][1]
    assert mundo.saga(ProcesarPago(ID, DATOS), intento=2) == antes
    assert mundo.ordenes() == []


def test_anulado_rechaza_orden_tardia(mundo: Mundo) -> None:
    """A command that comes after its undo is refused, and its reference stays free."""
    mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    respuesta = mundo.saga(ProcesarPago(ID, DATOS))
    assert respuesta is not None
    assert (respuesta.exito, respuesta.codigo) == (False, "ANULADO")
    assert (mundo.unicos, mundo.ordenes()) == ({}, [])
    assert mundo.http(RevertirPago(ID, "x")).error is not None


def test_revertir_sin_cobro(mundo: Mundo) -> None:
    """A payment never marked is called off at once, and never charged."""
    pasarela = Pasarela()
    mundo.saga(ProcesarPago(ID, DATOS))
    respuesta = mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    assert respuesta is not None
    assert (respuesta.exito, respuesta.resultado["estado"]) == (True, "REVERTIDO")
    mundo.agotar(pasarela)
    assert pasarela.llamadas == []
    assert mundo.eventos(ID) == ["PagoPendiente", "PagoRevertido"]


def test_revertir_avisa_al_paso_que_espera(mundo: Mundo) -> None:
    """A client's reversal of a saga's payment refuses the step that waits for it."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.http(RevertirPago(ID, "cliente"))
    mundo.agotar(Pasarela())
    paso, respuesta = mundo.respuestas[-1]
    assert (paso, respuesta.exito, respuesta.codigo) == ("PROCESAR_PAGO", False, "ANULADO")


def test_revertir_exitoso(mundo: Mundo) -> None:
    """The saga hears of its undo when the money is back, and not before; asked again, at once."""
    pasarela = Pasarela()
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(pasarela)
    assert mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO") is None
    mundo.agotar(pasarela)
    paso, respuesta = mundo.respuestas[-1]
    assert (paso, respuesta.exito) == ("REVERTIR_PAGO", True)
    assert pasarela.devueltos == {f"{ID}:reembolso"}
    repetida = mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO", 2)
    assert repetida is not None
    assert repetida.exito
    assert mundo.ordenes() == []


def test_revertir_otra_vez_con_reembolso_pendiente(mundo: Mundo) -> None:
    """While the refund is open a repeated undo orders it again, and money goes back once."""
    pasarela = Pasarela()
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(pasarela)
    assert mundo.http(RevertirPago(ID, "cliente")).error is None
    assert mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO") is None
    mundo.agotar(pasarela)
    assert mundo.respuestas[-1][0] == "REVERTIR_PAGO"
    assert mundo.eventos(ID).count("ReembolsoConfirmado") == 1
    assert pasarela.devueltos == {f"{ID}:reembolso"}


def test_revertir_fallido(mundo: Mundo) -> None:
    """A failed payment is nothing to undo for a saga, and a conflict for a client."""
    mundo.saga(ProcesarPago(ID, DATOS))
    mundo.agotar(Pasarela(CobroRechazado("Tarjeta rechazada")))
    respuesta = mundo.saga(RevertirPago(ID, "x"), "REVERTIR_PAGO")
    assert respuesta is not None
    assert respuesta.exito
    error = mundo.http(RevertirPago(ID, "x")).error
    assert error is not None
    assert error.codigo == "CONFLICTO_DE_ESTADO"
    assert mundo.pago(ID).estado == "FALLIDO"


def test_revertir_desconocido_por_http(mundo: Mundo) -> None:
    """A client that reverts what does not exist is told so, and leaves no mark."""
    error = mundo.http(RevertirPago(ID, "x", SAGA)).error
    assert error is not None
    assert error.codigo == "NO_ENCONTRADO"
    assert mundo.historias == {}


@pytest.mark.parametrize(
    "mensaje", [MarcarProcesando(ID), RegistrarCobro(ID, True), RegistrarReembolso(ID)], ids=type
)
def test_pago_borrado(mundo: Mundo, mensaje: object) -> None:
    """What the caller brings for a payment that was cleaned away changes nothing and fails nothing."""
    mundo.saga(mensaje)
    assert mundo.historias == {}
