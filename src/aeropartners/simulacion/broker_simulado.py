"""The simulated broker: a Pulsar whose faults are decided by the schedule."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from aeropartners.contratos.saga import TEMA_RESPUESTAS
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, Rechazo, Sordera
from aeropartners.seedwork.infraestructura.broker.paquetes import (
    PAQUETE,
    Abiertos,
    abrir,
    paquetes,
    particion_de,
)
from aeropartners.simulacion.tiempo import RelojVirtual

PARTICIONES = 2
# A participant's delayed answer goes to this topic; it reaches the orchestrator at its time, in any order.
TEMA_TARDIAS = "respuestas-tardias"
ESPERA = "espera_s"
_VACIO: Mapping[str, str] = {}
_EN_PAQUETE = {PAQUETE: "1"}


@dataclass(eq=False, slots=True)
class Carta:
    """One stored message; `claves` are the keys whose order the broker must keep."""

    numero: int
    tema: str
    particion: int
    claves: frozenset[str]
    datos: bytes
    propiedades: Mapping[str, str]
    visible: datetime
    confirmada: set[str] = field(default_factory=set)


class TemasSimulados:
    """All topics, subscriptions and consumers; partitions are shared out as by Pulsar's Failover.

    `caido`: the broker answers nobody. `negados`: topics that refuse messages, with the reason.
    `cortar_tras`: the connection breaks after this many messages of the next burst. `azar`: the source of
    chance by which the next receives leave messages for later; None leaves none. `al_guardar` is called
    before each message is stored.
    """

    def __init__(self, reloj: RelojVirtual, particiones: int = PARTICIONES) -> None:
        self._reloj = reloj
        self._particiones = particiones
        self._temas: dict[str, list[Carta]] = {}
        self._consumidores: dict[tuple[str, str], list[SuscripcionSimulada]] = {}
        self.guardados: set[tuple[str, bytes]] = set()
        self.cartas: list[Carta] = []
        self.caido = False
        self.negados: dict[str, str] = {}
        self.cortar_tras: int | None = None
        self.azar: Random | None = None
        self.al_guardar: Callable[[], None] = lambda: None

    def preparar(self, suscripciones: Mapping[str, Sequence[str]]) -> None:
        """Create topics and subscriptions."""
        for tema, nombres in suscripciones.items():
            self._temas.setdefault(tema, [])
            for nombre in nombres:
                self._consumidores.setdefault((tema, nombre), [])

    def guardar(self, envios: Sequence[Envio]) -> Sequence[Rechazo]:
        """Store a burst, internal messages in packets by partition; return the refused topics.

        Raises BrokerNoDisponible.
        """
        if self.caido:
            raise BrokerNoDisponible("el broker no contesta")
        negados = dict.fromkeys(e.tema for e in envios if e.tema in self.negados)
        rechazos = [Rechazo(t, self.negados[t], [e for e in envios if e.tema == t]) for t in negados]
        envios = [e for e in envios if e.tema not in negados]
        falta, self.cortar_tras = self.cortar_tras, None
        for hechas, (carta, suyos) in enumerate(self._cartas(envios)):
            if falta is not None and hechas >= falta:
                raise BrokerNoDisponible("la conexión se cortó en mitad de la ráfaga")
            self.al_guardar()
            self.guardados.update((e.tema, bytes(e.cuerpo)) for e in suyos)
            self._meter(carta)
        if falta is not None:
            raise BrokerNoDisponible("la conexión se cortó antes de la confirmación")
        return rechazos

    def repetir(self, cual: int) -> Carta | None:
        """Store a copy of one message, so that it is delivered again after younger ones of its key."""
        if not self.cartas:
            return None
        vieja = self.cartas[cual % len(self.cartas)]
        nueva = replace(vieja, confirmada=set(), visible=max(vieja.visible, self.ahora))
        self._meter(nueva)
        return nueva

    def retrasar(self, cual: int, segundos: float) -> Carta | None:
        """Delay an unconfirmed message by `segundos`, and the later messages of its keys with it."""
        pendientes = [c for c in self.cartas if not c.confirmada]
        if not pendientes:
            return None
        carta = pendientes[cual % len(pendientes)]
        carta.visible = max(carta.visible, self.ahora + timedelta(seconds=segundos))
        return carta

    @property
    def temas(self) -> Collection[str]:
        """All topics that were created or sent to."""
        return self._temas.keys()

    @property
    def suscripciones(self) -> Collection[tuple[str, str]]:
        """All subscriptions, as topic and name."""
        return self._consumidores.keys()

    @property
    def ahora(self) -> datetime:
        """The present moment of the schedule's clock."""
        return self._reloj.ahora()

    def de(self, tema: str) -> Sequence[Carta]:
        """Return all messages of a topic, confirmed ones too."""
        return self._temas.get(tema, ())

    def pendientes(self) -> Iterator[Carta]:
        """Yield the messages that a subscription has not confirmed."""
        for tema, nombre in self._consumidores:
            yield from (c for c in self._temas[tema] if nombre not in c.confirmada)

    def entrar(self, suscripcion: "SuscripcionSimulada", clave: tuple[str, str]) -> None:
        """Add a consumer to a subscription; partitions move to it."""
        if clave not in self._consumidores:
            raise KeyError(f"La suscripción {clave} no existe")
        self._repartir(clave, [*self._consumidores[clave], suscripcion])

    def salir(self, suscripcion: "SuscripcionSimulada", clave: tuple[str, str]) -> None:
        """Remove a consumer from a subscription; its unconfirmed messages go to another consumer."""
        self._repartir(clave, [s for s in self._consumidores[clave] if s is not suscripcion])

    def es_suya(self, suscripcion: "SuscripcionSimulada", clave: tuple[str, str], particion: int) -> bool:
        """Whether a partition is served to this consumer."""
        todos = self._consumidores[clave]
        return bool(todos) and todos[particion % len(todos)] is suscripcion

    def _repartir(self, clave: tuple[str, str], ahora: "list[SuscripcionSimulada]") -> None:
        """Share out the partitions.

        A partition's unconfirmed messages are delivered again to its new consumer.
        """
        antes, self._consumidores[clave] = self._consumidores[clave], ahora
        for particion in range(self._particiones):
            duenos = [todos[particion % len(todos)] if todos else None for todos in (antes, ahora)]
            if duenos[1] is not None and duenos[0] is not duenos[1]:
                duenos[1].olvidar(clave, particion)

    def _meter(self, carta: Carta) -> None:
        carta.numero = len(self.cartas)
        self.cartas.append(carta)
        self._temas[carta.tema].append(carta)

    def _cartas(self, envios: Sequence[Envio]) -> Iterator[tuple[Carta, Sequence[Envio]]]:
        ahora = self._reloj.ahora()
        internos: dict[tuple[str, int], list[Envio]] = {}
        for e in envios:
            particion = particion_de(e.clave, self._particiones)
            if e.tema == TEMA_TARDIAS:
                tarde = ahora + timedelta(seconds=float((e.propiedades or _VACIO)[ESPERA]))
                yield (
                    self._carta(TEMA_RESPUESTAS, particion, frozenset(), bytes(e.cuerpo), _VACIO, tarde),
                    [e],
                )
            elif e.propiedades is None:
                internos.setdefault((e.tema, particion), []).append(e)
            else:
                claves = frozenset((e.clave,))
                yield self._carta(e.tema, particion, claves, bytes(e.cuerpo), e.propiedades, ahora), [e]
        for (tema, particion), envios in internos.items():
            claves = frozenset(e.clave for e in envios)
            *primeros, ultimo = paquetes([bytes(e.cuerpo) for e in envios])
            for datos in primeros:
                yield self._carta(tema, particion, claves, datos, _EN_PAQUETE, ahora), []
            yield self._carta(tema, particion, claves, ultimo, _EN_PAQUETE, ahora), envios

    def _carta(
        self,
        tema: str,
        particion: int,
        claves: frozenset[str],
        datos: bytes,
        propiedades: Mapping[str, str],
        visible: datetime,
    ) -> Carta:
        self._temas.setdefault(tema, [])
        return Carta(0, tema, particion, claves, datos, propiedades, visible)


