"""What the auditor says: findings, and what they count up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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


def resumen(hallazgos: Sequence[Hallazgo]) -> Mapping[str, int]:
    """Count by kind, all kinds."""
    return {clase.value: sum(h.clase is clase for h in hallazgos) for clase in Clase}
