"""What the cotejo finds: one disagreement, of one kind, with the command that repairs it."""

from dataclasses import dataclass
from enum import StrEnum

# The looks that find something, each of which can look again; the last two end in a kind of stream.
SAGA, CALLADA, ENVIO, AJENO = "saga", "callada", "envio", "ajeno"
FLUJO, LIBRO = "flujo:", "libro:"


class Clase(StrEnum):
    """The kinds of findings."""

    PERDIDO = "PERDIDO"
    DUPLICADO = "DUPLICADO"
    HUERFANO = "HUERFANO"
    ATASCADO = "ATASCADO"


@dataclass(frozen=True, slots=True)
class Hallazgo:
    """One finding: of which saga and message, what is seen, and the command that repairs it.

    `origen` is the look that found it, which can look again. `huella` is what it was seen by: while that
    stays the same, nothing has moved. `broker` tells that a message under way could still explain it.
    """

    clase: Clase
    saga_id: str
    mensaje: str
    texto: str
    repara: str
    origen: str
    huella: str = ""
    broker: bool = True

    @property
    def clave(self) -> tuple[str, str, str]:
        """Two with the same key are the same finding."""
        return self.clase, self.saga_id, self.mensaje