class BrokerSimulado:
    """See the port `Broker`."""

    def __init__(self, correo: TemasSimulados) -> None:
        self._correo = correo
        self._envios: list[Envio] = []

    def enviar(self, envios: Iterable[Envio]) -> None:
        self._envios += envios

    def asegurar(self) -> Sequence[Rechazo]:
        envios, self._envios = self._envios, []
        return self._correo.guardar(envios)

    def suscribir(self, temas: Sequence[str], nombre: str) -> "SuscripcionSimulada":
        return SuscripcionSimulada(self._correo, temas, nombre)

    def cerrar(self) -> None:
        self._envios = []


class _Recibo:
    """The receipt of a packet.

    It confirms only on the connection that delivered the packet, and when all of its envelopes are done.
    """

    __slots__ = ("abiertos", "carta", "conexion")

    def __init__(self, carta: Carta, conexion: int, sobres: int) -> None:
        self.carta = carta
        self.conexion = conexion
        self.abiertos = Abiertos(sobres)


class SuscripcionSimulada:
    """See the port `Suscripcion`; `recibir` never waits."""

    def __init__(self, correo: TemasSimulados, temas: Sequence[str], nombre: str) -> None:
        self._correo = correo
        self._nombre = nombre
        self._claves = [(tema, nombre) for tema in temas]
        self._entregadas: dict[tuple[str, str], dict[int, int]] = {clave: {} for clave in self._claves}
        self._conexion = 1
        if correo.caido:
            raise BrokerNoDisponible("el broker no contesta")
        for clave in self._claves:
            correo.entrar(self, clave)

    @property
    def sordera(self) -> Sordera | None:
        return Sordera(self._correo.ahora, "el broker no contesta", True) if self._correo.caido else None

    @property
    def conexion(self) -> int:
        return 0 if self._correo.caido else self._conexion

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        azar = self._correo.azar
        tope = maximo if azar is None else min(maximo, azar.randint(1, 6))
        envios: list[Recibido] = []
        if not self._correo.caido:
            for carta in self._disponibles(azar):
                if len(envios) >= tope:
                    break
                envios += self._abrir(carta)
        return envios

    def confirmar(self, envios: Sequence[Recibido]) -> None:
        for recibido in envios:
            recibo = recibido.recibo
            assert isinstance(recibo, _Recibo)
            ultimo = recibo.abiertos.cerrar_uno()
            if ultimo and recibo.conexion == self._conexion and not self._correo.caido:
                recibo.carta.confirmada.add(self._nombre)

    def cortar(self) -> None:
        """Lose the connection and open another one: unconfirmed messages are delivered again."""
        self._conexion += 1
        for entregadas in self._entregadas.values():
            entregadas.clear()

    def olvidar(self, clave: tuple[str, str], particion: int) -> None:
        """Let the delivered messages of a partition be delivered again."""
        entregadas = self._entregadas[clave]
        self._entregadas[clave] = {n: p for n, p in entregadas.items() if p != particion}

    def cerrar(self) -> None:
        self._conexion += 1
        for clave in self._claves:
            self._correo.salir(self, clave)

    def _disponibles(self, azar: Random | None) -> Iterator[Carta]:
        ahora = self._correo.ahora
        for clave in self._claves:
            retenidas: set[str] = set()
            entregadas = self._entregadas[clave]
            for carta in self._correo.de(clave[0]):
                if self._nombre in carta.confirmada or carta.numero in entregadas:
                    continue
                if not self._correo.es_suya(self, clave, carta.particion):
                    continue
                salta = azar is not None and azar.random() < 0.2
                if salta or carta.visible > ahora or retenidas & carta.claves:
                    retenidas |= carta.claves
                else:
                    yield carta

    def _abrir(self, carta: Carta) -> list[Recibido]:
        self._entregadas[carta.tema, self._nombre][carta.numero] = carta.particion
        cuerpos = abrir(carta.datos, carta.propiedades)
        recibo = _Recibo(carta, self._conexion, len(cuerpos))
        propiedades = dict(carta.propiedades)
        return [
            Recibido(carta.tema, cuerpo, propiedades, recibo, f"{carta.numero}#{i}")
            for i, cuerpo in enumerate(cuerpos)
        ]
