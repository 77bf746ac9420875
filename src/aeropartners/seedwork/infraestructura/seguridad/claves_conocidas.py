"""Recognises API keys by their hash, so that a dump of the process's memory reveals none."""

from collections.abc import Callable, Iterable
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.seguridad.claves import MARCA, Clave, buscar, huella
from aeropartners.seedwork.infraestructura.web.acceso.identidad import Identidad
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

# How many seconds a process uses a key that it read: a revoked key is accepted at most that long.
VIGENCIA_S = 5.0
RECORDADAS = 10_000


class ClavesFijas:
    """The keys given by the configuration. They have no name: the audit names them by their hash."""

    def __init__(self, claves: Iterable[tuple[str, Rol]], interna: str = "") -> None:
        """`claves` are (hash, role); `interna` is the key with which this process calls itself."""
        self._conocidas = {h: Identidad(f"api-key:{h[:8]}", rol, _cliente(h)) for h, rol in claves}
        if interna:  # a new key at each start, but one client
            self._conocidas[huella(interna)] = Identidad("interno", Rol.SERVICIO, "interno")

    def identificar(self, credencial: str) -> Identidad | None:
        """Return the caller, or None. The dict is keyed by hashes, so its timing reveals no key."""
        return self._conocidas.get(huella(credencial))


class ClavesDeBase:
    """The keys of the table, each read again after VIGENCIA_S; safe from any thread."""

    def __init__(self, motor: Motor, reloj: Reloj, tic: Callable[[], float] = monotonic) -> None:
        self._motor = motor
        self._reloj = reloj
        self._tic = tic
        self._vistas: dict[str, tuple[float, Clave]] = {}

    def identificar(self, credencial: str) -> Identidad | None:
        """Return the caller, or None; raises NoDisponible when the table cannot be read."""
        if not credencial.startswith(MARCA):
            return None
        suya = huella(credencial)
        clave = self._leer(suya)
        if clave is None or not clave.vale(self._reloj.ahora()):
            return None
        return Identidad(f"{clave.nombre} ({clave.prefijo})", clave.rol, _cliente(suya))

    def _leer(self, suya: str) -> Clave | None:
        vista = self._vistas.get(suya)
        if vista and self._tic() - vista[0] < VIGENCIA_S:
            return vista[1]
        try:
            with self._motor.lectura() as con:
                clave = buscar(con, suya)
        except SQLAlchemyError as error:
            raise NoDisponible(f"claves: {type(error).__name__}") from error
        if clave is None:  # not remembered: guesses would fill the memory
            return None
        if len(self._vistas) >= RECORDADAS:
            self._vistas.clear()
        self._vistas[suya] = (self._tic(), clave)
        return clave


def _cliente(huella: str) -> str:
    return f"clave:{huella}"
