"""The options of `python -m bench`: how much of each measurement, and which."""

import argparse
from collections.abc import Iterable
from pathlib import Path

# A quarter of an hour for the four measures.
DE_CONTRA = {"segundos": 4.0}
CUATRO = ["maximo", "ritmo", "http", "embebido"]


def leer(descripcion: str | None, medidas: Iterable[str], comparables: Iterable[str]) -> argparse.Namespace:
    """Read the command line; without options everything is run, in about an hour."""
    a = argparse.ArgumentParser(prog="python -m bench", description=descripcion)
    entero, decimal = {"type": int}, {"type": float}
    a.add_argument("-n", "--sagas", **entero, default=10_000, help="de cada corrida al máximo")
    a.add_argument("--veces", **entero, default=3, help="de lo que se compara, alternado")
    a.add_argument("--segundos", **decimal, default=60, help="de cada ritmo")
    a.add_argument("--plazo", **decimal, default=300, help="segundos como máximo de cada espera")
    a.add_argument("--sagas-par", **entero, default=1_000, help="de cada par")
    a.add_argument("--sagas-embebido", **entero, default=3_000, help="del sistema embebido")
    a.add_argument("--sagas-memoria", **entero, default=100_000, help="con las que se mide la memoria")
    a.add_argument("--terminadas", **entero, default=500_000, help="en las tablas, para el crecimiento")
    a.add_argument("--esperando", **entero, default=200_000, help="en las tablas, para los reclamos")
    a.add_argument("--reclamos", **entero, default=500, help="de plazos vencidos")
    a.add_argument("--eventos", **entero, default=1_000_000, help="que se reconstruyen")
    a.add_argument("--lector", **decimal, default=120, help="segundos del lector en su transacción")
    a.add_argument("--por-s", **decimal, help="ritmo junto al lector; si no, 70 %% del máximo medido")
    a.add_argument("--solo", nargs="*", choices=list(medidas), help="solo estas medidas")
    a.add_argument("--informe", type=Path, help="página que se escribe (docs/rendimiento.md)")
    a.add_argument("--sagas-tanda", **entero, default=300, help="de cada turno, con --contra")
    a.add_argument("--contra", metavar="REF", help="compara este árbol con un commit, a la vez")
    if not a.parse_args().contra:
        return a.parse_args()
    a.set_defaults(**DE_CONTRA)
    pedido = a.parse_args()
    pedido.solo = pedido.solo or CUATRO
    if ajenas := set(pedido.solo) - set(comparables):
        a.error(f"con --contra se miden {', '.join(comparables)}; no {', '.join(sorted(ajenas))}")
    if pedido.informe:
        a.error("con --contra no se escribe --informe")
    return pedido
