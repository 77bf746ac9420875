"""The public keys that somebody else signs tokens with (RS256, ES256), from a JWKS."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

import jwt
import structlog

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

log = structlog.get_logger(__name__)

ALGORITMOS = ("RS256", "ES256")
# A key that the issuer withdrew is believed for so long, and one that nobody knows is asked for as often.
VIDA_S, PAUSA_S = 300.0, 10.0


class Llavero:
    """The keys of a JWKS; `leer` fetches its text, and may raise OSError. Safe from any thread."""

    def __init__(self, leer: Callable[[], bytes], reloj: Callable[[], float] = monotonic) -> None:
        self._leer = leer
        self._reloj = reloj
        self._cerrojo = Lock()
        self._llaves: dict[str | None, jwt.PyJWK] = {}
        self._leido: float | None = None

    def llave(self, id: str | None) -> jwt.PyJWK | None:
        """Return a key by its id; without one only when there is no other. Raises NoDisponible."""
        with self._cerrojo:
            edad = VIDA_S if self._leido is None else self._reloj() - self._leido
            if edad >= VIDA_S or (id not in self._llaves and edad >= PAUSA_S):
                self._renovar()
            if id is None:
                return next(iter(self._llaves.values())) if len(self._llaves) == 1 else None
            return self._llaves.get(id)

    def _renovar(self) -> None:
        try:
            hallado = jwt.PyJWKSet.from_json(self._leer().decode())
        except (OSError, ValueError, jwt.PyJWTError) as error:
            # What was known stays known: an issuer that restarts must not shut everybody out.
            log.warning("jwks_no_leido", error=type(error).__name__)
            if not self._llaves:
                raise NoDisponible("No se pueden leer las claves del emisor") from error
        else:
            self._llaves = {k.key_id: k for k in hallado.keys if k.algorithm_name in ALGORITMOS}
        self._leido = self._reloj()
