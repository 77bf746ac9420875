"""The public keys of a token issuer (RS256, ES256), read from its JWKS."""

from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from time import monotonic

import jwt
import structlog

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

log = structlog.get_logger(__name__)

ALGORITMOS = ("RS256", "ES256")
# A withdrawn key is accepted for up to VIDA_S. An unknown key id causes a new fetch every PAUSA_S at most.
VIDA_S, PAUSA_S = 300.0, 10.0


class Llavero:
    """The keys of a JWKS. Thread-safe. `leer` fetches its text within seconds; it may raise OSError.

    Only the thread that fetches waits. Other threads use the keys known so far; a token with an unknown key
    gets NoDisponible meanwhile, so that its client tries again.
    """

    def __init__(self, leer: Callable[[], bytes], reloj: Callable[[], float] = monotonic) -> None:
        self._leer = leer
        self._reloj = reloj
        self._leyendo = Lock()
        self._llaves: dict[str | None, jwt.PyJWK] = {}
        self._leido: float | None = None

    def preparar(self) -> None:
        """Fetch the keys at the start; if the issuer is away, the first token causes another fetch."""
        with suppress(NoDisponible):
            self._renovar()

    def llave(self, id: str | None) -> jwt.PyJWK | None:
        """Return the key with this id; without an id only if there is exactly one key.

        Raises NoDisponible.
        """
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
        """Fetch the keys; False if another thread is fetching. Raises NoDisponible if no key is known."""
        if not self._leyendo.acquire(blocking=False):
            return False
        try:
            hallado = jwt.PyJWKSet.from_json(self._leer().decode())
        except (OSError, ValueError, RecursionError, AttributeError, TypeError, jwt.PyJWTError) as error:
            # The known keys stay: a restart of the issuer must not lock every caller out.
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
    """Whether this is a signing key of an accepted algorithm; an encryption key proves no caller."""
    return llave.algorithm_name in ALGORITMOS and llave.public_key_use in (None, "sig")
