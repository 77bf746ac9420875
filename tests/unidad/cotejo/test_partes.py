"""Which window a finding is said in, and when a window's statement is complete."""

from datetime import UTC, datetime, timedelta

from saga_orchestrator.cotejo.aplicacion.partes import Partes
from saga_orchestrator.cotejo.dominio.hallazgo import SAGA, ClaseDeHallazgo, Hallazgo

AHORA, MINUTO = datetime(2026, 1, 1, 12, tzinfo=UTC), timedelta(minutes=1)
SOSPECHA = Hallazgo(ClaseDeHallazgo.PERDIDO, "saga", "mensaje", "falta", "repara", SAGA, "1")


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
