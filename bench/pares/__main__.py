"""Runs every peer and variant once and prints a table; DATABASE_URL says on which server."""

import argparse
import os
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.pares import PARES, correr
from bench.pares.entornos import Omitido
from bench.pares.filas import SinCifra


def principal() -> int:
    """Run the peers that are asked for; 1 when one of them has no figure."""
    analizador = argparse.ArgumentParser(prog="python -m bench.pares", description=__doc__)
    analizador.add_argument("-n", "--sagas", type=int, default=1000)
    analizador.add_argument("--solo", choices=sorted({nombre for nombre, _ in PARES}))
    analizador.add_argument("--rechazadas", action="store_true", help="también la variante rechazada")
    argumentos = analizador.parse_args()
    consola = Console(stderr=not sys.stdout.isatty())
    tabla = Table("par", "variante", "saga", "sagas/s", "versión", title="Pares", title_justify="left")
    tabla.add_column("ajustes", overflow="fold")
    fallos = 0
    for par in PARES:
        if argumentos.solo not in (None, par[0]):
            continue
        for rechazadas in (False, True)[: 1 + argumentos.rechazadas]:
            with consola.status(f"{' '.join(par)}{', rechazada' * rechazadas}"):
                try:
                    fila = _fila(correr(par, os.environ["DATABASE_URL"], argumentos.sagas, rechazadas))
                except (Omitido, SinCifra) as error:
                    fallos += isinstance(error, SinCifra)
                    fila = [*par, "", "", "", str(error)]
            tabla.add_row(*fila)
    consola.print(tabla)
    return 1 if fallos else 0


def _fila(medida: dict[str, Any]) -> list[str]:
    saga = "rechazada" if medida["rechazadas"] else "completa"
    ajustes = ", ".join(f"{nombre} {valor}" for nombre, valor in medida["ajustes"].items())
    return [
        medida["par"],
        medida["variante"],
        saga,
        f"{medida['sagas_por_s']:.0f}",
        medida["version"],
        ajustes,
    ]


if __name__ == "__main__":
    sys.exit(principal())
