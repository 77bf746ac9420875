"""The targets: what must be, what we reach for, and what was seen. Pure: made from the results alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.resumen import Resultado, cociente, con_cifra, mediana, mejor_par

SUELO_DE_REFERENCIA = 2_635
"""The floor, in sagas a second, of the machine on which the absolute targets were set."""
PARES = {"dbos": (12.0, 25.0), "eventsourcing": (5.0, 10.0), "temporal": (30.0, 70.0)}
PLANA = 1.10
"""A process is flat while it ends with no more than this times its memory when it was warm."""


@dataclass(frozen=True, slots=True)
class Meta:
    """One target; `visto` is None when nothing measured it."""

    que: str
    debe: float
    alcanzar: float
    visto: float | None
    forma: str = "{:,.0f}"
    mas_es_mejor: bool = True

    @property
    def cumplida(self) -> str:
        """Say it in one word."""
        if self.visto is None:
            return "sin medir"
        return "alcanzada" if self._llega(self.alcanzar) else "cumplida" if self._llega(self.debe) else "NO"

    def textos(self) -> list[str]:
        """Return what is shown: what, must, reach for, seen, met."""
        signo = "≥ " if self.mas_es_mejor else "≤ "
        visto = "" if self.visto is None else self.forma.format(self.visto)
        cifras = [signo + self.forma.format(valor) for valor in (self.debe, self.alcanzar)]
        return [self.que, *cifras, visto, self.cumplida]

    def _llega(self, meta: float) -> bool:
        assert self.visto is not None
        return self.visto >= meta if self.mas_es_mejor else self.visto <= meta


def metas(resultados: Sequence[Resultado]) -> list[Meta]:
    """Return every target beside what these results show of it."""
    return [
        *_velocidad(resultados),
        *_tiempos(resultados),
        *_con_historia(resultados),
        *_pedidos(resultados),
    ]


def _velocidad(r: Sequence[Resultado]) -> list[Meta]:
    nuestro, suelo = mediana(r, "maximo", "sagas_por_s"), mediana(r, "suelo", "sagas_por_s")
    escala = suelo / SUELO_DE_REFERENCIA if suelo else 1.0
    pares = [
        Meta(f"máximo, entre {par}", *metas_par, cociente(nuestro, mejor_par(r, par)), "{:.1f} ×")
        for par, metas_par in PARES.items()
    ]
    return [
        Meta("máximo, parte del suelo", 0.50, 0.65, cociente(nuestro, suelo), "{:.0%}"),
        Meta("máximo, sagas/s a la escala de este suelo", 1_700 * escala, 2_500 * escala, nuestro),
        *pares,
        Meta("HTTP, sagas/s", 400, 1_000, mediana(r, "http", "sagas_por_s")),
        Meta("embebido, sagas/s", 150, 500, mediana(r, "embebido", "sagas_por_s")),
    ]


def _tiempos(r: Sequence[Resultado]) -> list[Meta]:
    def tiempo(percentil: str, **que: object) -> float | None:
        return mediana([{**x, **x.get("saga_ms", {})} for x in r], "ritmo", percentil, **que)

    def meta(que: str, debe: float, alcanzar: float, visto: float | None) -> Meta:
        return Meta(que, debe, alcanzar, visto, "{:,.1f}", mas_es_mejor=False)

    reclamos = [{**x, **x.get("reclamo_ms", {})} for x in r]
    return [
        meta("saga entera a 10/s, p50 ms", 50, 35, tiempo("p50", por_s=10.0)),
        meta("saga entera a 10/s, p99 ms", 120, 65, tiempo("p99", por_s=10.0)),
        meta("saga entera al 70 % del máximo, p99 ms", 700, 300, tiempo("p99", cuota="70 %")),
        meta("reclamo de plazos, p99 ms", 5, 2, mediana(reclamos, "espera", "p99")),
    ]


def _con_historia(r: Sequence[Resultado]) -> list[Meta]:
    llenas = sorted({x["terminadas"] for x in con_cifra(r) if x["medida"] == "crecimiento"})
    lleno = mediana(r, "crecimiento", "sagas_por_s", terminadas=llenas[-1]) if llenas else None
    vacio = mediana(r, "crecimiento", "sagas_por_s", terminadas=0)
    cuantas = f"{llenas[-1]:,}" if llenas else "500,000"
    sagas = max((x["sagas"] for x in con_cifra(r) if x["medida"] == "memoria"), default=100_000)

    def menos(que: str, debe: float, alcanzar: float, medida: str, campo: str, forma: str) -> Meta:
        return Meta(que, debe, alcanzar, mediana(r, medida, campo), forma, mas_es_mejor=False)

    con, sin = (mediana(r, "auditor", "sagas_por_s", con_auditor=c) for c in (True, False))
    lector = mediana(r, "hinchazon", "queda")
    return [
        Meta(f"con {cuantas} terminadas, entre vacío", 0.90, 0.95, cociente(lleno, vacio), "{:.2f} ×"),
        menos(f"MiB de un proceso tras {sagas:,} sagas", 200, 120, "memoria", "mayor_mib", "{:,.0f}"),
        menos("los mismos, entre los que tenía caliente", PLANA, 1.02, "memoria", "crece", "{:.2f} ×"),
        Meta("sagas/s con el auditor, entre sin él", 0.97, 0.99, cociente(con, sin), "{:.3f} ×"),
        Meta("sagas/s con un lector en su transacción, entre antes", 0.80, 0.95, lector, "{:.2f} ×"),
        menos(
            "tras la inundación, s hasta la latencia de antes", 10, 2, "inundacion", "recuperada_s", "{:,.1f}"
        ),
        menos("después, páginas de la mayor cola", 100, 20, "hinchazon", "paginas_despues", "{:,.0f}"),
        menos("después, parte de filas muertas", 0.05, 0.01, "hinchazon", "muertas_despues", "{:.1%}"),
    ]


def _pedidos(r: Sequence[Resultado]) -> list[Meta]:
    def por_s(que: str) -> float | None:
        return mediana(r, "pedidos", "sagas_por_s", que=que)

    def p50(que: str) -> float | None:
        return mediana([{**x, **x.get("saga_ms", {})} for x in r], "pedidos", "p50", que=que)

    uno, muchos = por_s("pedidos de un producto"), por_s("pedidos por HTTP")
    campanas, dos = por_s("campañas por HTTP"), por_s("pedidos de un producto, dos procesos")
    lento = cociente(p50("pedidos a 10/s"), p50("campañas a 10/s"))
    return [
        Meta(
            "pedidos con su espera, entre campañas por HTTP", 0.4, 0.8, cociente(muchos, campanas), "{:.2f} ×"
        ),
        Meta("pedido a 10/s, entre campaña, p50", 1.5, 1.1, lento, "{:.2f} ×", mas_es_mejor=False),
        Meta("pedidos de un producto, entre los de 100", 0.5, 0.8, cociente(uno, muchos), "{:.2f} ×"),
        Meta("un producto, dos procesos entre uno", 0.8, 1.0, cociente(dos, uno), "{:.2f} ×"),
    ]
