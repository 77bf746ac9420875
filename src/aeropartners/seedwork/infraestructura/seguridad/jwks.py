"""The public keys that somebody else signs tokens with (RS256, ES256), from a JWKS."""

from collections.abc import Callable
from contextlib import suppress
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
    """The keys of a JWKS; `leer` fetches its text within seconds, and may raise OSError. Thread-safe.

    Nobody waits for a fetch but the one who makes it: everybody else goes by the keys that are known, and who
    shows one that is not is asked to come again.
    """

    def __init__(self, leer: Callable[[], bytes], reloj: Callable[[], float] = monotonic) -> None:
        self._leer = leer
        self._reloj = reloj
        self._leyendo = Lock()
        self._llaves: dict[str | None, jwt.PyJWK] = {}
        self._leido: float | None = None

    def preparar(self) -> None:
        """Fetch them before anybody asks; an issuer that is away is asked again by the first token."""
        with suppress(NoDisponible):
            self._renovar()

    def llave(self, id: str | None) -> jwt.PyJWK | None:
        """Return a key by its id; without one only when there is no other. Raises NoDisponible."""
        if self._debe_leer(id) and not self._renovar() and self._buscar(id) is None:
            raise NoDisponible("Se están leyendo las claves del emisor")
        return self._buscar(id)

    def _debe_leer(self, id: str | None) -> bool:
        edad = VIDA_S if self._leido is None else self._reloj() - self._leido
        return edad >= VIDA_S or (id not in self._llaves and edad >= PAUSA_S)

    def _buscar(self, id: str | None) -> jwt.PyJWK | None:
        llaves = self._llaves
        if id is None:
            return next(iter(llaves.values())) if len(llaves) == 1 else None
        return llaves.get(id)

    def _renovar(self) -> bool:
        """Fetch them, unless somebody does already: False. Raises NoDisponible when none is known."""
        if not self._leyendo.acquire(blocking=False):
            return False
        try:
            hallado = jwt.PyJWKSet.from_json(self._leer().decode())
        except (OSError, ValueError, RecursionError, AttributeError, TypeError, jwt.PyJWTError) as error:
            # What was known stays known: an issuer that restarts must not shut everybody out.
            log.warning("jwks_no_leido", error=type(error).__name__)
            if not self._llaves:
                raise NoDisponible("No se pueden leer las claves del emisor") from error
        else:
            self._llaves = {k.key_id: k for k in hallado.keys if _firma(k)}
        finally:
            self._leido = self._reloj()
            self._leyendo.release()
        return True


def _firma(llave: jwt.PyJWK) -> bool:
    """Whether a key is one to sign with, of a kind that is taken here: one to encrypt with proves nothing."""
    return llave.algorithm_name in ALGORITMOS and llave.public_key_use in (None, "sig")
