"""Results, as runs of the same thing: medians, ranges, and the ratios between them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Resultado = dict[str, Any]
NUESTRO, SUELO = "máximo", "suelo"


@dataclass(frozen=True, slots=True)
class Serie:
    """What repeated runs of one thing gave."""

    valores: tuple[float, ...]

    @property
    def mediana(self) -> float:
        return median(self.valores)

    def __str__(self) -> str:
        if len(self.valores) == 1:
            return cifra(self.mediana)
        return f"{cifra(self.mediana)} [{cifra(min(self.valores))} - {cifra(max(self.valores))}]"


@dataclass(frozen=True, slots=True)
class Fila:
    """One measurement, over all of its runs; what it does not have is None."""

    nombre: str
    veces: int
    sagas_por_s: Serie | None
    p50: Serie | None
    p99: Serie | None
    cpu_us: Serie | None


_NOMBRES: dict[str, Callable[[Resultado], str]] = {
    "maximo": lambda _: NUESTRO,
    "http": lambda _: "HTTP",
    "ritmo": lambda r: f"ritmo {r['cuota']}" if r.get("cuota") else f"ritmo {r['por_s']:g}/s",
    "inundacion": lambda r: f"inundación, {r['por_s']:g} inicios/s por HTTP",
    "par": lambda r: f"{r['par']} {r['variante']}{', rechazadas' if r['rechazadas'] else ''}",
    "crecimiento": lambda r: f"máximo con {r['terminadas']:,} terminadas",
    "espera": lambda r: f"máximo con {r['esperando']:,} esperando",
    "escala": lambda r: f"{r['procesos']} × cada proceso, {r['particiones']} particiones",
    "caliente": lambda r: f"máximo, {r['afiliados']} afiliado{'s' if r['afiliados'] > 1 else ''}",
    "memoria": lambda r: f"memoria, {r['sagas']:,} sagas",
    "hinchazon": lambda r: f"ritmo {r['por_s']:g}/s, con un lector {r['segundos']:g} s en su transacción",
    "auditor": lambda r: f"máximo {'con' if r['con_auditor'] else 'sin'} auditor",
    "pedidos": lambda r: str(r["que"]),
    "reconstruccion": lambda r: f"ritmo {r['por_s']:g}/s, mientras se reconstruye",
}


def nombre_de(r: Resultado) -> str:
    """Return the name under which the runs of the same thing are shown together."""
    nombrar = _NOMBRES.get(r["medida"])
    return nombrar(r) if nombrar else str(r["medida"])


def con_cifra(resultados: Sequence[Resultado]) -> list[Resultado]:
    """Return the runs that have a figure."""
    return [r for r in resultados if r["medida"] != "maquina" and "sin_cifra" not in r]


def filas(resultados: Sequence[Resultado]) -> list[Fila]:
    """Return one row a measurement, in the order in which each was first run."""
    grupos: dict[str, list[Resultado]] = {}
    for r in con_cifra(resultados):
        grupos.setdefault(nombre_de(r), []).append(r)
    return [
        Fila(
            nombre,
            len(suyos),
            serie(suyos, "sagas_por_s"),
            _tiempos(suyos, "p50"),
            _tiempos(suyos, "p99"),
            serie(suyos, "cpu_us_total"),
        )
        for nombre, suyos in grupos.items()
    ]


def serie(resultados: Sequence[Resultado], campo: str) -> Serie | None:
    """Return what the runs gave for a field; None when none has it."""
    valores = tuple(float(r[campo]) for r in resultados if r.get(campo) is not None)
    return Serie(valores) if valores else None


def mediana(resultados: Sequence[Resultado], medida: str, campo: str, **que: Any) -> float | None:
    """Return the median of a field over the runs of a measurement that are as `que` says."""
    suyos = [
        r
        for r in con_cifra(resultados)
        if r["medida"] == medida and all(r.get(clave) == valor for clave, valor in que.items())
    ]
    hallada = serie(suyos, campo)
    return hallada.mediana if hallada else None


def mejor_par(resultados: Sequence[Resultado], par: str) -> float | None:
    """Return the best of a peer's variants, each by its median; whole sagas only."""
    variantes = {r["variante"] for r in con_cifra(resultados) if r["medida"] == "par" and r["par"] == par}
    velocidades = [
        mediana(resultados, "par", "sagas_por_s", par=par, variante=v, rechazadas=False) for v in variantes
    ]
    return max((v for v in velocidades if v is not None), default=None)


def cociente(arriba: float | None, abajo: float | None) -> float | None:
    """Return a ratio, or None when a part of it was not measured."""
    return arriba / abajo if arriba is not None and abajo else None


def _tiempos(resultados: Sequence[Resultado], percentil: str) -> Serie | None:
    tiempos = [r.get("saga_ms") or r.get("respuesta_ms") or {} for r in resultados]
    return serie(tiempos, percentil)


def cifra(valor: float) -> str:
    """Write a figure with the digits that mean something."""
    return f"{valor:,.0f}" if abs(valor) >= 100 else f"{valor:,.4g}"
