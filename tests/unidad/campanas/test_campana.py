"""The aggregate: given events, when a method, then events or a named broken rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aeropartners.modulos.campanas.dominio.campana import (
    TIPOS,
    Campana,
    CampanaYaAnulada,
    Estado,
    GastoNoPuedeSuperarPresupuesto,
    PresupuestoFueraDeLimites,
)
from aeropartners.modulos.campanas.dominio.eventos import (
    CampanaActivada,
    CampanaActualizada,
    CampanaAnulada,
    CampanaCancelada,
    CampanaFinalizada,
    CampanaPausada,
    MetricasCampanaActualizadas,
    PresupuestoCampanaActualizado,
)
from aeropartners.modulos.campanas.dominio.metricas import Metricas
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, EstadoNoPermite
from tests.dobles.unidad_de_trabajo import ID
from tests.unidad.campanas.mundo import AHORA, CREADA, FIN, INICIO

Accion = Callable[[Campana], object]

MONTO = CREADA.presupuesto_monto
ACTIVADA = CampanaActivada(AHORA)
PAUSADA = CampanaPausada("no", AHORA)
FINALIZADA = CampanaFinalizada("no", AHORA)
CANCELADA = CampanaCancelada("no", AHORA)
ANULADA = CampanaAnulada("no", AHORA)
CAMBIO = CampanaActualizada("Otoño", None, FIN, INICIO, AHORA)
MEDIDA = MetricasCampanaActualizadas(1000, 30, 2, Decimal("90.25"), AHORA)
PASADOS: dict[Estado, list[object]] = {
    Estado.BORRADOR: [CREADA],
    Estado.ACTIVA: [CREADA, ACTIVADA],
    Estado.PAUSADA: [CREADA, ACTIVADA, PAUSADA],
    Estado.FINALIZADA: [CREADA, FINALIZADA],
    Estado.CANCELADA: [CREADA, CANCELADA],
}
ACCIONES: dict[str, tuple[Accion, object]] = {
    "activar": (lambda c: c.activar(AHORA), ACTIVADA),
    "pausar": (lambda c: c.pausar("no", AHORA), PAUSADA),
    "finalizar": (lambda c: c.finalizar("no", AHORA), FINALIZADA),
    "cancelar": (lambda c: c.cancelar("no", AHORA), CANCELADA),
    "actualizar": (lambda c: c.actualizar(CAMBIO), CAMBIO),
    "cambiar_presupuesto": (
        lambda c: c.cambiar_presupuesto(Decimal(5), "EUR", AHORA),
        PresupuestoCampanaActualizado(MONTO, Decimal(5), "EUR", AHORA),
    ),
    "medir": (lambda c: c.medir(Metricas(1000, 30, 2, Decimal("90.25")), AHORA), MEDIDA),
}
PERMITIDAS: dict[Estado, set[str]] = {
    Estado.BORRADOR: set(ACCIONES) - {"pausar"},
    Estado.ACTIVA: set(ACCIONES) - {"activar"},
    Estado.PAUSADA: set(ACCIONES) - {"pausar"},
    Estado.FINALIZADA: {"medir"},
    Estado.CANCELADA: {"medir"},
}


def dada(*eventos: object) -> Campana:
    """Return a campaign with this past."""
    campana = Campana(ID)
    campana.reproducir(list(eventos))
    return campana


def rechazo(campana: Campana, accion: Accion) -> ErrorDeDominio:
    """Return the rule that an action breaks, after which nothing has changed."""
    with pytest.raises(ErrorDeDominio) as error:
        accion(campana)
    assert (campana.pendientes, campana.sucio) == ([], False)
    return error.value


def test_crear() -> None:
    """A new campaign is a draft without figures."""
    campana = dada()
    campana.crear(CREADA)
    assert campana.pendientes == [CREADA]
    assert (campana.datos, campana.estado, campana.metricas) == (CREADA, Estado.BORRADOR, Metricas())
    assert campana.fecha_actualizacion == AHORA


@pytest.mark.parametrize("estado", [e for e in Estado if e is not Estado.CANCELADA])
def test_crear_otra_vez(estado: Estado) -> None:
    """A campaign that is there stays as it is, whatever the repeated command says."""
    campana = dada(*PASADOS[estado])
    campana.crear(replace(CREADA, nombre="Otra"))
    assert (campana.pendientes, campana.estado, campana.datos) == ([], estado, CREADA)


@pytest.mark.parametrize("pasado", [[ANULADA], [CREADA, CANCELADA], [CREADA, ACTIVADA, CANCELADA]])
def test_crear_tarde(pasado: list[object]) -> None:
    """A command that comes after its undo is refused, also when it is a repeated one."""
    error = rechazo(dada(*pasado), lambda c: c.crear(CREADA))
    assert (type(error), error.codigo) == (CampanaYaAnulada, "ANULADA")


@pytest.mark.parametrize(
    "partes",
    [{"tipo": tipo} for tipo in TIPOS]
    + [{"presupuesto_monto": Decimal(m)} for m in ("0", "0.01", "1000000.00")]
    + [{"presupuesto_moneda": m} for m in ("USD", "EUR", "COP")]
    + [{"fecha_fin": AHORA - timedelta(days=1)}, {"fecha_inicio": FIN, "fecha_fin": INICIO}],
)
def test_crear_admite(partes: dict[str, Any]) -> None:
    """Every type, currency and budget of the contract is accepted; dates are judged at activation."""
    ficha = replace(CREADA, **partes)
    campana = dada()
    campana.crear(ficha)
    assert campana.pendientes == [ficha]


MALOS_PRESUPUESTOS = [
    ("-0.01", "USD", "PRESUPUESTO_INVALIDO"),
    ("1000000.01", "USD", "PRESUPUESTO_INVALIDO"),
    ("10.001", "USD", "MONTO_INVALIDO"),
    ("NaN", "USD", "MONTO_INVALIDO"),
    ("Infinity", "USD", "MONTO_INVALIDO"),
    ("10", "GBP", "MONEDA_DESCONOCIDA"),
    ("10", "usd", "MONEDA_DESCONOCIDA"),
]


@pytest.mark.parametrize(("monto", "moneda", "codigo"), MALOS_PRESUPUESTOS)
def test_presupuesto_invalido(monto: str, moneda: str, codigo: str) -> None:
    """A budget is from 0 to a million, to the cent, in a known currency: at birth and at every change."""
    ficha = replace(CREADA, presupuesto_monto=Decimal(monto), presupuesto_moneda=moneda)
    assert rechazo(dada(), lambda c: c.crear(ficha)).codigo == codigo
    cambio = rechazo(dada(CREADA), lambda c: c.cambiar_presupuesto(Decimal(monto), moneda, AHORA))
    assert cambio.codigo == codigo


@pytest.mark.parametrize("tipo", ["OTRO", "promocional", ""])
def test_tipo_invalido(tipo: str) -> None:
    """The contract's four types are the only ones."""
    assert rechazo(dada(), lambda c: c.crear(replace(CREADA, tipo=tipo))).codigo == "TIPO_INVALIDO"


