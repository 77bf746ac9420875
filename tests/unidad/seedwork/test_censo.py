"""What a process makes of the others: who can read what, and what nobody can."""

from uuid import uuid4

from structlog.testing import capture_logs

from aeropartners.seedwork.aplicacion.censo import FALTAS_S, Censo, Desfase, VersionPendiente
from tests.dobles.operacion import Padron
from tests.dobles.relojes import Cronometro

FALTA = VersionPendiente("sagas", "A", 2, 7)


def censo(padron: Padron, cronometro: Cronometro) -> Censo:
    """The census of a process."""
    return Censo(padron, Desfase(), uuid4(), "1", cronometro)


def test_una_version_es_de_todos_cuando_todos_la_conocen() -> None:
    """Of those who have that consumer; where nobody has it, nobody keeps it from anybody."""
    uno = censo(Padron(["A v1", "A v2"], ["A v1"], esperan=[FALTA]), Cronometro())
    uno.una_ronda()
    assert uno.todos_conocen("sagas", "A", 1)
    assert not uno.todos_conocen("sagas", "A", 2)
    assert uno.todos_conocen("pagos", "B", 9)


def test_lo_que_nadie_conoce_se_dice_una_vez() -> None:
    """Loud when it is found; again only after it was over; nothing while somebody living knows it."""
    padron, cronometro = Padron(["A v1"]), Cronometro()
    uno = censo(padron, cronometro)
    cuantos = []
    for conocen, esperan in (
        (["A v1"], [FALTA]),
        (["A v1"], [FALTA]),
        (["A v1", "A v2"], [FALTA]),
        (["A v1"], []),
        (["A v1"], [FALTA]),
    ):
        padron.conocen, padron.esperan = [conocen], esperan
        with capture_logs() as dichos:
            uno.una_ronda()
        cuantos.append((len(uno.huerfanas()), len(dichos)))
        cronometro.segundos += FALTAS_S
    assert cuantos == [(1, 1), (1, 0), (0, 0), (0, 0), (1, 1)]


def test_una_medida_dudosa_no_alarma() -> None:
    """A slow answer blurs the measure: only what is past the limit for sure stops a process; told once."""
    desfase = Desfase()
    with capture_logs() as dichos:
        for segundos, duda in ((7.0, 3.0), (7.0, 0.1), (8.0, 0.1), (4.0, 0.1)):
            desfase.medir(segundos, duda)
    assert [d["event"] for d in dichos] == ["reloj_desviado", "reloj_en_hora"]
    assert desfase.desde is None
