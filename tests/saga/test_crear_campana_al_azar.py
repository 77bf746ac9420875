"""Whatever happens to a saga, in whatever order, it stays whole and can be brought to its end."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import Fase
from tests.saga.relato import DESHACE, Relato, exige

Hecho = Callable[["Azar"], object]
PALABRAS = [*DESHACE, *DESHACE.values(), "DESCONOCIDO"]


class Azar(Relato):
    """A saga that remembers which commands it has sent, and what the participants said they did."""

    def __init__(self, timeout_minutos: int) -> None:
        super().__init__(timeout_minutos=timeout_minutos)
        self.pedidas: list[tuple[str, int]] = []
        self.hechas: set[str] = set()
        self.coherente()

    def coherente(self) -> "Azar":
        """Remember the commands of the last fact; at most one goes out at a time."""
        exige(len(self.ultimas) <= 1, f"Dos órdenes a la vez: {self.ultimas}")
        self.pedidas += [(o.paso, o.intento) for o in self.ultimas]
        self.ultimas = []
        super().coherente()
        return self

    def responde(self, cual: int, clase: str) -> None:
        """One of the commands sent so far, old or new, is answered."""
        paso, intento = self.pedidas[cual % len(self.pedidas)]
        self.contesta(paso, intento, clase)

    def contesta(self, paso: str, intento: int | None, clase: str) -> None:
        """A reply of any kind to any word."""
        if clase == "exito":
            if paso in [p for p, _ in self.pedidas]:
                self.hechas.add(paso)
            self.responde_exito(paso, intento)
        else:
            (self.rechaza if clase == "rechazo" else self.falla)(paso, intento=intento)

    def suena(self, segundos: float | None, en_salida: bool) -> None:
        """The clock goes on by some seconds, or to the wake-up."""
        if segundos is None and self.saga.despertar is not None:
            self.despierta(en_salida=en_salida)
        else:
            self.pasan(segundos or 0.0, en_salida=en_salida)
            self.coherente()

    def manda(self, orden: str) -> None:
        """An operator's order, refused without a trace or carried out."""
        version = self.saga.version
        try:
            self.ordena(orden)
        except ErrorDeDominio:
            exige(self.saga.version == version, "Una orden negada dejó eventos")

    def hasta_el_fin(self) -> None:
        """Every command ever sent succeeds after all."""
        contestadas = 0
        while contestadas < len(self.pedidas):
            self.responde(contestadas, "exito")
            contestadas += 1
            exige(contestadas < 1_000, "La saga no acaba de pedir")


CLASES = st.sampled_from(["exito", "rechazo", "averia"])
RESPUESTAS: st.SearchStrategy[Hecho] = st.builds(
    lambda cual, clase: lambda a: a.responde(cual, clase), st.integers(-3, 30), CLASES
)
AJENAS: st.SearchStrategy[Hecho] = st.builds(
    lambda paso, intento, clase: lambda a: a.contesta(paso, intento, clase),
    st.sampled_from(PALABRAS),
    st.none() | st.integers(1, 12),
    CLASES,
)
PLAZOS: st.SearchStrategy[Hecho] = st.builds(
    lambda segundos, en_salida: lambda a: a.suena(segundos, en_salida),
    st.none() | st.floats(0, 100, allow_nan=False),
    st.booleans(),
)
ORDENES: st.SearchStrategy[Hecho] = st.builds(
    lambda orden: lambda a: a.manda(orden), st.sampled_from(["cancelar", "reintentar", "omitir", "cerrar"])
)
HECHOS = st.lists(RESPUESTAS | RESPUESTAS | AJENAS | PLAZOS | PLAZOS | ORDENES, max_size=40)


def _vive(hechos: list[Hecho], minutos: int) -> Azar:
    azar = Azar(minutos)
    for hecho in hechos:
        hecho(azar)
    return azar


@settings(max_examples=300, deadline=None, database=None)
@given(hechos=HECHOS, minutos=st.integers(1, 5))
def test_toda_saga_puede_terminar(hechos: list[Hecho], minutos: int) -> None:
    """No sequence of facts breaks a saga, and it ends once all that it asked for succeeds."""
    azar = _vive(hechos, minutos)
    azar.hasta_el_fin()
    azar.termina(azar.saga.memoria.estado)
    assert azar.saga.memoria.estado in ("COMPLETADA", "COMPENSADA", "FALLIDA")


@settings(max_examples=300, deadline=None, database=None)
@given(hechos=HECHOS, minutos=st.integers(1, 5))
def test_todo_o_nada(hechos: list[Hecho], minutos: int) -> None:
    """A saga that ends has all its effects, or has undone each of them, unless an operator closed it."""
    azar = _vive(hechos, minutos)
    azar.hasta_el_fin()
    memoria = azar.saga.memoria
    if memoria.estado == "COMPLETADA":
        assert all(p.exitoso for p in memoria.pasos)
        assert not memoria.compensaciones
    elif Tipo.CERRADA not in [e.tipo for e in azar.eventos]:
        deshechos = {azar.saga.paso(c.paso).tipo for c in memoria.compensaciones if c.exitoso}
        assert azar.hechas & set(DESHACE.values()) <= deshechos
        assert not azar.saga.por_deshacer


@settings(max_examples=200, deadline=None, database=None)
@given(hechos=HECHOS, minutos=st.integers(1, 5))
def test_sola_llega_al_fin_o_pide_atencion(hechos: list[Hecho], minutos: int) -> None:
    """If nobody ever answers again, the clock alone brings a saga to its end or to an operator."""
    azar = _vive(hechos, minutos)
    for _ in range(200):
        if azar.saga.despertar is None:
            break
        azar.suena(None, en_salida=False)
    assert azar.saga.memoria.fase is Fase.FIN or azar.saga.memoria.requiere_atencion


@settings(max_examples=200, deadline=None, database=None)
@given(hechos=HECHOS, minutos=st.integers(1, 5))
def test_los_eventos_publicos_no_tienen_huecos(hechos: list[Hecho], minutos: int) -> None:
    """Public events count from 1 without a gap, each with its own id, and none goes back in time."""
    eventos = _vive(hechos, minutos).eventos
    ordenes = [e.orden for e in eventos if e.orden]
    assert ordenes == list(range(1, len(ordenes) + 1))
    assert len({e.datos["id"] for e in eventos}) == len(eventos)
    assert [e.fecha for e in eventos] == sorted(e.fecha for e in eventos)
