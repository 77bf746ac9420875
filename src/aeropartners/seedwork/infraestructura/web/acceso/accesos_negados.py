"""Records refused accesses: a count of all, and for each, up to a limit a minute, a row and a log line."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

import structlog
from flask import Flask, Response, g, request

from aeropartners.seedwork.aplicacion.auditoria import Firma
from aeropartners.seedwork.infraestructura.web.acceso.auditor import Auditor, firma_actual
from aeropartners.seedwork.infraestructura.web.acceso.limite_de_accesos import DIRECCIONES, VENTANA_S
from aeropartners.seedwork.infraestructura.web.rechazos import Rechazos

log = structlog.get_logger(__name__)

NEGADAS = frozenset({401, 403})
MUCHAS = "acceso"


@dataclass(slots=True)
class _Minuto:
    """The refusals of one address since `desde`: those with a row of their own, and those that share one."""

    desde: float
    con_fila: int = 0
    sin_fila: int = 0


class Negativas:
    """Limits the audit rows of refusals to `maximo` a minute and address; 0 sets no limit. Thread-safe."""

    def __init__(self, maximo: int = 10, reloj: Callable[[], float] = monotonic) -> None:
        self._maximo = maximo
        self._reloj = reloj
        self._cerrojo = Lock()
        self._minutos: OrderedDict[str, _Minuto] = OrderedDict()

    def con_fila(self, origen: str) -> bool:
        """Count a refusal of this address; return whether it gets an audit row of its own."""
        if not self._maximo:
            return True
        with self._cerrojo:
            minuto = self._minutos.setdefault(origen, _Minuto(self._reloj()))
            if minuto.con_fila < self._maximo:
                minuto.con_fila += 1
                return True
            minuto.sin_fila += 1
            return False

    def cumplidas(self, *, todas: bool = False) -> list[tuple[str, int]]:
        """Remove and return the addresses whose minute is over, with their refusals without a row.

        `todas` returns those whose minute is not over as well.
        """
        if not self._minutos:
            return []
        limite = self._reloj() - VENTANA_S
        halladas = []
        with self._cerrojo:
            while self._minutos:
                origen, minuto = next(iter(self._minutos.items()))
                if not todas and minuto.desde > limite and len(self._minutos) <= DIRECCIONES:
                    break
                del self._minutos[origen]
                if minuto.sin_fila:
                    halladas.append((origen, minuto.sin_fila))
        return halladas


class RegistroDeAccesosNegados:
    """Records each refused access of an application and of its server; without `auditor` no audit rows."""

    def __init__(self, negativas: Negativas, rechazos: Rechazos, auditor: Auditor | None) -> None:
        self._negativas = negativas
        self._rechazos = rechazos
        self._auditor = auditor

    def vigilar(self, app: Flask) -> None:
        """Look at each answer of the application."""
        app.extensions["vigia"] = self
        app.after_request(self._tras)

    def negar(self, estado: int, firma: Firma, direccion: str) -> None:
        """Record one refusal of an address; called by the server for requests that reach no application."""
        self._rechazos.negar(estado)
        if self._negativas.con_fila(direccion):
            self._escribir(firma, {"estado": estado})
        self.cerrar_minutos()

    def cerrar_minutos(self, *, todos: bool = False) -> None:
        """Write the shared row of each address whose minute is over."""
        for origen, cuantas in self._negativas.cumplidas(todas=todos):
            self._escribir(Firma("anónimo", None, MUCHAS, "*", origen), {"rechazos": cuantas})

    def _tras(self, respuesta: Response) -> Response:
        if negada(respuesta):
            self.negar(respuesta.status_code, firma_actual(), request.remote_addr or "")
        else:
            self.cerrar_minutos()
        return respuesta

    def _escribir(self, firma: Firma, detalle: dict[str, int]) -> None:
        log.warning(
            "acceso_negado",
            operacion=firma.operacion,
            recurso=firma.recurso,
            actor=firma.actor,
            origen=firma.origen,
            correlation_id=firma.correlation_id,
            **detalle,
        )
        if self._auditor is not None:
            self._auditor.anotar_negativa(firma, detalle)


def negada(respuesta: Response) -> bool:
    """Whether the present request was refused by access control and has no audit row yet."""
    return not g.get("anotada") and (respuesta.status_code in NEGADAS or bool(g.get("negada")))
