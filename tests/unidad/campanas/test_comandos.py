"""The handlers: what a saga and an HTTP client are answered, and what they leave behind."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aeropartners.contratos.campanas import (
    ActualizarCampana,
    ActualizarMetricas,
    AplicarPago,
    CambiarEstadoCampana,
    CambiarPresupuesto,
    CancelarCampana,
    CrearCampanaDeSaga,
)
from aeropartners.modulos.campanas.dominio.metricas import Metricas
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from tests.dobles.unidad_de_trabajo import ID, SAGA
from tests.unidad.campanas.mundo import AHORA, CREADA, DATOS, FIN, INICIO, Mundo, crear

CREAR = CrearCampanaDeSaga(ID, DATOS)
CANCELAR = CancelarCampana(ID, "SAGA_FALLIDA", SAGA)
CANCELADA = Respuesta(exito=True, resultado={"id": str(ID), "estado": "CANCELADA"})


@pytest.fixture
def mundo() -> Mundo:
    return Mundo()


@pytest.fixture
def creada(mundo: Mundo) -> Mundo:
    mundo.http(crear())
    return mundo


def test_crear_por_los_dos_caminos() -> None:
    """HTTP and a saga make the same campaign; only the saga is sent a reply."""
    por_http, por_saga = Mundo(), Mundo()
    assert por_http.http(crear()).resultado is not None
    respuesta = por_saga.saga(CREAR)
    assert por_http.historias == por_saga.historias == {ID: [CREADA]}
    assert respuesta == Respuesta(exito=True, resultado={"id": str(ID), "estado": "BORRADOR"})
    assert [e.tema for e in por_http.salidas] == ["campaigns.evt.created"]
    assert [e.tema for e in por_saga.salidas] == ["campaigns.evt.created", "respuestas-saga"]


def test_orden_repetida(mundo: Mundo) -> None:
    """A participant that is asked again answers again, with the state as it is now, and makes nothing."""
    primera = mundo.saga(CREAR)
    assert mundo.saga(CREAR, intento=2) == primera
    mundo.http(CambiarEstadoCampana(ID, "activar"))
    assert mundo.saga(CREAR, intento=3).resultado["estado"] == "ACTIVA"
    assert mundo.eventos() == ["CampanaCreada", "CampanaActivada"]


def test_orden_repetida_en_un_lote(mundo: Mundo) -> None:
    """Two attempts that come in one batch make one campaign."""
    mundo.tratar(mundo.sobre(CREAR), mundo.sobre(CREAR))
    assert mundo.eventos() == ["CampanaCreada"]


def test_deshacer(mundo: Mundo) -> None:
    """The undo cancels once; repeated it answers the same; its command is refused then."""
    mundo.saga(CREAR)
    for intento in (1, 2):
        assert mundo.saga(CANCELAR, "CANCELAR_CAMPAÑA", intento) == CANCELADA
    tardia = mundo.saga(CREAR, intento=2)
    assert (tardia.exito, tardia.reintentable, tardia.codigo) == (False, False, "ANULADA")
    assert mundo.eventos() == ["CampanaCreada", "CampanaCancelada"]


def test_deshacer_antes_de_la_orden(mundo: Mundo) -> None:
    """An undo that comes first is done and leaves a silent mark; the late command is refused."""
    for intento in (1, 2):
        assert mundo.saga(CANCELAR, "CANCELAR_CAMPAÑA", intento) == CANCELADA
    tardia = mundo.saga(CREAR)
    assert (tardia.exito, tardia.reintentable, tardia.codigo) == (False, False, "ANULADA")
    assert (mundo.eventos(), mundo.publicados()) == (["CampanaAnulada"], [])


def test_deshacer_finalizada(creada: Mundo) -> None:
    """A finished campaign stays finished: its undo is refused for good."""
    creada.http(CambiarEstadoCampana(ID, "finalizar"))
    respuesta = creada.saga(CANCELAR, "CANCELAR_CAMPAÑA")
    assert (respuesta.exito, respuesta.reintentable) == (False, False)
    assert respuesta.codigo == "ESTADO_NO_PERMITE"


def test_cancelar_por_http(creada: Mundo) -> None:
    """Cancelled twice by a client the campaign is cancelled once, without an error."""
    for _ in range(2):
        assert creada.http(CancelarCampana(ID, "ya no")).error is None
    assert creada.eventos() == ["CampanaCreada", "CampanaCancelada"]


@pytest.mark.parametrize("marcada", [False, True])
@pytest.mark.parametrize(
    "mensaje",
    [
        CancelarCampana(ID, "x", SAGA),
        CambiarEstadoCampana(ID, "activar"),
        ActualizarCampana(ID, nombre="Otra"),
        CambiarPresupuesto(ID, Decimal(1), "USD"),
        ActualizarMetricas(ID, clicks=1),
    ],
    ids=lambda m: type(m).__name__,
)
def test_desconocida(mundo: Mundo, mensaje: object, marcada: bool) -> None:
    """For a client an unknown campaign, or only a mark, is not there; nothing is left."""
    if marcada:
        mundo.saga(CANCELAR, "CANCELAR_CAMPAÑA")
    antes = mundo.eventos()
    error = mundo.http(mensaje).error
    assert error is not None
    assert (error.codigo, error.mensaje) == ("NO_ENCONTRADO", "Campaña no encontrada")
    assert mundo.eventos() == antes


@pytest.mark.parametrize("marcada", [False, True])
def test_pago_de_una_desconocida(mundo: Mundo, marcada: bool) -> None:
    """A payment for a campaign that was cleaned away, or never was, changes nothing and fails nothing."""
    if marcada:
        mundo.saga(CANCELAR, "CANCELAR_CAMPAÑA")
    antes = mundo.eventos()
    assert mundo.http(AplicarPago(ID, Decimal(10))).error is None
    assert mundo.eventos() == antes


@pytest.mark.parametrize(
    ("acciones", "evento", "estado"),
    [
        (["activar"], "CampanaActivada", "ACTIVA"),
        (["activar", "pausar"], "CampanaPausada", "PAUSADA"),
        (["activar", "pausar", "activar"], "CampanaActivada", "ACTIVA"),
        (["activar", "pausar", "finalizar"], "CampanaFinalizada", "FINALIZADA"),
    ],
)
def test_cambiar_estado(creada: Mundo, acciones: list[str], evento: str, estado: str) -> None:
    """Each action makes its event, at the transaction's own moment."""
    for horas, accion in enumerate(acciones):
        creada.ahora = AHORA + timedelta(hours=horas)
        assert creada.http(CambiarEstadoCampana(ID, accion, "porque sí")).error is None
    ultimo: Any = creada.historias[ID][-1]
    assert (creada.eventos()[-1], ultimo.fecha) == (evento, creada.ahora)
    assert getattr(ultimo, "motivo", "porque sí") == "porque sí"
    assert creada.campana().estado == estado


