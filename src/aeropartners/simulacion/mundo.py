"""A schedule in play: the processes, their broker and database, and the faults that happen to them."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from aeropartners.contratos.saga import OrdenOperador
from aeropartners.seedwork.aplicacion.bucles.escritor import Peticion
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    Bloqueado,
    BrokerNoDisponible,
    ClaveIdempotencia,
    ConexionPerdida,
    ConflictoPersistente,
    Contestacion,
)
from aeropartners.seedwork.aplicacion.puntos_de_choque import Armado
from aeropartners.seedwork.dominio.evento import nombre_de
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.simulacion.broker_simulado import Carta
from aeropartners.simulacion.copia import Copia, Entorno, Muerte
from aeropartners.simulacion.ejercicio import Ejercicio
from aeropartners.simulacion.fallas import Fallas, Veneno
from aeropartners.simulacion.guion import saga_de
from aeropartners.simulacion.lectores import Lectores
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.tiempo import COMIENZO

ORQUESTADOR = "saga-orchestrator"


# The beginnings of the errors of messages that failed, or died, because of the schedule.
DE_UN_FALLO = ("Veneno", "El proceso")


class Inicio(Protocol):
    """A client's command that starts a saga."""

    @property
    def saga_id(self) -> UUID:
        """The saga's id, chosen by the client."""


class Elenco(Protocol):
    """What a schedule plays: the processes, and the clients' and the operator's orders."""

    def copias(self, plan: Plan, mundo: "Mundo") -> list[Copia]:
        """Return the processes."""

    def inicio(self, numero: int) -> Inicio:
        """Return the client's command that starts the saga of this number."""

    def decide(self, numero: int, vez: int) -> str:
        """Return the operator's order for a saga that is stuck for the `vez`-th time; "" for none."""


