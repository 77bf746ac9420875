"""Access control of an application: identifies the caller and checks the role's permission."""

from collections.abc import Sequence

from flask import Flask, g, request
from werkzeug.datastructures import Headers

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.infraestructura.web.acceso.accesos_negados import Negativas
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_de_clave import CABECERA
from aeropartners.seedwork.infraestructura.web.acceso.identidad import ANONIMA, Autenticador, Identidad
from aeropartners.seedwork.infraestructura.web.acceso.limite_de_accesos import LimiteDeAccesos
from aeropartners.seedwork.infraestructura.web.acceso.permisos import PUEDE, Permiso, Rol, permiso_de
from aeropartners.seedwork.infraestructura.web.errores import NoAutenticado, NoAutorizado, NoDisponible

PORTADOR = "bearer "


class Acceso:
    """Checks each request. Without `exigido` no key is needed (contracts README, section 7).

    `claves` recognise API keys and `tokens` bearer tokens. A route that declares no permission is refused.
    """

    def __init__(
        self,
        claves: Sequence[Autenticador] = (),
        tokens: Sequence[Autenticador] = (),
        *,
        exigido: bool,
        intentos: LimiteDeAccesos | None = None,
        negativas: Negativas | None = None,
    ) -> None:
        self._claves = claves
        self._tokens = tokens
        self.exigido = exigido
        self._intentos = intentos or LimiteDeAccesos()
        self.negativas = negativas or Negativas()

    def exigir(self, app: Flask) -> None:
        """Set `g.identidad`, or raise NoAutenticado, NoAutorizado, NoDisponible or DemasiadasPeticiones."""
        g.identidad = ANONIMA
        # An unknown route gets a 404, and a CORS preflight carries no key; neither reaches a view.
        if not self.exigido or request.routing_exception is not None or request.method == "OPTIONS":
            return
        permiso = permiso_de(app, request.endpoint)
        if permiso is Permiso.ABIERTO:
            return
        g.identidad = self._identificar()
        if permiso is None or permiso not in PUEDE[g.identidad.rol]:
            raise NoAutorizado

    def es_servicio(self, clave: str) -> bool:
        """Whether this API key has the role of a service or of an administrator."""
        try:
            identidad = _primera(self._claves, clave)
        except NoDisponible:  # then only the origin is unknown
            return False
        return identidad is not None and identidad.rol in (Rol.SERVICIO, Rol.ADMIN)

    def _identificar(self) -> Identidad:
        origen = request.remote_addr or ""
        espera_s = self._intentos.espera_s(origen)
        if espera_s:
            raise DemasiadasPeticiones("acceso", "Demasiados intentos fallidos; intente más tarde", espera_s)
        if (identidad := self._reconocer(request.headers)) is None:
            self._intentos.fallar(origen)
            raise NoAutenticado
        return identidad

    def _reconocer(self, cabeceras: Headers) -> Identidad | None:
        autorizacion = cabeceras.get("Authorization", "")
        if autorizacion[: len(PORTADOR)].lower() == PORTADOR:
            credencial, conocen = autorizacion[len(PORTADOR) :].strip(), self._tokens
        else:
            credencial, conocen = cabeceras.get(CABECERA, ""), self._claves
        if not credencial:
            return None
        return _primera(conocen, credencial)


def _primera(conocen: Sequence[Autenticador], credencial: str) -> Identidad | None:
    return next(filter(None, (a.identificar(credencial) for a in conocen)), None)


SIN_CLAVES = Acceso(exigido=False)
