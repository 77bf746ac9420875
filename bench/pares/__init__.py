"""The peers that our benchmark is compared with: the same three rows, by other means, each at its best.

Each peer is a program of its own, run in an environment of its own: our libraries and theirs do not meet.
"""

from typing import Any

PARES: tuple[tuple[str, str], ...] = (
    ("dbos", "pasos"),
    ("dbos", "rapida"),
    ("dbos", "datasource"),
    ("eventsourcing", "hilos"),
    ("eventsourcing", "procesos"),
    ("temporal", "actividades"),
    ("temporal", "locales"),
    ("dtm", "asincrona"),
    ("dtm", "sincrona"),
)
"""Each peer with each of its variants."""


def correr(par: tuple[str, str], url_admin: str, sagas: int, rechazadas: bool) -> dict[str, Any]:
    """Run a peer on a fresh database of the server that `url_admin` is of, and return what it measured.

    `entornos.Omitido` says that the peer cannot run here; `filas.SinCifra`, that its run has no figure.
    """
    # Not at the top: the programs of the peers import this package too, and have no psycopg2.
    from bench.pares.corrida import correr_programa

    return correr_programa(par, url_admin, sagas, rechazadas)
