"""What is wrong with the rows of a saga, and with those of a stream: pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.cotejo.dominio.hallazgo import ClaseDeHallazgo
from saga_orchestrator.cotejo.dominio.hechos import (
    DORMIDA,
    Efecto,
    HechosDeFlujo,
    HechosDeSaga,
    juzgar,
    juzgar_flujo,
)
from saga_orchestrator.sistemas.campanas.definicion import crear_campana_completa

AHORA, MINUTO = datetime(2026, 1, 1, 12, tzinfo=UTC), timedelta(minutes=1)
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
SUYO = HechosDeFlujo("campana", "saga", 2, 2, 2, EFECTO._replace(vigente=True), None)
SUELTO = SUYO._replace(saga_id=None)
VER, RESTAURA = "aeropartners saga ver saga", "restaure los eventos de campana flujo"


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


@pytest.mark.parametrize(
    ("hechos", "clase", "texto", "repara"),
    [
        (SUYO, None, "", ""),
        (
            SUYO._replace(ultima=0, eventos=0),
            "HUERFANO",
            "tiene una fila, BORRADOR, y ningún evento",
            "flujo",
        ),
        (SUYO._replace(version=1), "PERDIDO", "va por la versión 1", VER),
        (SUYO._replace(eventos=1), "PERDIDO", "sus eventos son 1", VER),
        (
            SUELTO._replace(version=1),
            "PERDIDO",
            "va por la versión 1",
            "restaure los eventos de campana flujo",
        ),
        (SUYO._replace(version=0, efecto=EFECTO._replace(estado=None)), None, "", ""),
        (SUELTO, None, "", ""),
        (SUELTO._replace(efecto=EFECTO._replace(en_curso=True)), "PERDIDO", "nadie lo resolverá", "flujo"),
        (SUYO._replace(efecto=EFECTO._replace(en_curso=True)), None, "", ""),
        (SUYO._replace(ajeno=ClaseDeHallazgo.HUERFANO), "HUERFANO", "su SAGA no existe", "flujo"),
        (SUYO._replace(ajeno=ClaseDeHallazgo.DUPLICADO), "DUPLICADO", "es otro efecto de su SAGA", "flujo"),
        (SUYO._replace(ajeno=ClaseDeHallazgo.HUERFANO, efecto=EFECTO._replace(vigente=False)), None, "", ""),
    ],
)
def test_juicio_de_un_flujo(hechos: HechosDeFlujo, clase: str | None, texto: str, repara: str) -> None:
    """Each disagreement between row, events and owner is of its kind, with its words and its repair."""
    hallazgo = juzgar_flujo(hechos)
    if hallazgo is None:
        assert clase is None
        return
    assert (hallazgo.clase, hallazgo.mensaje, hallazgo.repara) == (clase, "flujo", repara)
    assert hallazgo.texto.startswith("campana flujo ")
    assert texto in hallazgo.texto
