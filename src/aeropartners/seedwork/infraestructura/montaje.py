"""Builds the loops of a piece; threads, the simulator and tests all use this one place."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from aeropartners.seedwork.aplicacion.bucles.bucle import Bucle, Ronda
from aeropartners.seedwork.aplicacion.bucles.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.bucles.llamadas import EnVuelo
from aeropartners.seedwork.aplicacion.bucles.llamador import Llamador
from aeropartners.seedwork.aplicacion.bucles.lote import Procesador
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.bucles.vigilante import Vigilante
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.puertos import Identificadores, Reloj, Suscripcion, UnidadDeTrabajo
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.infraestructura.almacen.almacen import Persistencia
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza

Suscribir = Callable[[str, Sequence[str], str], Suscripcion]


@dataclass(frozen=True, slots=True)
class Montado:
    """The writer of a piece, and for each of its loops, by name, a function that makes the loop."""

    escritor: Escritor
    bucles: dict[str, Callable[[], Bucle]]


@dataclass(slots=True)
class Montaje:
    """What the loops of all pieces of one process share.

    `suscribir` opens a subscription (loop name, topics, subscription name). `retraso` makes the delay of a
    loop, or None where delays are not measured. `exclusiva` is the lock of the suspects. A writer waits
    `espera_s` seconds for its first request.
    """

    unidad: Callable[[Persistencia], UnidadDeTrabajo]
    publicador: Publicador
    ids: Identificadores
    reloj: Reloj
    suscribir: Suscribir
    retraso: Callable[[str], Retraso | None] = lambda _bucle: None
    exclusiva: Any = field(default_factory=Lock)
    llamadas: Callable[[], EnVuelo | None] = lambda: None
    dormir: Callable[[float], None] = time.sleep
    espera_s: float = 0.1
    _empezados: set[str] = field(default_factory=set)

    def montar(self, pieza: Pieza) -> Montado:
        """Return a piece's writer and loops. A loop's function makes a new loop each time it is called."""
        modulo, ejecutor = pieza.modulo, self._ejecutor(pieza)
        escritor = Escritor(ejecutor, self.ids, self.reloj)
        despertar = pieza.despertar(self.ids) if pieza.despertar else None
        bucles: dict[str, Callable[[], Bucle]] = {}
        if modulo.temas:
            oye = f"consumidor-{pieza.nombre}"
            bucles[oye] = lambda: self._consumidor(oye, ejecutor)
        bucles[f"escritor-{pieza.nombre}"] = lambda: Ronda(lambda: escritor.una_ronda(self.espera_s))
        bucles[f"vigilante-{pieza.nombre}"] = lambda: Vigilante(ejecutor, despertar)
        for llamada in pieza.llamadas:
            nombre = "-".join(("llamador", pieza.nombre, *([llamada.de] if llamada.de else ())))
            bucles[nombre] = self._llamador(nombre, llamada, ejecutor)
        return Montado(escritor, bucles)

    def hacer(self, pieza: Pieza, mensaje: object) -> None:
        """Run a piece's handler on one message at once, without a loop; raises the handler's ErrorDeDominio.

        The message is in no inbox: only an idempotent handler may get it twice.
        """

        def preparar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            return [sobre_de(mensaje, self.ids.nuevo(), pieza.nombre, uow.ahora)]

        [decision] = self._ejecutor(pieza).ejecutar(preparar).decisiones
        if decision.error:
            raise decision.error

    def _ejecutor(self, pieza: Pieza) -> Ejecutor:
        return Ejecutor(
            Procesador(pieza.modulo, self.ids),
            lambda: self.unidad(pieza.persistencia),
            self.publicador,
            dormir=self.dormir,
        )

    def _consumidor(self, nombre: str, ejecutor: Ejecutor) -> Bucle:
        modulo = ejecutor.procesador.modulo
        bucle = Consumidor(
            ejecutor,
            lambda: self.suscribir(nombre, modulo.temas, modulo.suscripcion),
            self.reloj,
            self.exclusiva,
            self.retraso(nombre),
        )
        self._empezar(nombre, bucle)
        return bucle

    def _llamador(self, nombre: str, llamada: Llamada, ejecutor: Ejecutor) -> Callable[[], Bucle]:
        tareas = llamada.tareas()

        def llamador() -> Bucle:
            bucle = Llamador(
                ejecutor,
                lambda: self.suscribir(nombre, (llamada.tema,), llamada.suscripcion),
                tareas,
                self.ids,
                self.reloj,
                self.llamadas(),
                self.dormir,
                self.exclusiva,
                self.retraso(nombre),
            )
            self._empezar(nombre, bucle)
            return bucle

        return llamador

    def _empezar(self, nombre: str, bucle: Consumidor | Llamador) -> None:
        """Start a loop; messages are counted only for the first loop of this name in the process."""
        bucle.empezar(tras_otro_proceso=nombre not in self._empezados)
        self._empezados.add(nombre)
