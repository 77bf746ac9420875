"""The definitions that a process knows, by type and version."""

from collections.abc import Callable

from saga_orchestrator.dominio.definicion import Definicion, DefinicionInvalida
from saga_orchestrator.dominio.estados import Estados


def siempre(_tipo: str, _version: int) -> bool:
    """Whatever this process knows may be started."""
    return True


class Registro:
    """The known definitions, by type and version.

    A new saga begins with the newest that `abierta` lets begin: all who may have to go on with it know it.
    """

    def __init__(
        self, definiciones: tuple[Definicion, ...], abierta: Callable[[str, int], bool] = siempre
    ) -> None:
        self._todas = {(d.tipo, d.version): d for d in definiciones}
        self._nombres = frozenset(nombre for d in definiciones for nombre in d.nombres)
        self._abierta = abierta
        if len(self._todas) != len(definiciones):
            raise DefinicionInvalida("dos definiciones con el mismo tipo y versión")
        for d in definiciones:
            if d.estados != self.estados(d.tipo):
                raise DefinicionInvalida(f"{d.tipo}: todas sus versiones deben tener los mismos estados")

    def vigente(self, tipo: str) -> Definicion | None:
        """Return the newest version of a type, or None."""
        return max(self._versiones(tipo), key=lambda d: d.version, default=None)

    def de_inicio(self, tipo: str) -> Definicion | None:
        """Return the version that a saga begins with now; of none that may, the oldest, which most know."""
        versiones = sorted(self._versiones(tipo), key=lambda d: d.version)
        abiertas = [d for d in versiones if self._abierta(tipo, d.version)]
        if abiertas:
            return abiertas[-1]
        return versiones[0] if versiones else None

    def conocida(self, tipo: str, version: int) -> Definicion | None:
        """Return one version, or None when this process does not know it."""
        return self._todas.get((tipo, version))

    @property
    def conocidas(self) -> frozenset[tuple[str, int]]:
        """The known types with their versions."""
        return frozenset(self._todas)

    @property
    def definiciones(self) -> tuple[Definicion, ...]:
        """All of them."""
        return tuple(self._todas.values())

    def _versiones(self, tipo: str) -> list[Definicion]:
        return [d for d in self._todas.values() if d.tipo == tipo]

    def estados(self, tipo: str) -> Estados:
        """Return the words of a type for where a saga stands; every version of it has the same."""
        definicion = self.vigente(tipo)
        return definicion.estados if definicion else Estados()

    def pasos(self, tipo: str) -> frozenset[str]:
        """Return the names of the steps that any version of a type has."""
        return frozenset(p.tipo for d in self._todas.values() if d.tipo == tipo for p in d.pasos)

    def conoce_paso(self, nombre: str) -> bool:
        """Return whether a step or an undo of any type has this name."""
        return nombre in self._nombres

    def palabras(self, tipo: str) -> tuple[str, ...]:
        """Return the words for where a saga of a type may stand, in any version of it, each once."""
        return tuple(dict.fromkeys(e for d in self._versiones(tipo) for e in d.todos_los_estados))

    @property
    def palabras_de_estado(self) -> tuple[str, ...]:
        """The words for where a saga of any type may stand, each once."""
        return tuple(dict.fromkeys(e for tipo in self.tipos for e in self.palabras(tipo)))

    @property
    def tipos(self) -> tuple[str, ...]:
        """The saga types, each once."""
        return tuple(dict.fromkeys(tipo for tipo, _ in self._todas))
