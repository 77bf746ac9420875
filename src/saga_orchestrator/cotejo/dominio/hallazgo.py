"""A finding of the cotejo: one disagreement of one kind, with the command that repairs it."""

from dataclasses import dataclass
from enum import StrEnum

# The checks of the cotejo, each of which can check its finding again; the last two end in a kind of stream.
SAGA, CALLADA, ENVIO, AJENO = "saga", "callada", "envio", "ajeno"
FLUJO, LIBRO = "flujo:", "libro:"


class ClaseDeHallazgo(StrEnum):
    """The kinds of findings: lost, doubled, orphaned and stuck."""

    PERDIDO = "PERDIDO"
    DUPLICADO = "DUPLICADO"
    HUERFANO = "HUERFANO"
    ATASCADO = "ATASCADO"


@dataclass(frozen=True, slots=True)
class Hallazgo:
    """One finding: its saga and message, what is wrong, and the command that repairs it.

    `origen` is the check that found it. `huella` is what the check saw: while it is the same, nothing has
    moved. `broker` is true when a message under way could still explain the finding.
    """

    clase: ClaseDeHallazgo
    saga_id: str
    mensaje: str
    texto: str
    repara: str
    origen: str
    huella: str = ""
    broker: bool = True

    @property
    def clave(self) -> tuple[str, str, str]:
        """The identity of a finding: two with the same key are the same finding."""
        return self.clase, self.saga_id, self.mensaje
