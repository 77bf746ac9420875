"""What a process makes of the others: who can read what, and what nobody can."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from structlog.testing import capture_logs

from aeropartners.seedwork.aplicacion.censo import FALTAS_S, Censo, Desfase, Falta, Visto, Vivo

FALTA = Falta("sagas", "A", 2, 7)


class Padron:
    """Rows that a test gives."""

    def __init__(self, *conocen: Sequence[str]) -> None:
        self.conocen = list(conocen)
        self.esperan: list[Falta] = [FALTA]
        self.borrados: list[UUID] = []

    def anotar(self, yo: Vivo) -> Visto:
        return Visto([Vivo(uuid4(), "otro", "1", {"sagas": nombres}) for nombres in self.conocen], 0.0, 0.0)

    def borrar(self, id: UUID) -> None:
        self.borrados.append(id)

    def faltas(self) -> Sequence[Falta]:
        return self.esperan


class Tic:
    """Time that a test lets go by."""

    ahora = 0.0

    def __call__(self) -> float:
        return self.ahora


def censo(padron: Padron, tic: Tic) -> Censo:
    """The census of a process."""
    return Censo(padron, Desfase(), uuid4(), "1", tic)


def test_una_version_es_de_todos_cuando_todos_la_conocen() -> None:
    """Of those who have that consumer; where nobody has it, nobody keeps it from anybody."""
    uno = censo(Padron(["A v1", "A v2"], ["A v1"]), Tic())
    uno.una_ronda()
    assert uno.todos_conocen("sagas", "A", 1)
    assert not uno.todos_conocen("sagas", "A", 2)
    assert uno.todos_conocen("pagos", "B", 9)


def test_lo_que_nadie_conoce_se_dice_una_vez() -> None:
    """Loud when it is found; again only after it was over; nothing while somebody living knows it."""
    padron, tic = Padron(["A v1"]), Tic()
    uno = censo(padron, tic)
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
        tic.ahora += FALTAS_S
    assert cuantos == [(1, 1), (1, 0), (0, 0), (0, 0), (1, 1)]


def test_una_medida_dudosa_no_alarma() -> None:
    """A slow answer blurs the measure: only what is past the limit for sure stops a process; told once."""
    desfase = Desfase()
    with capture_logs() as dichos:
        for segundos, duda in ((7.0, 3.0), (7.0, 0.1), (8.0, 0.1), (4.0, 0.1)):
            desfase.medir(segundos, duda)
    assert [d["event"] for d in dichos] == ["reloj_desviado", "reloj_en_hora"]
    assert desfase.desde is None
