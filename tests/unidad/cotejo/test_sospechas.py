"""When what looks wrong is sure: after its turns, once, and not while something set aside explains it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from saga_orchestrator.aplicacion.espera import Lugar, Paradero
from saga_orchestrator.cotejo.aplicacion.sospechas import (
    EN_CAMINO,
    REINTENTO,
    SIN_BROKER,
    VUELTAS,
    Sospechas,
)
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, ENVIO, SAGA, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.dominio.identidades import id_comando

AHORA = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPOSO, MINUTO = timedelta(seconds=10), timedelta(minutes=1)
LETRA = UUID("0190a5a0-0000-7000-8000-0000000000bb")
SOSPECHA = Hallazgo(ClaseDeHallazgo.PERDIDO, "saga", "mensaje", "falta", "repara", SAGA, "1")


def mirar(
    s: Sospechas,
    segundos: float,
    despejado: float | None,
    *vistos: Hallazgo,
    apartado: Paradero | None = None,
) -> int:
    """Look after so many seconds, the broker clear up to a second; return how many are sure."""
    clara = None if despejado is None else AHORA + timedelta(seconds=despejado)
    ahora = AHORA + timedelta(seconds=segundos)
    return len(s.mirar(vistos, AHORA + MINUTO, ahora, clara, {"saga": apartado} if apartado else {}))


def parado(lugar: Lugar, momento: datetime = AHORA) -> Paradero:
    """A message of the saga that is set aside."""
    return Paradero(lugar, "ProcesarPago", "comandos-pagos", momento, LETRA, consumidor="pagos", error="x\ny")


def test_tras_siete_vueltas_es_seguro_y_se_dice_una_vez() -> None:
    """The first look is no turn; each after it in which all of the last one's time has left is one."""
    s = Sospechas(REPOSO)
    seguras = [mirar(s, 2 * n, 2 * n, SOSPECHA) for n in range(VUELTAS + 4)]
    assert seguras == [0] * VUELTAS + [1] + [0] * 3
    assert s.pendientes == []


@pytest.mark.parametrize("despejado", [None, 0.5], ids=["calla", "parado"])
def test_sin_broker_nada_se_decide(despejado: float | None) -> None:
    """While the broker does not say, or its readers stand still, nothing is lost however long it takes."""
    s = Sospechas(REPOSO)
    assert [mirar(s, 60 * n, despejado, SOSPECHA) for n in range(50)] == [0] * 50
    assert s.primera_ventana() == AHORA + MINUTO


@pytest.mark.parametrize("cambio", ["huella", "ausencia", "apartado"])
def test_lo_que_se_mueve_empieza_otra_vez(cambio: str) -> None:
    """A suspicion that changes, goes away, or waits in a box in between needs all its turns anew."""
    s, apartado = Sospechas(REPOSO), parado(Lugar.REINTENTOS)
    for n in range(VUELTAS):
        mirar(s, 2 * n, 2 * n, SOSPECHA)
    otra = replace(SOSPECHA, huella="2") if cambio == "huella" else SOSPECHA
    if cambio == "ausencia":
        mirar(s, 2 * VUELTAS, 2 * VUELTAS)
    else:
        assert (
            mirar(s, 2 * VUELTAS, 2 * VUELTAS, otra, apartado=apartado if cambio == "apartado" else None) == 0
        )
    assert [mirar(s, 2 * n, 2 * n, otra) for n in range(VUELTAS + 1, 2 * VUELTAS)] == [0] * (VUELTAS - 1)


@pytest.mark.parametrize("origen", [CALLADA, ENVIO, AJENO])
def test_un_mensaje_muerto_se_decide_sin_el_broker(origen: str) -> None:
    """It is no loss and no mystery: it is there, it waits for an operator, and it is said so, once."""
    s, muda = Sospechas(REPOSO), replace(SOSPECHA, origen=origen)
    dichos = [
        h
        for segundos in range(0, 60, 5)
        for h, _ in s.mirar(
            [muda], AHORA, AHORA + timedelta(seconds=segundos), None, {"saga": parado(Lugar.MUERTOS)}
        )
    ]
    assert [(h.clase, h.mensaje, h.saga_id) for h in dichos] == [
        (ClaseDeHallazgo.ATASCADO, str(LETRA), "saga")
    ]
    assert dichos[0].texto == (
        "ProcesarPago murió en pagos a las 12:00:00 UTC (x) y nadie lo tratará sin un operador"
    )
    assert dichos[0].repara.startswith(f"aeropartners muertos reencolar {LETRA}")
    assert s.pendientes == []


def test_lo_que_un_operador_descarto_no_es_una_falta() -> None:
    """Nobody will answer, and somebody decided that: there is nothing to decide and nothing to say."""
    s, muda = Sospechas(REPOSO), replace(SOSPECHA, origen=CALLADA)
    assert [mirar(s, 2 * n, None, muda, apartado=parado(Lugar.DESCARTADO)) for n in range(20)] == [0] * 20
    assert s.pendientes == []


@pytest.mark.parametrize("lugar", [Lugar.MUERTOS, Lugar.DESCARTADO])
def test_un_efecto_de_mas_sigue_siendolo(lugar: Lugar) -> None:
    """What stands without its saga is no message that is missing: a dead letter of it explains nothing."""
    s = Sospechas(REPOSO)
    seguras = [mirar(s, 2 * n, 2 * n, SOSPECHA, apartado=parado(lugar)) for n in range(VUELTAS + 1)]
    assert seguras == [0] * VUELTAS + [1]


def test_una_letra_mas_vieja_que_la_orden_no_la_explica() -> None:
    """A letter that died before the command left is another one: the command is lost all the same."""
    orden = id_comando(uuid4(), 3, AHORA)
    s, muda = Sospechas(REPOSO), replace(SOSPECHA, origen=CALLADA, mensaje=str(orden))
    vieja = parado(Lugar.MUERTOS, AHORA - MINUTO)
    seguras = [mirar(s, 2 * n, 2 * n, muda, apartado=vieja) for n in range(VUELTAS + 1)]
    assert seguras == [0] * VUELTAS + [1]


@pytest.mark.parametrize(
    ("despejado", "apartado", "razon"),
    [(None, False, SIN_BROKER), (0, True, REINTENTO), (0, False, EN_CAMINO)],
)
def test_por_que_no_se_decide(despejado: float | None, apartado: bool, razon: str) -> None:
    """The broker is blamed when it is the broker; what is tried again, or under way, is said so."""
    s = Sospechas(REPOSO)
    mirar(s, 1, despejado, SOSPECHA, apartado=parado(Lugar.REINTENTOS) if apartado else None)
    assert s.esperas() == {razon: 1}


def test_lo_que_no_va_por_el_broker_solo_se_mira_dos_veces() -> None:
    """A wake-up that nobody serves is sure when it is still so after the time of rest."""
    s, dormida = Sospechas(REPOSO), replace(SOSPECHA, broker=False)
    assert [mirar(s, t, None, dormida) for t in (0, 5, 10)] == [0, 0, 1]