@pytest.mark.parametrize("accion", ACCIONES)
@pytest.mark.parametrize("estado", Estado)
def test_transiciones(estado: Estado, accion: str) -> None:
    """Each action in each state: the event that it makes, or the refusal by the state."""
    campana = dada(*PASADOS[estado])
    hacer, evento = ACCIONES[accion]
    if accion in PERMITIDAS[estado]:
        hacer(campana)
        assert campana.pendientes == [evento]
    elif (estado, accion) == (Estado.CANCELADA, "cancelar"):
        hacer(campana)
        assert campana.pendientes == []
    else:
        assert isinstance(rechazo(campana, hacer), EstadoNoPermite)


@pytest.mark.parametrize(
    ("pasado", "estado"), [(p, e) for e, p in PASADOS.items()] + [([ANULADA], "CANCELADA")]
)
def test_estado(pasado: list[object], estado: str) -> None:
    """The stored events make the state, in the contract's words."""
    assert dada(*pasado).estado == estado


def test_cambios() -> None:
    """Each change is in the campaign at once, and its moment is the last one's."""
    campana = dada(CREADA)
    campana.actualizar(CAMBIO)
    campana.medir(Metricas(1000, 30, 2, Decimal("90.25")), AHORA)
    campana.cambiar_presupuesto(Decimal("90.25"), "EUR", AHORA + timedelta(hours=1))
    assert campana.datos == replace(
        CREADA,
        nombre="Otoño",
        descripcion=None,
        fecha_inicio=FIN,
        fecha_fin=INICIO,
        presupuesto_monto=Decimal("90.25"),
        presupuesto_moneda="EUR",
    )
    assert campana.metricas == Metricas(1000, 30, 2, Decimal("90.25"))
    assert campana.fecha_actualizacion == AHORA + timedelta(hours=1)


