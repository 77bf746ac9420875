"""A database in memory for the statements of the peers."""

import sqlite3
from typing import Any

from bench.pares import filas


class Base:
    """A database in memory that takes the peers' statements."""

    def __init__(self) -> None:
        self.conexion = sqlite3.connect(":memory:")
        for orden in filas.tablas(opciones=""):
            self.conexion.execute(orden)

    def escribir(self, orden: filas.Orden) -> None:
        """Run a statement, in SQLite's way of writing parameters."""
        consulta, parametros = orden
        self.conexion.execute(consulta.replace("%s", "?"), tuple(map(_texto, parametros)))

    def completa(self, saga: str) -> None:
        """Run the three steps."""
        for orden in (filas.campana(saga), filas.pago(saga, False), filas.reporte(saga)):
            self.escribir(orden)

    def rechazada(self, saga: str) -> None:
        """Run the refused variant."""
        for orden in (filas.campana(saga), filas.pago(saga, True), filas.cancelar(saga)):
            self.escribir(orden)


def _texto(valor: Any) -> Any:
    return valor if valor is None or isinstance(valor, int | float) else str(valor)