class Mundo:
    """The state of a schedule in play; it observes all transactions and crash points of its processes."""

    def __init__(self, plan: Plan, elenco: Elenco, entorno: Entorno) -> None:
        self.plan = plan
        self.entorno = entorno
        self.ejercicio = Ejercicio()
        self.relato: list[str] = []
        self.fallas = Fallas()
        self.comprometidos: set[tuple[str, bytes]] = set()
        self.tratados: Counter[tuple[str, UUID]] = Counter()
        self.averias: list[str] = []
        self.elenco = elenco
        self._activos: list[tuple[Copia, str]] = []
        self._pedidas: dict[int, Peticion] = {}
        self.lectores = Lectores()
        self.hubo_muertos = False
        self.copias = elenco.copias(plan, self)
        entorno.motor.al_escribir = self._abrir
        entorno.correo.al_guardar = lambda: self.instante("broker.rafaga")

    # The course of the schedule

    @contextmanager
    def observado(self) -> Iterator[None]:
        """Observe the crash points inside the block; random numbers are those of the schedule's seed."""
        antes = random.getstate()
        Armado.testigo = self._paso
        random.seed(self.plan.semilla)
        try:
            yield
        finally:
            Armado.testigo = None
            random.setstate(antes)

    def poblar(self, *clases: tuple[str, Sequence[Pieza], int]) -> list[Copia]:
        """Return `cuantas` processes of each kind, after creating the topics of their modules."""
        temas = self.lectores.anadir([pieza for _, piezas, _ in clases for pieza in piezas])
        self.entorno.correo.preparar(temas)
        return [
            Copia(f"{nombre}-{n + 1}", piezas, self.entorno, self)
            for nombre, piezas, cuantas in clases
            for n in range(cuantas)
        ]

    def sobres(self, carta: Carta) -> list[Sobre]:
        """Return the envelopes in a stored message, as the readers of its topic decode them."""
        return self.lectores.sobres(carta, self.entorno.reloj.ahora())

    def ronda(self, copia: Copia, nombre: str) -> int:
        """Do one round of a process's loop, with the armed faults; return how much it did, 1 if it failed."""
        if not copia.viva or nombre not in copia.nombres:
            return 0
        self._activos.append((copia, nombre))
        try:
            hecho = copia.ronda(nombre)
            defectos = [
                f.error for f in copia.fallidos if not f.error.startswith(ConflictoPersistente.__name__)
            ]
            self.averias += [f"{copia.nombre} {nombre}: {error}" for error in defectos]
            return hecho
        except Muerte:
            self.matar(copia, "en mitad de su trabajo")
        except (ConexionPerdida, BrokerNoDisponible) as error:
            self.cuenta("rondas que caen", type(error).__name__)
        except Exception as error:
            self.averias.append(f"{copia.nombre} {nombre}: {type(error).__name__}: {error}")
        finally:
            self._activos.pop()
        return 1

    def ocupado(self, copia: Copia, nombre: str) -> bool:
        """Whether this loop is in the middle of a round."""
        return (copia, nombre) in self._activos

    def parar(self, copia: Copia) -> None:
        """Stop a process as SIGTERM does."""
        self._activos.append((copia, ""))
        try:
            copia.parar()
            self.cuenta("faltas", "parada limpia")
        except Muerte:
            self.matar(copia, "mientras paraba")
        finally:
            self._activos.pop()

    def matar(self, copia: Copia, donde: str) -> None:
        """Kill a process as `kill -9` does."""
        copia.morir()
        self.cuenta("faltas", "muerte de un proceso")
        self.narra(f"muere {copia.nombre} {donde}")

    def arrancar(self, copia: Copia) -> None:
        """Start a process that does not live."""
        copia.arrancar()

    def poner(self, pieza: str, mensaje: object) -> None:
        """Hand a message of the initial data to its piece, in the first process that has it."""
        copia = next(c for c in self.copias if pieza in c.escritores)
        self._activos.append((copia, ""))
        try:
            copia.poner(pieza, mensaje)
        finally:
            self._activos.pop()

    def iniciar(self, numero: int, copia: Copia) -> None:
        """A client asks for a saga, or repeats the request with the same key until it has an answer."""
        if not copia.viva or self.empezada(numero):
            return
        inicio = self.elenco.inicio(numero)
        clave = ClaveIdempotencia(ORQUESTADOR, "/simulada", str(numero))
        repetida = numero in self._pedidas
        self._pedidas[numero] = self._peticion(inicio, inicio.saga_id, clave)
        copia.pedir(ORQUESTADOR, self._pedidas[numero])
        self.cuenta("clientes", "repite el inicio" if repetida else "inicia")
        self.narra(f"un cliente pide a {copia.nombre} la saga {numero}")

    def ordenar(self, numero: int, orden: str, copia: Copia) -> None:
        """An operator gives an order about a saga, whether the saga's state allows it or not."""
        if copia.viva:
            mensaje = OrdenOperador(saga_de(numero), orden, "porque sí", "simulador")
            copia.pedir(ORQUESTADOR, self._peticion(mensaje, mensaje.saga_id))
            self.cuenta("operador", orden)
            self.narra(f"un operador ordena a {copia.nombre} {orden} la saga {numero}")

    def latir(self) -> None:
        """Do a round of the census of every living process."""
        for copia in self.copias:
            if copia.viva:
                copia.latir()

    def empezada(self, numero: int) -> bool:
        """Whether the client has the answer that its saga has started."""
        peticion = self._pedidas.get(numero)
        if peticion is None or not peticion.futuro.done():
            return False
        error = peticion.futuro.exception()
        if error is not None and not isinstance(error, ConexionPerdida | ConflictoPersistente | Veneno):
            self.averias.append(f"inicio de la saga {numero}: {type(error).__name__}: {error}")
        return error is None

    # Observation of transactions and crash points

    def _paso(self, punto: str, sobres: Sequence[Sobre]) -> None:
        self.cuenta("puntos de choque pasados", punto)
        lugar, _, momento = punto.rpartition(".")
        if momento == "tras_commit":
            self.tratados.update((lugar, sobre.id) for sobre in sobres)
        self.instante(punto)
        if momento == "entrada":
            for sobre in sobres:
                if self.fallas.falla(sobre.id, self._activos[-1]):
                    self.cuenta("faltas", "mensaje que falla")
                    self.narra(f"{self._activos[-1][0].nombre} no puede con {sobre.tipo} {sobre.paso}")
                    raise Veneno(sobre.tipo)

    def _abrir(self) -> None:
        """A transaction begins; after a failed one, another copy may do a round before it."""
        self.instante("base.abrir")
        if not self._activos or not self.fallas.adelantado(self._activos[-1]):
            return
        copia, nombre = self._activos[-1]
        otra = next((c for c in self.copias if c is not copia and c.viva and nombre in c.nombres), None)
        if otra is not None:
            self.cuenta("faltas", "otra copia se adelanta")
            self.narra(f"{copia.nombre} ha fallado y no lo ha anotado; entretanto, {otra.nombre} {nombre}")
            self.ronda(otra, nombre)
            if not copia.viva:
                raise Muerte

    def instante(self, punto: str) -> None:
        """The working process passes a crash point, and dies there if that is armed."""
        if not self._activos:
            return
        activa = self._activos[-1][0]
        if not activa.viva:
            raise Muerte
        donde, faltan = self.fallas.muertes.get(activa.nombre, (None, 0))
        if donde in ("", punto):
            self.fallas.muertes[activa.nombre] = (donde, faltan - 1)
            if faltan == 1:
                del self.fallas.muertes[activa.nombre]
                self.cuenta("muertes en un punto", punto)
                self.narra(f"{activa.nombre} pasa por {punto}")
                raise Muerte

    def entre(self) -> Callable[[], None] | None:
        """Return a function by which another loop, mostly of the same module, does a round; or None.

        An orchestrator's writer gets an operator's cancel to carry out, at the worst moment. Raises Bloqueado
        while the armed fault holds a lock.
        """
        if self.fallas.bloqueada(nombre := self._activos[-1][0].nombre):
            self.cuenta("faltas", "bloqueo que no se suelta")
            self.narra(f"{nombre} espera en vano un bloqueo")
            raise Bloqueado("el del plan")
        if self.fallas.entre is None or not self._activos[-1][1].startswith(self.fallas.entre[1]):
            return None
        cual, self.fallas.entre = self.fallas.entre[0], None
        otros = [a for a in self.actores() if a not in self._activos]
        modulo = self._activos[-1][1].partition("-")[2]
        preferidos = [
            [a for a in otros if a[1] == f"escritor-{modulo}"],
            [a for a in otros if a[1].partition("-")[2] == modulo],
            otros,
        ]
        elegibles = next((p for p in preferidos[cual % 3 :] if p), None)
        if elegibles is None:
            return None
        copia, nombre = elegibles[cual // 3 % len(elegibles)]

        def en_medio() -> None:
            quien = self._activos[-1]
            self.cuenta("faltas", "dos transacciones a la vez")
            self.narra(
                f"{quien[0].nombre} {quien[1]} ha leído y no ha escrito; entretanto, {copia.nombre} {nombre}"
            )
            if nombre == f"escritor-{ORQUESTADOR}":
                self.ordenar(self.plan.sagas[cual // 3 % len(self.plan.sagas)], "cancelar", copia)
            self.ronda(copia, nombre)
            if not quien[0].viva:
                raise Muerte

        return en_medio

    def actores(self) -> list[tuple[Copia, str]]:
        """Return every loop of every living process."""
        return [(copia, nombre) for copia in self.copias if copia.viva for nombre in copia.nombres]

    def antes(self) -> None:
        self.instante("base.antes")
        self._perder(despues=False)

    def despues(self, envios: Sequence[Envio]) -> None:
        self.comprometidos.update((e.tema, bytes(e.cuerpo)) for e in envios)
        self.instante("base.despues")
        self._perder(despues=True)

    def aparta(self, apartado: Apartado) -> None:
        if apartado.falta:
            que, version = apartado.falta
            self.cuenta("faltas", "versión desconocida")
            self.narra(f"{self._activos[-1][0].nombre} no conoce {que} v{version} y lo deja")

    def _perder(self, *, despues: bool) -> None:
        nombre = self._activos[-1][0].nombre
        if self.fallas.bases.get(nombre) is despues:
            del self.fallas.bases[nombre]
            cuando = "después" if despues else "antes"
            self.cuenta("faltas", f"base perdida {cuando} de confirmar")
            self.narra(f"{nombre} pierde la base {cuando} de confirmar")
            raise ConexionPerdida("la del plan")

    # The story and the counts

    def cuenta(self, grupo: str, que: str) -> None:
        """Count an occurrence."""
        self.ejercicio.anotar(grupo, que)

    def narra(self, frase: str) -> None:
        """Add a sentence to the story, with the time in seconds."""
        segundos = (self.entorno.reloj.ahora() - COMIENZO).total_seconds()
        self.relato.append(f"{segundos:9.2f} s  {frase}")

    def _peticion(self, mensaje: object, saga: UUID, clave: ClaveIdempotencia | None = None) -> Peticion:
        return Peticion(
            mensaje,
            saga,
            lambda _decision: Contestacion(200, {}),
            lambda error: Contestacion(409, {"codigo": error.codigo}),
            clave,
            huella=nombre_de(type(mensaje))[0],
            saga_id=saga,
            siempre=True,
        )
