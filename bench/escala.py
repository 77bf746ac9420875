"""More partitions and more processes, and one hot key, each beside the others in turns."""

from collections.abc import Iterator

from bench import corridas
from bench.bloc import Bloc, Resultado
from bench.carga import AFILIADOS
from bench.sistema import sistema

# Processes of each kind, and partitions: a process without a partition of its own would stand idle.
FORMAS = ((1, 1), (1, 2), (1, 4), (2, 4), (4, 4))


def formas(b: Bloc, sagas: int, veces: int, plazo: float) -> Iterator[Resultado]:
    """Run the maximum with so many processes and partitions."""
    for vez in range(veces):
        for procesos, particiones in FORMAS:
            nombre = f"{procesos} procesos, {particiones} particiones, {vez + 1}"
            ajustes = {"PARTICIONES": str(particiones)}
            with b.tarea(nombre, sagas) as avance, sistema(copias=procesos, **ajustes) as s:
                hecha = corridas.maximo(s, sagas, plazo, avance)
                yield {"procesos": procesos, "particiones": particiones, **hecha}


def clave_caliente(b: Bloc, sagas: int, veces: int, plazo: float) -> Iterator[Resultado]:
    """Run the maximum with many affiliates and with one: whatever is kept by affiliate is one row then.

    A saga and each aggregate have a key of their own, so no two sagas share a partition's order.
    """
    for vez in range(veces):
        for afiliados in (AFILIADOS, 1):
            with b.tarea(f"{afiliados} afiliados, {vez + 1}", sagas) as avance, sistema() as s:
                hecha = corridas.maximo(s, sagas, plazo, avance, afiliados=afiliados)
                yield {"afiliados": afiliados, **hecha}
