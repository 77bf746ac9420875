"""The aggregate: given events, when a method, then events or a named broken rule."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

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
from aeropartners.modulos.pagos.dominio.pago import (
    Cobro,
    Estado,
    Pago,
    PagoFallidoNoSeRevierte,
    PagoYaAnulado,
)
from aeropartners.modulos.pagos.dominio.solicitud import MontoDebeSerPositivo, Solicitud
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import Dinero

ID = UUID("22222222-2222-2222-2222-222222222222")
T = datetime(2025, 1, 1, tzinfo=UTC)
SOLICITUD = Solicitud("a1", Dinero(Decimal(10), "USD"), "r1", {"nota": "x"})
PENDIENTE = PagoPendiente("a1", Decimal(10), "USD", "r1", T, {"nota": "x"})
PROCESANDO = PagoProcesando(T)
EXITOSO = PagoExitoso(T)
FALLIDO = PagoFallido("Tarjeta rechazada", T)
REVERTIDO = PagoRevertido("no", T)


def dado(*eventos: object) -> Pago:
    pago = Pago(ID)
    pago.reproducir(list(eventos))
    return pago


def test_crear() -> None:
    """A new payment is pending, and nothing was charged."""
    pago = dado()
    pago.crear(SOLICITUD, None, T)
    assert pago.pendientes == [PENDIENTE]
    assert (pago.estado, pago.cobro) == (Estado.PENDIENTE, Cobro.SIN_COBRO)


def test_crear_otra_vez() -> None:
    """A payment that exists stays as it is."""
    pago = dado(PENDIENTE, PROCESANDO)
    pago.crear(SOLICITUD, None, T)
    assert pago.pendientes == []


def test_crear_anulado() -> None:
    """The command of a payment whose undo came first is refused."""
    with pytest.raises(PagoYaAnulado) as error:
        dado(PagoAnulado("tarde", T)).crear(SOLICITUD, None, T)
    assert error.value.codigo == "ANULADO"


@pytest.mark.parametrize("monto", ["0", "-1"])
def test_monto_positivo(monto: str) -> None:
    """A payment takes something."""
    with pytest.raises(MontoDebeSerPositivo):
        Solicitud("a1", Dinero(Decimal(monto), "USD"), "r1")


@pytest.mark.parametrize(("monto", "moneda"), [("1", "GBP"), ("1.001", "USD"), ("NaN", "USD")])
def test_dinero(monto: str, moneda: str) -> None:
    """Money has a known currency, and two decimals at most."""
    with pytest.raises(ErrorDeDominio):
        Dinero(Decimal(monto), moneda)


@pytest.mark.parametrize(
    ("historia", "llamar", "nuevos"),
    [
        ((PENDIENTE,), True, [PROCESANDO]),
        ((PENDIENTE, PROCESANDO), True, []),
        ((PENDIENTE, PROCESANDO, EXITOSO), False, []),
        ((PENDIENTE, PROCESANDO, FALLIDO), False, []),
        ((PENDIENTE, REVERTIDO), False, []),
        ((PENDIENTE, PROCESANDO, REVERTIDO), False, []),
        ((PagoAnulado("x", T),), False, []),
        ((), False, []),
    ],
)
def test_marcar(historia: tuple[object, ...], llamar: bool, nuevos: list[object]) -> None:
    """The gateway is called for a payment that is wanted and open, and for no other."""
    pago = dado(*historia)
    assert pago.marcar_procesando(T) is llamar
    assert pago.pendientes == nuevos


@pytest.mark.parametrize(
    ("historia", "exito", "nuevos"),
    [
        ((PENDIENTE, PROCESANDO), True, [EXITOSO]),
        ((PENDIENTE, PROCESANDO), False, [FALLIDO]),
        ((PENDIENTE, PROCESANDO, EXITOSO), False, []),
        ((PENDIENTE, PROCESANDO, FALLIDO), True, []),
        ((PENDIENTE, PROCESANDO, REVERTIDO), True, [CobroTardio(True, T)]),
        ((PENDIENTE, PROCESANDO, REVERTIDO), False, [CobroTardio(False, T)]),
        ((PENDIENTE, PROCESANDO, EXITOSO, REVERTIDO), True, []),
        ((PENDIENTE, REVERTIDO), True, []),
        ((), True, []),
    ],
)
def test_registrar_cobro(historia: tuple[object, ...], exito: bool, nuevos: list[object]) -> None:
    """The first answer of the gateway settles an open charge; a reverted payment never succeeds."""
    pago = dado(*historia)
    pago.registrar_cobro(exito, "Tarjeta rechazada", T)
    assert pago.pendientes == nuevos


@pytest.mark.parametrize(
    ("historia", "nuevos", "debe"),
    [
        ((PENDIENTE,), [REVERTIDO], False),
        ((PENDIENTE, PROCESANDO), [REVERTIDO], True),
        ((PENDIENTE, PROCESANDO, EXITOSO), [REVERTIDO], True),
        ((PENDIENTE, PROCESANDO, EXITOSO, REVERTIDO), [], True),
        ((PENDIENTE, PROCESANDO, EXITOSO, REVERTIDO, ReembolsoConfirmado(T)), [], False),
        ((PENDIENTE, PROCESANDO, REVERTIDO, CobroTardio(False, T)), [], False),
        ((PENDIENTE, PROCESANDO, REVERTIDO, CobroTardio(True, T)), [], True),
    ],
)
def test_revertir(historia: tuple[object, ...], nuevos: list[object], debe: bool) -> None:
    """A reversal is final at once; money goes back when it was, or may have been, charged."""
    pago = dado(*historia)
    pago.revertir("no", T)
    assert pago.pendientes == nuevos
    assert pago.estado is Estado.REVERTIDO
    assert pago.debe_reembolso is debe


def test_revertir_fallido() -> None:
    """A failed payment took nothing and stays failed."""
    pago = dado(PENDIENTE, PROCESANDO, FALLIDO)
    with pytest.raises(PagoFallidoNoSeRevierte) as error:
        pago.revertir("no", T)
    assert error.value.codigo == "CONFLICTO_DE_ESTADO"
    assert (pago.estado, pago.mensaje_error) == (Estado.FALLIDO, "Tarjeta rechazada")


@pytest.mark.parametrize(("historia", "nuevos"), [((), [PagoAnulado("x", T)]), ((PENDIENTE,), [])])
def test_anular(historia: tuple[object, ...], nuevos: list[object]) -> None:
    """Only a payment that does not exist gets the mark."""
    pago = dado(*historia)
    pago.anular("x", T)
    assert pago.pendientes == nuevos


@pytest.mark.parametrize(
    ("historia", "cobrado", "nuevos"),
    [
        ((PENDIENTE, PROCESANDO, REVERTIDO), True, [CobroTardio(True, T), ReembolsoConfirmado(T)]),
        ((PENDIENTE, PROCESANDO, REVERTIDO), False, [CobroTardio(False, T), ReembolsoConfirmado(T)]),
        ((PENDIENTE, PROCESANDO, EXITOSO, REVERTIDO), True, [ReembolsoConfirmado(T)]),
        ((PENDIENTE, PROCESANDO, EXITOSO, REVERTIDO, ReembolsoConfirmado(T)), True, []),
        ((PENDIENTE, PROCESANDO, EXITOSO), True, []),
        ((PagoAnulado("x", T),), True, []),
    ],
)
def test_registrar_reembolso(historia: tuple[object, ...], cobrado: bool, nuevos: list[object]) -> None:
    """A refund settles an open charge first, and is confirmed once."""
    pago = dado(*historia)
    pago.registrar_reembolso(cobrado, T)
    assert pago.pendientes == nuevos
