"""What the auditor makes of a saga's rows, when it is sure, and what it says of a window: pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from saga_orchestrator.aplicacion.espera import Lugar, Paradero
from saga_orchestrator.cotejo.aplicacion.partes import Partes
from saga_orchestrator.cotejo.aplicacion.sospechas import EN_CAMINO, REINTENTO, SIN_BROKER, VUELTAS, Sospechas
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, CALLADA, ENVIO, SAGA, Clase, Hallazgo
from saga_orchestrator.cotejo.dominio.hechos import DORMIDA, Efecto, HechosDeSaga, juzgar
from saga_orchestrator.definiciones.ajustes import Ajustes
from saga_orchestrator.definiciones.crear_campana_completa import crear_campana_completa
from saga_orchestrator.dominio.identidades import id_orden

AHORA = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPOSO, MINUTO = timedelta(seconds=10), timedelta(minutes=1)
DEFINICION = crear_campana_completa(Ajustes())
EFECTO = Efecto("CREAR_CAMPAÑA", "flujo", "BORRADOR", vigente=True, en_curso=False, deshacer=str)
HECHOS = HechosDeSaga(
    id="saga",
    definicion=DEFINICION,
    estado="COMPLETADA",
    version=8,
    ultima=8,
    eventos=8,
    terminada=True,
    requiere_atencion=False,
    plazo=None,
    revisar_en=None,
    pasos=3,
    logrados=3,
    efectos=(EFECTO,),
)
ABIERTA = HECHOS._replace(estado="INICIADA", terminada=False, plazo=AHORA, revisar_en=AHORA)
LETRA = UUID("0190a5a0-0000-7000-8000-0000000000bb")
SOSPECHA = Hallazgo(Clase.PERDIDO, "saga", "mensaje", "falta", "repara", SAGA, "1")


@pytest.mark.parametrize(
    ("hechos", "clases"),
    [
        (HECHOS, []),
        (HECHOS._replace(version=7), ["PERDIDO"]),
        (HECHOS._replace(eventos=7), ["PERDIDO"]),
        (HECHOS._replace(pasos=2, logrados=2), ["PERDIDO"]),
        (HECHOS._replace(logrados=2), ["PERDIDO"]),
        (HECHOS._replace(efectos=(EFECTO._replace(estado=None, vigente=False),)), ["PERDIDO"]),
        (HECHOS._replace(efectos=(EFECTO._replace(en_curso=True),)), ["PERDIDO"]),
        (HECHOS._replace(estado="COMPENSADA"), ["HUERFANO"]),
        (HECHOS._replace(estado="COMPENSADA", efectos=(EFECTO._replace(vigente=False),)), []),
        (HECHOS._replace(estado="COMPENSANDO", requiere_atencion=True), []),
        (ABIERTA, []),
        (ABIERTA._replace(revisar_en=None), ["ATASCADO"]),
        (ABIERTA._replace(plazo=None), ["ATASCADO"]),
        (ABIERTA._replace(plazo=AHORA - MINUTO), []),
        (ABIERTA._replace(plazo=AHORA - MINUTO, revisar_en=AHORA - MINUTO), ["ATASCADO"]),
        (ABIERTA._replace(plazo=AHORA - DORMIDA, revisar_en=AHORA - DORMIDA), []),
    ],
)
def test_juicio(hechos: HechosDeSaga, clases: Sequence[str]) -> None:
    """Each disagreement between rows, events, effects and wake-ups is of its kind, and names the saga."""
    hallazgos = list(juzgar(hechos, AHORA))
    assert [h.clase for h in hallazgos] == clases
    assert {(h.saga_id, bool(h.repara)) for h in hallazgos} <= {("saga", True)}


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
    assert [(h.clase, h.mensaje, h.saga_id) for h in dichos] == [(Clase.ATASCADO, str(LETRA), "saga")]
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
    orden = id_orden(uuid4(), 3, AHORA)
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


def test_la_orden_tiene_el_id_de_su_evento() -> None:
    """A UUIDv7 of the event's millisecond, the same each time, and another one for each event and saga."""
    saga, fecha = uuid4(), datetime(2026, 1, 1, 12, 0, 0, 123_999, tzinfo=UTC)
    id = id_orden(saga, 1, fecha)
    assert (id.version, id.variant) == (7, UUID(int=2 << 62).variant)
    assert id.int >> 80 == int(datetime(2026, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC).timestamp() * 1000)
    assert id == id_orden(saga, 1, fecha)
    assert len({id, id_orden(saga, 2, fecha), id_orden(uuid4(), 1, fecha)}) == 3


def test_un_parte_espera_a_sus_sospechas() -> None:
    """Windows follow the clock; one is said when it was seen whole and nothing in it is undecided."""
    partes = Partes(MINUTO)
    primera = AHORA + timedelta(seconds=30)
    parte = partes.abrir(None, primera, AHORA + timedelta(seconds=90))
    assert parte is not None
    assert (parte.desde, parte.hasta, parte.visto) == (AHORA, AHORA + MINUTO, AHORA + MINUTO)
    assert partes.cerrar(parte.visto, AHORA + MINUTO) == []
    partes.anotar([(SOSPECHA, AHORA + MINUTO)])
    [dicho] = partes.cerrar(parte.visto, AHORA + 2 * MINUTO)
    assert dicho.cuentas == {"PERDIDO": 1, "DUPLICADO": 0, "HUERFANO": 0, "ATASCADO": 0}
    assert partes.cerrar(None, None) == []


def test_lo_vacio_se_salta() -> None:
    """Hours in which nothing happened have no statement while the audit catches up."""
    partes = Partes(MINUTO)
    parte = partes.abrir(AHORA, AHORA + 100 * MINUTO, AHORA + 200 * MINUTO)
    assert parte is not None
    assert parte.desde == AHORA + 100 * MINUTO
    assert partes.abrir(AHORA + 200 * MINUTO, None, AHORA + 200 * MINUTO) is None
