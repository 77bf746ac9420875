"""A simulated process: the loops of its modules, made and dropped as its threads would."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from aeropartners.seedwork.aplicacion.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.escritor import Escritor, Peticion
from aeropartners.seedwork.aplicacion.llamadas import EnVuelo
from aeropartners.seedwork.aplicacion.llamador import Llamador
from aeropartners.seedwork.aplicacion.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.publicador import Publicador
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.puntos import (
    DE_ENVIO,
    DE_LLAMADOR,
    DE_MARCA,
    DE_MODULO,
    DE_PLAZOS,
    DE_REINTENTO,
)
from aeropartners.seedwork.aplicacion.relevo import Relevo
from aeropartners.seedwork.aplicacion.tareas import Tarea
from aeropartners.seedwork.aplicacion.vigilante import DespertarDe, Vigilante
from aeropartners.seedwork.infraestructura.almacen import Persistencia
from aeropartners.seedwork.infraestructura.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.proyector import Proyector
from simulacion.base import MotorEnMemoria, Testigo, UnidadSimulada
from simulacion.correo import BrokerSimulado, Correo, SuscripcionSimulada
from simulacion.tiempo import IdsVirtuales, RelojVirtual

PUNTOS_DE_FUERA = ("base.abrir", "base.antes", "base.despues", "broker.rafaga")


class Muerte(BaseException):
    """The process is gone: nothing of it may catch this."""


@dataclass(frozen=True, slots=True)
class Llamada:
    """What the caller of a module listens to, what it does with an order, and where a call may be cut off."""

    tema: str
    suscripcion: str
    tareas: Callable[[Sobre], Tarea]
    puntos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pieza:
    """One module of a process: its table, its store, what its timers do, its caller, its totals."""

    modulo: Modulo
    persistencia: Persistencia
    despertar: Callable[[Identificadores], DespertarDe] | None = None
    llamada: Llamada | None = None
    proyecciones: Sequence[Proyeccion] = ()


@dataclass(frozen=True, slots=True)
class Entorno:
    """What all processes of a schedule share."""

    motor: MotorEnMemoria
    reloj: RelojVirtual
    ids: IdsVirtuales
    correo: Correo
    llamadas: Callable[[], EnVuelo]


class Bucle(Protocol):
    """A loop of the machine."""

    def una_ronda(self) -> int:
        """Do what there is to do now; return how much it was."""

    def terminar(self) -> None:
        """Leave cleanly."""


class _Ronda:
    def __init__(self, ronda: Callable[[], int]) -> None:
        self.una_ronda = ronda

    def terminar(self) -> None:
        """Nothing is left behind."""


class _Turno:
    """The turn of the suspects; who would wait for it has waited long enough."""

    def __init__(self) -> None:
        self._cerrojo = Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return self._cerrojo.acquire(blocking=False)

    def release(self) -> None:
        self._cerrojo.release()


class Copia:
    """A process by its name; it lives from `arrancar` to `morir` or `parar`."""

    def __init__(self, nombre: str, piezas: Sequence[Pieza], entorno: Entorno, testigo: Testigo) -> None:
        self.nombre = nombre
        self.viva = False
        self.escritores: dict[str, Escritor] = {}
        self._piezas = piezas
        self._entorno = entorno
        self._testigo = testigo
        self._fabricas: dict[str, Callable[[], Bucle]] = {}
        self._bucles: dict[str, Bucle] = {}
        self._suscripciones: dict[str, SuscripcionSimulada] = {}

    @property
    def nombres(self) -> Sequence[str]:
        """The loops, by name."""
        return tuple(self._fabricas)

    @property
    def puntos(self) -> Sequence[str]:
        """The crash points that it may pass: the machine's own, and those of its base and its broker."""
        puntos = [
            *PUNTOS_DE_FUERA,
            *(f"publicador.{p}" for p in DE_ENVIO),
            *(f"relevo.{p}" for p in DE_ENVIO),
        ]
        for pieza in self._piezas:
            nombre = pieza.modulo.nombre
            puntos += [f"{nombre}.{p}" for p in DE_MODULO]
            puntos += [f"{nombre}.vigilante.{p}" for p in DE_REINTENTO]
            if pieza.despertar:
                puntos += [f"{nombre}.vigilante.{p}" for p in DE_PLAZOS]
            if pieza.llamada:
                puntos += [f"{nombre}.llamador.{p}" for p in (*DE_MARCA, *DE_LLAMADOR)]
                puntos += pieza.llamada.puntos
        return puntos

    @property
    def llamadores(self) -> list[Llamador]:
        """The callers that are at work."""
        return [b for b in self._bucles.values() if isinstance(b, Llamador)]

    def arrancar(self) -> None:
        """Begin with nothing but what is stored."""
        self.viva = True
        e, turno = self._entorno, _Turno()
        publicador = Publicador(BrokerSimulado(e.correo))
        self._publicador = publicador
        self._fabricas = {
            "publicador": lambda: _Ronda(lambda: int(publicador.una_ronda(0))),
            "relevo": lambda: Relevo(SalidaSQL(e.motor, e.reloj), BrokerSimulado(e.correo), publicador),
        }
        if suyas := [p for pieza in self._piezas for p in pieza.proyecciones]:
            self._fabricas["proyector"] = lambda: _Ronda(Proyector(e.motor, suyas).una_ronda)
        empezados: set[str] = set()
        for pieza in self._piezas:
            self._montar(pieza, turno, empezados)

    def ronda(self, nombre: str) -> int:
        """Let one loop do a round; it is dropped when it raises, and made again the next time."""
        try:
            if nombre not in self._bucles:
                self._bucles[nombre] = self._fabricas[nombre]()
            return self._bucles[nombre].una_ronda()
        except Exception:
            self._bucles.pop(nombre, None)
            raise

    def morir(self) -> None:
        """Lose everything that is not stored."""
        for suscripcion in self._suscripciones.values():
            suscripcion.cerrar()
        self._soltar()

    def parar(self) -> None:
        """Stop in the order of a real process: loops, then the publisher, then the relay."""
        for nombre in list(self._bucles):
            if nombre != "relevo":
                self._terminar(nombre)
        while not self._publicador.vacio and self._publicador.una_ronda(0):
            pass
        if "relevo" in self._bucles:
            self._terminar("relevo")
        self._soltar()

    def cortar(self, cual: int) -> str | None:
        """Break the connection of one of its consumers, and return which."""
        nombres = sorted(self._suscripciones)
        if not nombres:
            return None
        nombre = nombres[cual % len(nombres)]
        self._suscripciones[nombre].cortar()
        return nombre

    def cortar_todo(self) -> None:
        """Break all of them."""
        for suscripcion in self._suscripciones.values():
            suscripcion.cortar()

    def pedir(self, modulo: str, peticion: Peticion) -> None:
        """Hand a client's write to the module."""
        self.escritores[modulo].encolar(peticion)

    def _terminar(self, nombre: str) -> None:
        """A loop that cannot leave cleanly leaves all the same."""
        with suppress(Exception):
            self._bucles[nombre].terminar()

    def _soltar(self) -> None:
        self.viva = False
        self._bucles, self._fabricas, self._suscripciones, self.escritores = {}, {}, {}, {}

    def _montar(self, pieza: Pieza, turno: Any, empezados: set[str]) -> None:
        e, modulo = self._entorno, pieza.modulo
        ejecutor = Ejecutor(
            Procesador(modulo, e.ids),
            lambda: UnidadSimulada(e.motor, pieza.persistencia, e.reloj, e.ids, self._testigo),
            self._publicador,
            dormir=lambda _segundos: None,
        )
        escritor = self.escritores[modulo.nombre] = Escritor(ejecutor, e.ids, e.reloj)
        despertar = pieza.despertar(e.ids) if pieza.despertar else None

        def empezar(nombre: str, bucle: Any) -> Any:
            bucle.empezar(tras_otro_proceso=nombre not in empezados)
            empezados.add(nombre)
            return bucle

        def consumidor() -> Bucle:
            nombre = f"consumidor-{modulo.nombre}"
            abrir = self._abridor(nombre, modulo.temas, modulo.suscripcion)
            bucle: Bucle = empezar(nombre, Consumidor(ejecutor, abrir, e.reloj, turno))
            return bucle

        if modulo.temas:
            self._fabricas[f"consumidor-{modulo.nombre}"] = consumidor
        self._fabricas |= {
            f"escritor-{modulo.nombre}": lambda: _Ronda(lambda: escritor.una_ronda(0)),
            f"vigilante-{modulo.nombre}": lambda: _Ronda(Vigilante(ejecutor, despertar).una_ronda),
        }
        if llamada := pieza.llamada:
            nombre = f"llamador-{modulo.nombre}"

            def llamador() -> Bucle:
                abrir = self._abridor(nombre, (llamada.tema,), llamada.suscripcion)
                bucle: Bucle = empezar(
                    nombre,
                    Llamador(
                        ejecutor,
                        abrir,
                        llamada.tareas,
                        e.ids,
                        e.reloj,
                        e.llamadas(),
                        dormir=lambda _segundos: None,
                        turno=turno,
                    ),
                )
                return bucle

            self._fabricas[nombre] = llamador

    def _abridor(
        self, nombre: str, temas: Sequence[str], suscripcion: str
    ) -> Callable[[], SuscripcionSimulada]:
        def abrir() -> SuscripcionSimulada:
            abierta = BrokerSimulado(self._entorno.correo).suscribir(temas, suscripcion)
            self._suscripciones[nombre] = abierta
            return abierta

        return abrir
