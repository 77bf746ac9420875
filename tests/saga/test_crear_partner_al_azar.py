"""Whatever happens to a partner saga, it ends, undoes what may have been done, and tells it in order."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from saga_orchestrator.dominio.memoria import Fase
from saga_orchestrator.sistemas.partners.definicion import crear_partner
from saga_orchestrator.sistemas.partners.estados import ESTADOS_PARTNER
from tests.saga.lenguaje import Escenario
from tests.saga.partner import ALIANZA, BORRAR, CANCELAR, PARTNER, escenario
from tests.sagas_de_los_sistemas import AJUSTES

UNDO = {PARTNER: BORRAR, ALIANZA: CANCELAR}
Hecho = tuple[str, int, float]
HECHOS = st.lists(
    st.tuples(
        st.sampled_from(["exito", "rechazo", "averia", "duda", "reloj"]),
        st.integers(0, 20),
        st.floats(0, 90, allow_nan=False),
    ),
    max_size=30,
)


@dataclass
class Vida:
    """A saga, the commands that it has sent, and which of them had or may have had an effect."""

    e: Escenario = field(default_factory=escenario)
    pedidas: list[tuple[str, int]] = field(default_factory=list)
    efectos: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.anotar()

    def anotar(self) -> None:
        """Remember what it asked for."""
        self.pedidas += [(o.paso, o.intento) for o in self.e.ultimas]
        self.e.ultimas = []
        self.e.coherente()
        ESTADOS_PARTNER.fila(self.e.saga)

    def pasa(self, hecho: Hecho) -> None:
        """Answer one of the commands sent so far, or let time go by."""
        clase, cual, segundos = hecho
        paso, intento = self.pedidas[cual % len(self.pedidas)]
        if clase == "reloj":
            self.e.pasan(segundos)
        elif clase == "exito":
            self.efectos.add(paso)
            self.e.exito(paso, intento, partner_id="p-1", alliance_id="a-1")
        elif clase == "rechazo":
            self.e.rechazo(paso, "no", intento)
        else:
            self.e.averia(paso, intento, incierta=clase == "duda")
        self.anotar()

    def acabar(self) -> None:
        """Every command ever sent succeeds after all."""
        contestadas = 0
        while contestadas < len(self.pedidas):
            self.pasa(("exito", contestadas, 0))
            contestadas += 1
            assert contestadas < 1_000


@settings(max_examples=300, deadline=None, database=None)
@given(hechos=HECHOS)
def test_todo_o_nada(hechos: list[Hecho]) -> None:
    """It ends in a word of the contract; completed with all its effects, or with each of them undone."""
    vida = Vida()
    for hecho in hechos:
        vida.pasa(hecho)
    vida.acabar()
    memoria = vida.e.saga.memoria
    assert memoria.fase is Fase.FIN
    assert memoria.estado in ("completed", "failed", "compensated")
    assert {evento.estado for evento in vida.e.eventos} <= set(crear_partner(AJUSTES).todos_los_estados)
    if memoria.estado != "completed":
        deshechos = {
            vida.e.saga.compensacion(i).tipo for i, c in enumerate(memoria.compensaciones) if c.exitoso
        }
        assert {UNDO[paso] for paso in vida.efectos if paso in UNDO} <= deshechos


@settings(max_examples=300, deadline=None, database=None)
@given(hechos=HECHOS)
def test_cada_vuelta_atras_se_cuenta_una_vez(hechos: list[Hecho]) -> None:
    """A start and an end for each time it walked back, in turn; public events count from 1 without a gap."""
    vida = Vida()
    for hecho in hechos:
        vida.pasa(hecho)
    vida.acabar()
    publicos = [evento for evento in vida.e.eventos if evento.orden]
    assert [evento.orden for evento in publicos] == list(range(1, len(publicos) + 1))
    vueltas = [e.palabra for e in publicos if e.palabra.startswith("compensation_")]
    assert vueltas == ["compensation_started", "compensation_completed"] * (len(vueltas) // 2)
    assert (vida.e.saga.memoria.estado == "compensated") is bool(vueltas)
