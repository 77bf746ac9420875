"""A simulated process: the loops of its modules, made and dropped as its threads would do."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock

from aeropartners.seedwork.aplicacion.bucles.bucle import Bucle, Ronda
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.bucles.llamadas import EnVuelo
from aeropartners.seedwork.aplicacion.bucles.llamador import Llamador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.relevo import Relevo
from aeropartners.seedwork.aplicacion.bucles.vigilante import Fallido, Vigilante
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase, Visto, Vivo
from aeropartners.seedwork.aplicacion.retraso import Retraso, Situacion
from aeropartners.seedwork.infraestructura.almacen.almacen import Persistencia
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.base.dialecto import PlazosDeRespuesta
from aeropartners.seedwork.infraestructura.base.relojes import RelojDeBase
from aeropartners.seedwork.infraestructura.montaje import Montaje
from aeropartners.seedwork.infraestructura.operacion.procesos import ProcesosSQL
from aeropartners.seedwork.infraestructura.pieza import Pieza, puntos_de
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from aeropartners.simulacion.base import MotorEnMemoria, ObservadorDeTransacciones, UnidadSimulada
from aeropartners.simulacion.broker_simulado import BrokerSimulado, SuscripcionSimulada, TemasSimulados
from aeropartners.simulacion.tiempo import COMIENZO, IdsDeProceso, IdsVirtuales, RelojDeProceso, RelojVirtual

PUNTOS_DE_FUERA = ("base.abrir", "base.antes", "base.despues", "broker.rafaga")


class Muerte(BaseException):
    """The simulated process dies. It is no Exception, so that no handler in the loops catches it."""


@dataclass(frozen=True, slots=True)
class Entorno:
    """What all processes of a schedule share."""

    motor: MotorEnMemoria
    reloj: RelojVirtual
    ids: IdsVirtuales
    correo: TemasSimulados
    llamadas: Callable[[], EnVuelo]


class _Padron(ProcesosSQL):
    """The table of processes, with the clock offset that the schedule gives to this process."""

    def __init__(self, entorno: Entorno, reloj: RelojDeProceso) -> None:
        super().__init__(entorno.motor, entorno.reloj)
        self._propio = reloj

    def anotar(self, yo: Vivo) -> Visto:
        return super().anotar(yo)._replace(desfase_s=self._propio.desvio_s, duda_s=0.0)


class _Exclusiva:
    """The lock of the suspects; it never blocks: the simulator's only thread would wait for ever."""

    def __init__(self) -> None:
        self._cerrojo = Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return self._cerrojo.acquire(blocking=False)

    def release(self) -> None:
        self._cerrojo.release()


