"""`make bench`: what the system does at most, beside the floor of its own rows and messages, and its peers.

Each measurement has a database and a namespace of its own; a run whose effects are not all there, once,
has no figure. What is compared alternates (A B A B), and the median counts. `--contra REF` compares this
tree with a commit instead, and says whether it is worse.
"""

import signal
import sys

from rich.console import Console
from rich.progress import Progress

from bench import contra, informe, opciones, sesiones
from bench.arbol import traer
from bench.bloc import Bloc
from bench.comprobacion import SinCifra
from bench.maquina import maquina
from bench.mediciones import MEDICIONES, SIN_BROKER, despertar
from bench.rapidez import rapidez

ANCHO = 140


def principal() -> int:
    """Run, print the tables, write the page if it was asked for; 1 if something has no figure or is worse."""
    # Stopped by a signal it leaves no process and no database behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pedido = opciones.leer(__doc__, MEDICIONES, sesiones.ABRIR)
    commit = traer(pedido.contra) if pedido.contra else None
    consola = Console(width=None if sys.stdout.isatty() else ANCHO)
    with Progress(console=consola) as progreso:
        bloc = Bloc(pedido, progreso)
        pedidas = pedido.solo or list(MEDICIONES)
        if con_broker := not SIN_BROKER.issuperset(pedidas):
            despertar(bloc)
        bloc.anotar("maquina", {**maquina(), "rapidez": rapidez(con_broker)})
        if commit:
            return contra.contrastar(bloc, commit)
        _medir(bloc, pedidas)
    informe.mostrar(bloc.resultados, consola)
    if pedido.informe:
        informe.escribir(bloc.resultados, pedido.informe)
    return 1 if any("sin_cifra" in r for r in bloc.resultados) else 0


def _medir(bloc: Bloc, pedidas: list[str]) -> None:
    for nombre in pedidas:
        try:
            MEDICIONES[nombre](bloc)
        except SinCifra as error:
            bloc.anotar(nombre, {"sin_cifra": str(error)})
            bloc.decir(f"{nombre}: sin cifra: {error}")


if __name__ == "__main__":
    sys.exit(principal())
