"""`make bench`: what the system does at most, beside the floor of its own rows and messages, and its peers.

Each measurement has a database and a namespace of its own; a run whose effects are not all there, once,
has no figure. What is compared alternates (A B A B), and the median counts.
"""

import signal
import sys

from rich.console import Console
from rich.progress import Progress

from bench import informe, opciones
from bench.banco import Banco
from bench.comprobacion import SinCifra
from bench.maquina import maquina
from bench.mediciones import MEDICIONES, SIN_BROKER, despertar

ANCHO = 140


def principal() -> int:
    """Run, print the tables, write the page if it was asked for; 1 when something has no figure."""
    # Stopped by a signal it leaves no process and no database behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pedido = opciones.leer(__doc__, MEDICIONES)
    consola = Console(width=None if sys.stdout.isatty() else ANCHO)
    with Progress(console=consola) as progreso:
        banco = Banco(pedido, progreso)
        banco.anotar("maquina", maquina())
        pedidas = pedido.solo or list(MEDICIONES)
        if not SIN_BROKER.issuperset(pedidas):
            despertar(banco)
        for nombre in pedidas:
            try:
                MEDICIONES[nombre](banco)
            except SinCifra as error:
                banco.anotar(nombre, {"sin_cifra": str(error)})
                banco.decir(f"{nombre}: sin cifra: {error}")
    informe.mostrar(banco.resultados, consola)
    if pedido.informe:
        informe.escribir(banco.resultados, pedido.informe)
    return 1 if any("sin_cifra" in r for r in banco.resultados) else 0


if __name__ == "__main__":
    sys.exit(principal())