@pytest.mark.parametrize(
    ("partes", "codigo"),
    [
        ({"presupuesto_monto": Decimal(0)}, "PRESUPUESTO_INVALIDO"),
        ({"fecha_inicio": FIN + timedelta(seconds=1)}, "FECHAS_INVALIDAS"),
        ({"fecha_fin": AHORA}, "FECHAS_INVALIDAS"),
        ({"fecha_fin": AHORA - timedelta(days=1)}, "FECHAS_INVALIDAS"),
    ],
)
def test_activar_pide(partes: dict[str, Any], codigo: str) -> None:
    """A campaign that runs has a budget, a start not after its end, and an end in the future."""
    error = rechazo(dada(replace(CREADA, **partes)), lambda c: c.activar(AHORA))
    assert error.codigo == codigo


@pytest.mark.parametrize(
    "partes",
    [
        {"presupuesto_monto": Decimal("0.01")},
        {"fecha_inicio": FIN},
        {"fecha_inicio": AHORA + timedelta(days=1)},
        {"fecha_fin": AHORA + timedelta(microseconds=1)},
    ],
)
def test_activar_admite(partes: dict[str, Any]) -> None:
    """The limits themselves are allowed, and so is a start in the future."""
    campana = dada(replace(CREADA, **partes))
    campana.activar(AHORA)
    assert campana.pendientes == [ACTIVADA]


@pytest.mark.parametrize(
    ("pasado", "nuevos"),
    [([], [ANULADA]), ([ANULADA], []), ([CREADA, CANCELADA], []), ([CREADA, ACTIVADA], [CANCELADA])],
)
def test_cancelar(pasado: list[object], nuevos: list[object]) -> None:
    """A campaign is called off once; one that is not there yet is marked once."""
    campana = dada(*pasado)
    campana.cancelar("no", AHORA)
    assert (campana.pendientes, campana.estado) == (nuevos, Estado.CANCELADA)


@pytest.mark.parametrize(
    ("metricas", "codigo"),
    [
        (Metricas(impresiones=-1), "METRICAS_INVALIDAS"),
        (Metricas(clicks=-1), "METRICAS_INVALIDAS"),
        (Metricas(conversiones=-1), "METRICAS_INVALIDAS"),
        (Metricas(gasto_actual=Decimal("-0.01")), "METRICAS_INVALIDAS"),
        (Metricas(gasto_actual=MONTO + Decimal("0.01")), "GASTO_EXCEDIDO"),
        (Metricas(gasto_actual=Decimal("1e30")), "GASTO_EXCEDIDO"),
        (Metricas(gasto_actual=Decimal("0.001")), "MONTO_INVALIDO"),
    ],
)
def test_metricas_invalidas(metricas: Metricas, codigo: str) -> None:
    """No figure is negative, and spend is money to the cent within the budget."""
    assert rechazo(dada(CREADA), lambda c: c.medir(metricas, AHORA)).codigo == codigo


def test_todo_el_presupuesto() -> None:
    """Spend may reach the budget, and the budget may be lowered to the spend and not below it."""
    campana = dada(CREADA)
    campana.medir(Metricas(gasto_actual=MONTO), AHORA)
    campana.cambiar_presupuesto(MONTO, "USD", AHORA)
    assert len(campana.pendientes) == 2
    with pytest.raises(GastoNoPuedeSuperarPresupuesto):
        campana.cambiar_presupuesto(MONTO - Decimal("0.01"), "USD", AHORA)
    with pytest.raises(PresupuestoFueraDeLimites):
        campana.cambiar_presupuesto(Decimal("1000000.01"), "USD", AHORA)
    assert len(campana.pendientes) == 2


@pytest.mark.parametrize(
    ("monto", "antes", "gasto"),
    [
        ("200.50", MEDIDA, "110.30"),
        ("9102.50", MEDIDA, "1000.50"),
        ("9102.60", MEDIDA, "1000.50"),
        ("999999999999", MEDIDA, "1000.50"),
        ("0.01", MEDIDA, "90.25"),
        ("10", ACTIVADA, "1.00"),
    ],
)
def test_pago(monto: str, antes: object, gasto: str) -> None:
    """A payment is one conversion and a tenth of it as spend, which stops at the budget."""
    campana = dada(CREADA, ACTIVADA, antes)
    previas = campana.metricas
    campana.aplicar_pago(Decimal(monto), AHORA)
    conversiones = previas.conversiones + 1
    assert campana.pendientes == [
        MetricasCampanaActualizadas(previas.impresiones, previas.clicks, conversiones, Decimal(gasto), AHORA)
    ]


@pytest.mark.parametrize("estado", [e for e in Estado if e is not Estado.ACTIVA])
def test_pago_sin_efecto(estado: Estado) -> None:
    """Only a campaign that runs counts payments."""
    campana = dada(*PASADOS[estado])
    campana.aplicar_pago(Decimal(10), AHORA)
    assert campana.pendientes == []
