"""The port of each service: its contract's, unless an earlier service has it, or a variable says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aeropartners.arranque.ajustes.valores import entero
from aeropartners.arranque.ajustes.variables import Faltas, Variable, leida

# How far a later system moves when its contract wants a port that is another's.
APARTE = 10_000
leer_puerto = entero(1, 65535)


@dataclass(frozen=True, slots=True)
class Puerto:
    """A service's port, and the variable that sets it."""

    numero: int
    variable: str

    @property
    def url(self) -> str:
        """Where a service is that runs on this machine."""
        return f"http://127.0.0.1:{self.numero}"


class Escucha(Protocol):
    """What a service's port follows from: its name, its contract's port, the variables that set another."""

    @property
    def nombre(self) -> str:
        """Its name among the services of all systems."""
        ...

    @property
    def puerto(self) -> int:
        """The port of its contract."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that set it; the first counts most."""
        ...


def puertos(servicios: Iterable[Escucha], entorno: Mapping[str, str]) -> tuple[dict[str, Puerto], list[str]]:
    """Return the port of each service by its name, and what is wrong with the variables that set them."""
    elegidos: dict[str, Puerto] = {}
    de_serie: set[int] = set()
    faltas = []
    for servicio in servicios:
        numero = servicio.puerto
        while numero in de_serie:
            numero += APARTE
        de_serie.add(numero)
        puesta = next((v for v in servicio.variables if entorno.get(v)), "")
        try:
            if puesta:
                numero = leida(Variable(puesta, "", leer_puerto, "un puerto"), entorno[puesta])
        except Faltas as error:
            faltas.append(str(error))
        elegidos[servicio.nombre] = Puerto(numero, puesta or servicio.variables[-1])
    return elegidos, faltas


def repetidos(elegidos: Iterable[Puerto]) -> list[str]:
    """Say which variables ask for the same port: no two services of one process can have it."""
    por_numero: defaultdict[int, list[str]] = defaultdict(list)
    for puerto in elegidos:
        por_numero[puerto.numero].append(puerto.variable)
    return [f"{' y '.join(v)} piden el mismo puerto {p}" for p, v in por_numero.items() if len(v) > 1]