class Copia:
    """A simulated process; it lives from `arrancar` to `morir` or `parar`."""

    def __init__(
        self, nombre: str, piezas: Sequence[Pieza], entorno: Entorno, testigo: ObservadorDeTransacciones
    ) -> None:
        self.nombre = nombre
        self.viva = False
        self.escritores: dict[str, Escritor] = {}
        self._piezas = piezas
        self._entorno = entorno
        self._testigo = testigo
        self.reloj = RelojDeProceso(entorno.reloj)
        self._censo: Censo | None = None
        self._retrasos: dict[str, Retraso] = {}
        self._fabricas: dict[str, Callable[[], Bucle]] = {}
        self._bucles: dict[str, Bucle] = {}
        self._suscripciones: dict[str, SuscripcionSimulada] = {}

    @property
    def nombres(self) -> Sequence[str]:
        """The names of the loops."""
        return tuple(self._fabricas)

    @property
    def modulos(self) -> Sequence[str]:
        """The names of its modules, whether the process lives or not."""
        return [pieza.modulo.nombre for pieza in self._piezas]

    @property
    def llama_fuera(self) -> bool:
        """Whether one of its modules calls other services."""
        return any(pieza.llamadas for pieza in self._piezas)

    @property
    def puntos(self) -> Sequence[str]:
        """The crash points that it may pass: those of its pieces, its database and its broker."""
        return (*PUNTOS_DE_FUERA, *puntos_de(self._piezas))

    @property
    def llamadores(self) -> list[Llamador]:
        """The callers that are running."""
        return [b for b in self._bucles.values() if isinstance(b, Llamador)]

    @property
    def fallidos(self) -> list[Fallido]:
        """The wake-ups that failed and that the timers will try again."""
        vigilantes = (b for b in self._bucles.values() if isinstance(b, Vigilante))
        return [fallido for v in vigilantes for fallido in v.fallidos.values()]

    @property
    def relevos(self) -> list[Relevo]:
        """The relay, if it is running; at most one."""
        return [b for b in self._bucles.values() if isinstance(b, Relevo)]

    def arrancar(self) -> None:
        """Start the process with nothing but what is stored."""
        self.viva = True
        e = self._entorno
        publicador = Publicador(BrokerSimulado(e.correo))
        self._publicador = publicador
        plazos = [p.persistencia.plazos for p in self._piezas]
        esperan = next((t.tabla for t in plazos if isinstance(t, PlazosDeRespuesta)), None)
        salida = SalidaSQL(e.motor, e.reloj, esperan)
        self._fabricas = {
            "publicador": lambda: Ronda(lambda: int(publicador.una_ronda(0))),
            "relevo": lambda: Relevo(
                salida, BrokerSimulado(e.correo), publicador, lambda: _segundos(e.reloj)
            ),
        }
        if suyas := [p for pieza in self._piezas for p in pieza.proyecciones]:
            self._fabricas["proyector"] = lambda: Ronda(Proyector(e.motor, suyas).una_ronda)
        self._empadronar()
        self._montaje = Montaje(
            self._unidad,
            publicador,
            self._ids,
            self.reloj,
            self._suscribir,
            self._retraso,
            exclusiva=_Exclusiva(),
            llamadas=e.llamadas,
            dormir=lambda _segundos: None,
            espera_s=0,
        )
        for pieza in self._piezas:
            montado = self._montaje.montar(pieza)
            self.escritores[pieza.nombre] = montado.escritor
            self._fabricas |= montado.bucles

    def poner(self, pieza: str, mensaje: object) -> None:
        """Hand a message to one of its pieces, as `migrar` does with initial data."""
        [suya] = [p for p in self._piezas if p.nombre == pieza]
        self._montaje.hacer(suya, mensaje)

    def latir(self) -> int:
        """Do a round of the census: tell how far replies are read, and check the clock."""
        return self._censo.una_ronda() if self._censo else 0

    def _empadronar(self) -> None:
        """Write the process's row before its loops start.

        An orchestrator's row says how far it has read its replies.
        """
        e, desfase = self._entorno, Desfase()
        self._ids, self._retrasos = IdsDeProceso(e.ids, desfase), {}
        self._reloj_de_base = RelojDeBase(self.reloj, desfase)
        padron = _Padron(e, self.reloj)
        self._censo = Censo(padron, desfase, e.ids.nuevo(), "simulada", lambda: _segundos(e.reloj))
        for pieza in self._piezas:
            if pieza.despertar:
                self._censo.leer = partial(self._leido, f"consumidor-{pieza.modulo.nombre}")
        self._censo.una_ronda()

    def _leido(self, nombre: str) -> tuple[Situacion, float]:
        retraso = self._retrasos.get(nombre)
        return retraso.lectura() if retraso else (Situacion.SIN_CONEXION, 0.0)

    def ronda(self, nombre: str) -> int:
        """Do one round of a loop; a loop that raises is dropped, and made again for its next round."""
        try:
            if nombre not in self._bucles:
                self._bucles[nombre] = self._fabricas[nombre]()
            return self._bucles[nombre].una_ronda()
        except Exception:
            self._bucles.pop(nombre, None)
            raise

    def morir(self) -> None:
        """Lose everything that is not stored, as a killed process does."""
        for suscripcion in self._suscripciones.values():
            suscripcion.cerrar()
        self._soltar()

    def parar(self) -> None:
        """Stop in the order of a real process: loops, then publisher, then relay."""
        for nombre in list(self._bucles):
            if nombre != "relevo":
                self._terminar(nombre)
        while not self._publicador.vacio and self._publicador.una_ronda(0):
            pass
        if "relevo" in self._bucles:
            self._terminar("relevo")
        if self._censo:
            self._censo.terminar()
        self._soltar()

    def cortar(self, cual: int) -> str | None:
        """Break the connection of one subscription and return its name; None when there is none."""
        nombres = sorted(self._suscripciones)
        if not nombres:
            return None
        nombre = nombres[cual % len(nombres)]
        self._suscripciones[nombre].cortar()
        return nombre

    def cortar_todo(self) -> None:
        """Break the connections of all subscriptions."""
        for suscripcion in self._suscripciones.values():
            suscripcion.cortar()

    def pedir(self, modulo: str, peticion: Peticion) -> None:
        """Give a client's write to a module."""
        self.escritores[modulo].encolar(peticion)

    def _terminar(self, nombre: str) -> None:
        """End a loop, even if its clean end fails."""
        with suppress(Exception):
            self._bucles[nombre].terminar()

    def _soltar(self) -> None:
        self.viva, self._censo = False, None
        self._bucles, self._fabricas, self._suscripciones, self.escritores = {}, {}, {}, {}

    def _retraso(self, nombre: str) -> Retraso | None:
        """Return a measure of a consumer's delay; None for callers, which wait for other services."""
        if not nombre.startswith("consumidor-"):
            return None
        self._retrasos[nombre] = Retraso(self._reloj_de_base)
        return self._retrasos[nombre]

    def _unidad(self, persistencia: Persistencia) -> UnidadSimulada:
        e = self._entorno
        return UnidadSimulada(e.motor, persistencia, e.reloj, self._ids, self._testigo)

    def _suscribir(self, nombre: str, temas: Sequence[str], suscripcion: str) -> SuscripcionSimulada:
        abierta = BrokerSimulado(self._entorno.correo).suscribir(temas, suscripcion)
        self._suscripciones[nombre] = abierta
        return abierta


def _segundos(reloj: RelojVirtual) -> float:
    return (reloj.ahora() - COMIENZO).total_seconds()
