"""The crash points of each system: those that its processes have, but for those that nobody passes."""

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.sistemas import SISTEMAS
from aeropartners.seedwork.infraestructura.pieza import puntos_de

# Whose steps all go by messages has no caller; nothing that `reporting`, `partners` or `menu` hear ever waits
# for a retry; partners are asked over HTTP only, and their consumer confirms nothing; a call that is marked
# before it is made is the gateway's alone.
_LLAMADOR = {f"saga-orchestrator.llamador.{p}" for p in ("marcar", "llamar", "registrar", "confirmar")}
# A reservation of the crash tests is consumed long before it expires; in virtual time some are not.
DE_EXPIRAR = tuple(f"cafeteria-inventario.vigilante.{p}" for p in ("vencido", "despertado"))
DE_NADIE = {
    "campanas": {
        *_LLAMADOR,
        *("reporting.vigilante.reintento", "reporting.llamador.marcar"),
    },
    "cafeteria": {*_LLAMADOR, *DE_EXPIRAR, "menu.vigilante.reintento"},
    "partners": {"saga-orchestrator.llamador.marcar", "partners.vigilante.reintento", "partners.confirmar"},
}


def puntos_del_sistema(nombre: str) -> list[str]:
    """Return the points at which the processes of a system are killed."""
    [sistema] = [s for s in SISTEMAS if s.nombre == nombre]
    piezas = Contenedor(config=leer({})).piezas()
    suyas = dict.fromkeys(pieza for servicio in sistema.servicios for pieza in servicio.piezas)
    return [p for p in puntos_de([piezas[n] for n in suyas]) if p not in DE_NADIE.get(nombre, ())]


CAMPANAS, PARTNERS, CAFETERIA = map(puntos_del_sistema, ("campanas", "partners", "cafeteria"))
