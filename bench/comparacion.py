"""Two trees measured at once: the ratio of each turn, the spread of A against A, and who is worse. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from bench.resumen import Resultado, Serie, cifra

TURNOS = 32
"""Each has a ratio of B to the mean of both A, and of one A to that mean, of the same second."""
PARTE = 0.03
"""More CPU than this part of it is worse; less may be the place of the code in memory."""
RARO = 0.05
UNO = 0.5
"""A row, message or commit more a saga, give or take: a run never has a whole number of each."""
AJENOS = frozenset({"carga", "postgresql", "pulsar"})
PEOR, IGUAL, MEJOR = "peor", "igual", "mejor"


@dataclass(frozen=True, slots=True)
class Campo:
    """A figure of a turn, or of all of them, and the difference that is judged; else it is only shown."""

    nombre: str
    de: Callable[[Resultado], float | None]
    parte: float | None = None
    uno: float | None = None


@dataclass(frozen=True, slots=True)
class Comparado:
    """One figure of both trees, over all pairs."""

    campo: Campo
    a: Serie
    otra_a: Serie
    b: Serie

    @property
    def ambas_a(self) -> Serie:
        """Return the mean of the two A of each turn."""
        return Serie(
            tuple((a + otra) / 2 for a, otra in zip(self.a.valores, self.otra_a.valores, strict=True))
        )

    @property
    def cociente(self) -> Serie | None:
        """Return B to both A, of each turn."""
        return _entre_a(self.b, self.ambas_a)

    @property
    def a_entre_a(self) -> Serie | None:
        """Return one A to both A, of each turn."""
        return _entre_a(self.otra_a, self.ambas_a)

    @property
    def a_contra_a(self) -> float:
        """Return by what part the median of one A to both may be off 1: the machine, not the code."""
        if self.a_entre_a is None:
            return 0.0
        return max(abs(extremo - 1) for extremo in _entre(self.a_entre_a.valores))

    @property
    def veredicto(self) -> str:
        """Say whether B is worse: beyond the bound, and beyond A against A. Nothing if it is not judged."""
        if self.campo.parte is not None and self.cociente:
            return self._fuera(self.cociente.mediana - 1, self.campo.parte, self.a_contra_a)
        if self.campo.uno is not None:
            de_mas = self.b.mediana - self.ambas_a.mediana
            return self._fuera(de_mas, self.campo.uno, self.a_contra_a * self.ambas_a.mediana)
        return ""

    def textos(self) -> list[str]:
        """Return what is shown: the figure, A, B, B to A, A to A, the verdict."""
        medianas = [cifra(serie.mediana) for serie in (self.ambas_a, self.b)]
        cocientes = ["" if c is None else _veces(c) for c in (self.cociente, self.a_entre_a)]
        return [self.campo.nombre, *medianas, *cocientes, self.veredicto]

    @staticmethod
    def _fuera(de_mas: float, cota: float, ruido: float) -> str:
        if abs(de_mas) <= ruido or abs(de_mas) < cota:
            return IGUAL
        return PEOR if de_mas > 0 else MEJOR


def propia(r: Resultado) -> float | None:
    """Return the CPU of our own processes, in µs a saga, without the driver's and the servers'."""
    return sum(us for proceso, us in r["cpu_us"].items() if proceso not in AJENOS)


def de_postgresql(r: Resultado) -> float | None:
    """Return the CPU of the database, in µs a saga; None for SQLite, which is in our own process."""
    return r["cpu_us"].get("postgresql")


def _tiempo(percentil: str) -> Callable[[Resultado], float | None]:
    return lambda r: (r.get("saga_ms") or r.get("respuesta_ms") or {}).get(percentil)


def _de(nombre: str) -> Callable[[Resultado], float | None]:
    return lambda r: r.get(nombre)


DE_TURNOS = (
    Campo("CPU µs por saga, nuestros procesos", propia, parte=PARTE),
    Campo("CPU µs por saga, PostgreSQL", de_postgresql, parte=PARTE),
    Campo("sagas/s", _de("sagas_por_s")),
    Campo("p50 ms", _tiempo("p50")),
    Campo("p99 ms", _tiempo("p99")),
)
CONTADOS = (
    Campo("filas por saga", _de("filas"), uno=UNO),
    Campo("mensajes por saga", _de("mensajes"), uno=UNO),
    Campo("commits por saga", _de("commits"), uno=UNO),
    Campo("cambios por saga", _de("cambios")),
    Campo("sentencias por saga", _de("sentencias")),
)


LADOS = ("A", "A'", "B")


def comparar(hechas: Mapping[str, Sequence[Resultado]], contadas: Mapping[str, Resultado]) -> list[Comparado]:
    """Compare every figure that all have: of the turns, in their order, and counted over all of them."""
    contadas_una_vez = {lado: [contada] for lado, contada in contadas.items()}
    comparados = []
    for campos, suyas in ((DE_TURNOS, hechas), (CONTADOS, contadas_una_vez)):
        for campo in campos:
            series = [_serie(campo, suyas[lado]) for lado in LADOS]
            if all(series):
                comparados.append(Comparado(campo, *(s for s in series if s)))
    return comparados


def _serie(campo: Campo, resultados: Sequence[Resultado]) -> Serie | None:
    valores = [valor for r in resultados if (valor := campo.de(r)) is not None]
    return Serie(tuple(valores)) if len(valores) == len(resultados) else None


def _entre_a(otra: Serie, a: Serie) -> Serie | None:
    if not all(a.valores):
        return None
    return Serie(tuple(o / suyo for o, suyo in zip(otra.valores, a.valores, strict=True)))


def _lugar(cuantas: int) -> int:
    """Return how many of so many sorted values may be left out at each end, and their median stays inside.

    By the sign test: each value is as often above the true median as below it.
    """
    fuera, lugar = 1 / 2**cuantas, 0
    while lugar + 1 < cuantas / 2 and (fuera := fuera + comb(cuantas, lugar + 1) / 2**cuantas) <= RARO / 2:
        lugar += 1
    return lugar


def _entre(valores: Sequence[float]) -> tuple[float, float]:
    """Return the range in which the median lies 19 times of 20."""
    en_orden = sorted(valores)
    lugar = _lugar(len(en_orden))
    return en_orden[lugar], en_orden[-1 - lugar]


def _veces(serie: Serie) -> str:
    menos, mas = _entre(serie.valores)
    return f"{serie.mediana:.3f} ({menos:.3f} - {mas:.3f})"
