"""What a run exercised and how often: a fault that never happened proves nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping


class Ejercicio:
    """Counts by group: faults, crash points, states, how steps ended."""

    def __init__(self) -> None:
        self.cuentas: dict[str, Counter[str]] = {}

    def anotar(self, grupo: str, que: str, veces: int = 1) -> None:
        """Count an occurrence."""
        self.cuentas.setdefault(grupo, Counter())[que] += veces

    def sumar(self, otro: "Mapping[str, Mapping[str, int]]") -> None:
        """Add the counts of another run."""
        for grupo, cuenta in otro.items():
            for que, veces in cuenta.items():
                self.anotar(grupo, que, veces)

    def faltan(self, esperado: Mapping[str, Iterable[str]]) -> list[str]:
        """Return the expected occurrences that never happened."""
        return [
            f"{grupo}: {que}"
            for grupo, todos in esperado.items()
            for que in todos
            if not (grupo in self.cuentas and self.cuentas[grupo][que])
        ]

    def resumen(self) -> str:
        """Return one line for each group, the most frequent first."""
        return "\n".join(
            f"{grupo}: " + ", ".join(f"{que} {veces}" for que, veces in cuenta.most_common())
            for grupo, cuenta in sorted(self.cuentas.items())
        )
