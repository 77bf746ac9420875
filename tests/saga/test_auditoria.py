"""What the auditor makes of a saga's rows, when it is sure, and what it says of a window: pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from saga_orchestrator.aplicacion.partes import Partes
from saga_orchestrator.aplicacion.sospechas import VUELTAS, Sospechas
from saga_orchestrator.definiciones import registro
from saga_orchestrator.definiciones.ajustes import Ajustes
from saga_orchestrator.dominio.auditoria import DORMIDA, Efecto, HechosDeSaga, juzgar
from saga_orchestrator.dominio.hallazgo import SAGA, Clase, Hallazgo
from saga_orchestrator.dominio.identidades import id_orden

AHORA = datetime(2026, 1, 1, 12, tzinfo=UTC)
REPOSO, MINUTO = timedelta(seconds=10), timedelta(minutes=1)
DEFINICION = registro(Ajustes()).de("CREAR_CAMPANA_COMPLETA", 1)
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
    s: Sospechas, segundos: float, despejado: float | None, *vistos: Hallazgo, apartados: Sequence[str] = ()
) -> int:
    """Look after so many seconds, the broker clear up to a second; return how many are sure."""
    clara = None if despejado is None else AHORA + timedelta(seconds=despejado)
    ahora = AHORA + timedelta(seconds=segundos)
    return len(s.mirar(vistos, AHORA + MINUTO, ahora, clara, apartados))


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
    s = Sospechas(REPOSO)
    for n in range(VUELTAS):
        mirar(s, 2 * n, 2 * n, SOSPECHA)
    otra = replace(SOSPECHA, huella="2") if cambio == "huella" else SOSPECHA
    if cambio == "ausencia":
        mirar(s, 2 * VUELTAS, 2 * VUELTAS)
    else:
        assert (
            mirar(s, 2 * VUELTAS, 2 * VUELTAS, otra, apartados=["saga"] if cambio == "apartado" else ()) == 0
        )
    assert [mirar(s, 2 * n, 2 * n, otra) for n in range(VUELTAS + 1, 2 * VUELTAS)] == [0] * (VUELTAS - 1)


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
