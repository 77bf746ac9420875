"""What a measurement found beside its rate, in rows to be shown. Pure."""

from collections.abc import Callable, Iterator, Sequence

from bench.resumen import Resultado, con_cifra

Hecho = tuple[str, str]


def hechos(resultados: Sequence[Resultado]) -> list[Hecho]:
    """Return what the claims, the memory, the bloat and the rebuild showed, one row a fact."""
    return [hecho for r in con_cifra(resultados) if r["medida"] in _DE for hecho in _DE[r["medida"]](r)]


def _espera(r: Resultado) -> Iterator[Hecho]:
    nombre = f"reclamo con {r['esperando']:,} esperando"
    for campo, cual in (("reclamo_ms", "todos"), ("vencidos_ms", "los que hallaron")):
        yield f"{nombre}, p50 / p99 ms, {cual}", f"{r[campo]['p50']:g} / {r[campo]['p99']:g}"
    yield f"{nombre}, cuántos, y plazos hallados", f"{r['reclamos']:,}, {r['vencidos']:,}"


def _memoria(r: Resultado) -> Iterator[Hecho]:
    for proceso, (comienzo, caliente, fin, mayor) in r["procesos_mib"].items():
        yield (
            f"{proceso}, MiB al empezar, caliente, al final, la mayor",
            f"{comienzo:.0f}, {caliente:.0f}, {fin:.0f}, {mayor:.0f}",
        )


def _inundacion(r: Resultado) -> Iterator[Hecho]:
    veces = ", ".join(f"{n:,} con {estado}" for estado, n in sorted(r["estados"].items()))
    yield "inundación, respuestas, y aceptadas por s", f"{veces}; {r['aceptadas_por_s']:,.0f}"
    for fase, cortes in r["saga_ms"].items():
        if cortes:
            yield f"inundación, saga p50 / p99 ms, {fase}", f"{cortes['p50']:,.0f} / {cortes['p99']:,.0f}"
    for proceso, mib in r["memoria_mib"].items():
        tercios = f"{mib['primer_tercio']:.0f}, {mib['ultimo_tercio']:.0f}"
        yield f"inundación, MiB de {proceso} en el primer tercio y en el último", tercios


def _hinchazon(r: Resultado) -> Iterator[Hecho]:
    yield "sagas/s antes, durante", f"{r['antes_por_s']:,.1f}, {r['durante_por_s']:,.1f}"
    for tabla, (antes, durante, despues) in r["paginas"].items():
        yield f"páginas de {tabla}: antes, al soltar el lector, después", f"{antes}, {durante}, {despues}"
    yield "autovacuum tras soltarlo, segundos", f"{r['recuperada_s']:,.0f} ({r['ciclos']} ciclos)"


def _reconstruccion(r: Resultado) -> Iterator[Hecho]:
    yield "eventos, segundos, eventos/s", f"{r['eventos']:,}, {r['segundos']:,.1f}, {r['eventos_por_s']:,.0f}"
    yield "lecturas mientras tanto, ninguna vacía", f"{r['lecturas']:,}"
    yield "totales que diferían al cambiar", f"{r['corregidos']}"


_DE: dict[str, Callable[[Resultado], Iterator[Hecho]]] = {
    "espera": _espera,
    "memoria": _memoria,
    "inundacion": _inundacion,
    "hinchazon": _hinchazon,
    "reconstruccion": _reconstruccion,
}
