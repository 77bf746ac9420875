"""The contract of a saga by its events, and the rules that decide it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from aeropartners.modulos.alianzas.dominio.contrato import Cambio, Contrato, Estado
from aeropartners.modulos.alianzas.dominio.eventos import (
    AlianzaAnulada,
    ContratoCancelado,
    ContratoCreado,
    ContratoRechazado,
)
from aeropartners.modulos.alianzas.dominio.reglas import Propuesta, aviso, primera_rota
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

T = datetime(2026, 1, 1, tzinfo=UTC)
SAGA, ID = UUID(int=1), UUID(int=2)
HOY = date(2026, 1, 1)


def propuesta(**cambios: object) -> Propuesta:
    """Return one that every rule lets through, but for this."""
    valores: dict[str, object] = {
        "partner_id": "partner-123",
        "estado_partner": "ACTIVO",
        "tipo": "CPA",
        "monto": Decimal(1000),
        "moneda": "USD",
        "fecha_inicio": HOY,
    }
    return Propuesta(**(valores | cambios))  # type: ignore[arg-type]


def contrato(*eventos: object) -> Contrato:
    """Return a contract to which this happened."""
    hecho = Contrato(ID)
    hecho.reproducir(list(eventos))
    return hecho


@pytest.mark.parametrize(
    ("cambios", "validacion"),
    [
        ({"monto": Decimal(50_000)}, None),
        ({"monto": Decimal("50000.01")}, "MONTO_INVALIDO"),
        ({"monto": Decimal(-1)}, "MONTO_INVALIDO"),
        ({"moneda": "MXN"}, None),
        ({"moneda": "usd"}, "MONEDA_NO_PERMITIDA"),
        ({"partner_id": "0123456789"}, None),
        ({"partner_id": "012345678"}, "PARTNER_INVALIDO"),
        ({"estado_partner": "SUSPENDIDO"}, None),
        ({"estado_partner": "PENDIENTE"}, None),
        ({"estado_partner": "ELIMINADO"}, "ESTADO_INVALIDO"),
        ({"tipo": "revshare"}, None),
        ({"tipo": "cpa"}, "VALIDACION_GENERAL"),
        ({"fecha_fin": HOY}, None),
        ({"fecha_fin": date(2025, 12, 31)}, "VALIDACION_GENERAL"),
    ],
    ids=str,
)
def test_cada_regla_en_su_borde(cambios: dict[str, object], validacion: str | None) -> None:
    """A proposal at the edge passes, one beyond it breaks the rule that is named."""
    rota = primera_rota(propuesta(**cambios))
    assert (rota and rota.validacion) == validacion


def test_por_encima_de_diez_mil_hay_aviso() -> None:
    """Approved all the same, with a warning from there on."""
    assert aviso(propuesta(monto=Decimal(10_000))) is None
    assert aviso(propuesta(monto=Decimal("10000.01")))


def test_las_reglas_deciden_una_vez() -> None:
    """An approved proposal is active, a refused one rejected; asked again neither changes."""
    bueno, malo = Contrato(ID), Contrato(ID)
    for _ in range(2):
        bueno.proponer(propuesta(), SAGA, T)
        malo.proponer(propuesta(monto=Decimal(60_000)), SAGA, T)
    assert [type(e) for e in bueno.pendientes] == [ContratoCreado]
    assert [type(e) for e in malo.pendientes] == [ContratoRechazado]
    assert (bueno.estado, bueno.rechazo) == (Estado.ACTIVO, None)
    assert malo.estado is Estado.RECHAZADO
    assert malo.rechazo
    assert malo.rechazo[1] == "MONTO_INVALIDO"


def test_cancelar_antes_de_crear_deja_la_marca() -> None:
    """The undo that comes first is marked, and the late command finds the alliance refused."""
    marcado = Contrato(ID)
    marcado.cancelar("partner-123", "plazo", T)
    marcado.proponer(propuesta(), SAGA, T)
    assert marcado.pendientes == [AlianzaAnulada("partner-123", "plazo", T)]
    assert marcado.rechazo


def test_cancelar_dos_veces_es_una() -> None:
    """An undo repeated, or of what was refused, changes nothing."""
    creado = Contrato(ID)
    creado.proponer(propuesta(), SAGA, T)
    creado.cancelar("", "r", T)
    creado.cancelar("", "r", T)
    assert creado.pendientes[1:] == [ContratoCancelado("r", T)]
    rechazado = Contrato(ID)
    rechazado.proponer(propuesta(moneda="X"), SAGA, T)
    rechazado.cancelar("", "r", T)
    assert rechazado.estado is Estado.RECHAZADO


def test_lo_cancelado_no_vuelve_a_la_vida() -> None:
    """Its figures may be corrected, its state not."""
    creado = Contrato(ID)
    creado.proponer(propuesta(), SAGA, T)
    creado.cancelar("", "r", T)
    creado.cambiar(Cambio(monto=Decimal(5)), T)
    with pytest.raises(ErrorDeDominio) as error:
        creado.cambiar(Cambio(estado="activo"), T)
    assert error.value.codigo == "ESTADO_INVALIDO"
    otro = contrato(*creado.pendientes)
    assert (otro.estado, otro.monto, otro.moneda) == (Estado.CANCELADO, Decimal(5), "USD")