@pytest.mark.parametrize(
    ("cambio", "partes"),
    [
        ({}, {}),
        ({"nombre": "Otra"}, {"nombre": "Otra"}),
        ({"descripcion": ""}, {"descripcion": ""}),
        ({"fecha_inicio": FIN}, {"fecha_inicio": FIN}),
        ({"fecha_fin": INICIO}, {"fecha_fin": INICIO}),
    ],
)
def test_actualizar(creada: Mundo, cambio: dict[str, Any], partes: dict[str, Any]) -> None:
    """What is not given stays as it was; an empty description is given."""
    campos = ("nombre", "descripcion", "fecha_inicio", "fecha_fin")
    antes = {c: getattr(CREADA, c) for c in campos}
    assert creada.http(ActualizarCampana(ID, **cambio)).error is None
    datos = creada.campana().datos
    assert {c: getattr(datos, c) for c in campos} == antes | partes
    assert creada.eventos() == ["CampanaCreada", "CampanaActualizada"]


@pytest.mark.parametrize(
    ("cambio", "metricas"),
    [
        ({}, Metricas(1000, 30, 2, Decimal(90))),
        ({"impresiones": 0}, Metricas(0, 30, 2, Decimal(90))),
        ({"clicks": 31}, Metricas(1000, 31, 2, Decimal(90))),
        ({"conversiones": 3}, Metricas(1000, 30, 3, Decimal(90))),
        ({"gasto_actual": Decimal(0)}, Metricas(1000, 30, 2, Decimal(0))),
    ],
)
def test_medir(creada: Mundo, cambio: dict[str, Any], metricas: Metricas) -> None:
    """A figure that is not given stays; a zero is given."""
    creada.http(ActualizarMetricas(ID, 1000, 30, 2, Decimal(90)))
    creada.http(ActualizarMetricas(ID, **cambio))
    assert creada.campana().metricas == metricas


@pytest.mark.parametrize(
    ("mensaje", "codigo"),
    [
        (CambiarEstadoCampana(ID, "pausar"), "ESTADO_NO_PERMITE"),
        (CambiarPresupuesto(ID, Decimal(-1), "USD"), "PRESUPUESTO_INVALIDO"),
        (ActualizarMetricas(ID, gasto_actual=Decimal(2000)), "GASTO_EXCEDIDO"),
    ],
)
def test_regla_rota(creada: Mundo, mensaje: object, codigo: str) -> None:
    """A broken rule reaches the client by its code; nothing is stored and nothing is sent."""
    enviados = len(creada.salidas)
    error = creada.http(mensaje).error
    assert error is not None
    assert error.codigo == codigo
    assert (creada.historias, len(creada.salidas)) == ({ID: [CREADA]}, enviados)


def test_cambiar_presupuesto(creada: Mundo) -> None:
    """The campaign has its new budget in its new currency."""
    creada.http(CambiarPresupuesto(ID, Decimal("2.50"), "EUR"))
    datos = creada.campana().datos
    assert (datos.presupuesto_monto, datos.presupuesto_moneda) == (Decimal("2.50"), "EUR")
