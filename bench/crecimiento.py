"""Growth: the maximum on tables with a long history, beside the maximum on empty ones, alternated."""

from collections.abc import Iterator

from bench import corridas
from bench.bloc import Bloc, Resultado
from bench.historia import llenar
from bench.sistema import base_y_espacio, procesos, sistema, uno


def medir(b: Bloc, terminadas: int, sagas: int, veces: int, plazo: float) -> Iterator[Resultado]:
    """Fill a database once; then run on an empty one and on that one in turns. The full one grows by each."""
    with base_y_espacio() as llena:
        with b.tarea(f"llenar con {terminadas:,}", terminadas) as avance:
            previas = llenar(*llena, terminadas, plazo, avance)
        for vez in range(veces):
            with b.tarea(f"vacía {vez + 1}", sagas) as avance, sistema() as s:
                yield {"terminadas": 0, **corridas.maximo(s, sagas, plazo, avance)}
            with b.tarea(f"llena {vez + 1}", sagas) as avance, procesos(*llena) as s:
                hecha = corridas.maximo(s, sagas, plazo, avance, previas=previas)
                conexion = s.conectar()
                bytes_ = int(uno(conexion, "SELECT pg_database_size(current_database())"))
                conexion.close()
                yield {"terminadas": terminadas, "base_mib": bytes_ >> 20, **hecha}
                previas += corridas.CALENTAR + sagas
