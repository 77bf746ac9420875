"""The port of each service: its variable's, or else its contract's, moved if an earlier service has it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aeropartners.arranque.ajustes.valores import entero
from aeropartners.arranque.ajustes.variables import Faltas, Variable, leida

# Added to the port of a later system whose contract has the port of an earlier one.
APARTE = 10_000
leer_puerto = entero(1, 65535)


@dataclass(frozen=True, slots=True)
class Puerto:
    """A service's port, and the name of the variable that sets it."""

    numero: int
    variable: str

    @property
    def url(self) -> str:
        """The URL of the service on this machine."""
        return f"http://127.0.0.1:{self.numero}"


class Escucha(Protocol):
    """What decides a service's port: its name, its contract's port, and the variables that set another."""

    @property
    def nombre(self) -> str:
        """The service's name, unique among all systems."""
        ...

    @property
    def puerto(self) -> int:
        """The port of its contract."""
        ...

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that set the port; the first one that is set counts."""
        ...


def puertos(servicios: Iterable[Escucha], entorno: Mapping[str, str]) -> tuple[dict[str, Puerto], list[str]]:
    """Return the port of each service by its name, and the errors of the variables that set ports."""
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
    """Return an error for each port that several variables set: two services of a process cannot share it."""
    por_numero: defaultdict[int, list[str]] = defaultdict(list)
    for puerto in elegidos:
        por_numero[puerto.numero].append(puerto.variable)
    return [f"{' y '.join(v)} piden el mismo puerto {p}" for p, v in por_numero.items() if len(v) > 1]
