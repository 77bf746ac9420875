"""What one saga costs: rows, messages, WAL, commits, CPU and memory of each process. Pure."""

from collections.abc import Sequence

from bench.resumen import Resultado, cifra, con_cifra, nombre_de, serie

COLUMNAS = {
    "filas": "filas",
    "cambios": "cambios",
    "mensajes": "mensajes",
    "wal_bytes": "WAL, bytes",
    "commits": "commits",
    "rafagas": "ráfagas",
    "por_lote": "mensajes por lote",
}
_CON_COSTES = ("maximo", "suelo", "rechazadas", "http", "ritmo")


def costes(resultados: Sequence[Resultado]) -> list[list[str]]:
    """Return the medians of what a saga costs, one row a measurement."""
    filas = []
    for nombre, suyos in _por_nombre(resultados).items():
        series = [serie(suyos, campo) for campo in COLUMNAS]
        filas.append([nombre, *(cifra(s.mediana) if s else "" for s in series)])
    return filas


def procesos(resultados: Sequence[Resultado]) -> list[list[str]]:
    """Return the CPU of each process, in microseconds a saga, and its memory at the start and at the end."""
    filas = []
    for nombre, suyos in _por_nombre(resultados).items():
        for proceso in suyos[0]["cpu_us"]:
            cpu = serie([r["cpu_us"] for r in suyos], proceso)
            extremos = [[r.get("memoria_mib", {}).get(proceso, (0, 0))[i] for r in suyos] for i in (0, 1)]
            antes, despues = (sorted(valores)[len(valores) // 2] for valores in extremos)
            memoria = f"{antes:,.0f} → {despues:,.0f}" if despues else ""
            filas.append([nombre, proceso, f"{cpu.mediana:,.0f}" if cpu else "", memoria])
    return filas


def _por_nombre(resultados: Sequence[Resultado]) -> dict[str, list[Resultado]]:
    grupos: dict[str, list[Resultado]] = {}
    for r in con_cifra(resultados):
        if r["medida"] in _CON_COSTES:
            grupos.setdefault(nombre_de(r), []).append(r)
    return grupos
