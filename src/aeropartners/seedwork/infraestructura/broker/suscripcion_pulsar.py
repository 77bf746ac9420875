"""Subscriptions over Pulsar: receiving, the reason when nothing is received, and recovery."""

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

from aeropartners.seedwork.aplicacion.bucles.consumidor import LINGER_DESDE
from aeropartners.seedwork.aplicacion.mensajes import Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, Sordera
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import (
    Clientes,
    ErrorPulsar,
    NadaQueRecibir,
    crear_consumidor,
)
from aeropartners.seedwork.infraestructura.broker.paquetes import Abiertos, abrir
from aeropartners.seedwork.infraestructura.broker.particiones_calladas import Silencios

log = structlog.get_logger(__name__)

MIRAR_S, SIN_CONEXION_S = 1.0, 5.0
REINTENTO_S, REINTENTO_MAXIMO_S = 1.0, 30.0


class _Recibo:
    """One Pulsar message, and the number of its envelopes that are not confirmed."""

    __slots__ = ("abiertos", "consumidor", "mensaje")

    def __init__(self, mensaje: Any, consumidor: Any, sobres: int) -> None:
        self.mensaje = mensaje
        self.consumidor = consumidor
        self.abiertos = Abiertos(sobres)


class SuscripcionPulsar:
    """See the port `Suscripcion`: a Failover consumer with a client of its own.

    A packet is acknowledged when all of its envelopes are confirmed. A topic that refuses the subscription is
    left out and tried again with growing pauses, while the other topics are received.
    """

    def __init__(
        self,
        clientes: Clientes,
        prefijo: str,
        temas: Sequence[str],
        nombre: str,
        cola: int,
        publicos: Collection[str] = (),
    ) -> None:
        self._clientes = clientes
        self._prefijo = prefijo
        self._temas = [prefijo + tema for tema in temas]
        self._nombre = nombre
        self._cola = cola
        self._publicos = {prefijo + tema for tema in publicos}
        self._consumidor: Any = None
        self._conexiones = 0
        self._silencios = Silencios(0, time.monotonic())
        self._sin_confirmar = 0
        self._sordera: Sordera | None = None
        self._malos: dict[str, str] = {}
        self._perdido = False
        self._mirado = time.monotonic()
        self._reintento, self._espera_s = 0.0, REINTENTO_S
        self._conectar()

    @property
    def sordera(self) -> Sordera | None:
        return self._sordera

    @property
    def conexion(self) -> int:
        # Replies come by internal topics only: a public topic that refuses hides none of them.
        propios = self._malos.keys() - self._publicos
        return 0 if self._consumidor is None or self._perdido or propios else self._conexiones

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        lote: list[Recibido] = []
        if time.monotonic() - self._mirado > MIRAR_S:
            self._mirar()
        if self._consumidor is None:
            time.sleep(espera)
            return lote
        espera_ms = max(int(espera * 1000), 1)
        while len(lote) < maximo:
            try:
                mensaje = self._consumidor.receive(espera_ms)
            except NadaQueRecibir:
                break
            except ErrorPulsar as error:
                self._perder(type(error).__name__)
                time.sleep(espera)
                break
            lote += self._abrir_mensaje(mensaje)
            espera_ms = 0 if len(lote) < LINGER_DESDE else 1
        return lote

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        for recibido in lote:
            recibo = recibido.recibo
            assert isinstance(recibo, _Recibo)
            if recibo.abiertos.cerrar_uno() and recibo.consumidor is self._consumidor:
                self._sin_confirmar -= 1
                try:
                    self._consumidor.acknowledge(recibo.mensaje)
                except ErrorPulsar as error:
                    self._perder(type(error).__name__)
                    return

    def cerrar(self) -> None:
        # The broker delivers the unacknowledged messages of a closed consumer again.
        self._dejar()
        self._clientes.soltar()

    def _abrir_mensaje(self, mensaje: Any) -> list[Recibido]:
        particion = mensaje.topic_name()
        self._silencios.oida(particion, time.monotonic())
        self._sin_confirmar += 1
        tema = particion.removeprefix(self._prefijo).split("-partition-")[0]
        propiedades = _propiedades(mensaje)
        cuerpos = abrir(mensaje.data(), propiedades)
        recibo = _Recibo(mensaje, self._consumidor, len(cuerpos))
        id_broker = str(mensaje.message_id())
        return [
            Recibido(tema, cuerpo, propiedades, recibo, f"{id_broker}#{i}")
            for i, cuerpo in enumerate(cuerpos)
        ]

    def _mirar(self) -> None:
        """Check that all topics are received; if not, take the step towards recovery that is due."""
        ahora = self._mirado = time.monotonic()
        if self._consumidor is not None and not self._consumidor.is_connected():
            self._perder("sin conexión")
            if ahora >= self._reintento:
                self._renovar()
        elif self._consumidor is None or self._malos:
            if ahora >= self._reintento:
                self._conectar()
        else:
            self._perdido = False
            self._oir()
            self._preguntar(ahora)

    def _preguntar(self, ahora: float) -> None:
        """Ask the broker to deliver unacknowledged messages again when a partition is silent.

        Not while messages are in hand: they would come twice.
        """
        if not self._sin_confirmar and self._silencios.toca(ahora):
            self._consumidor.redeliver_unacknowledged_messages()

    def _perder(self, causa: str) -> None:
        """Record that the connection is lost; the library may restore it by itself for SIN_CONEXION_S."""
        if not self._perdido:
            self._perdido, self._reintento = True, time.monotonic() + SIN_CONEXION_S
            self._ensordecer(causa, sin_broker=True)

    def _renovar(self) -> None:
        """Start again with a new client, once the broker answers."""
        try:
            self._clientes.exigir()
        except BrokerNoDisponible as error:
            self._ensordecer(str(error), sin_broker=True)
            return
        self.cerrar()
        self._conectar()

    def _conectar(self) -> None:
        """Subscribe to all topics that accept it, with a client that is made when the broker answers."""
        try:
            cliente = self._clientes.cliente()
            malos = self._negativas(cliente, self._malos)
            buenos = [tema for tema in self._temas if tema not in malos]
            if buenos and (self._consumidor is None or len(malos) < len(self._malos)):
                particiones = sum(len(cliente.get_topic_partitions(tema)) for tema in buenos)
                self._dejar()
                self._consumidor = crear_consumidor(cliente, buenos, self._nombre, self._cola)
                self._conexiones += 1
                self._silencios, self._sin_confirmar = Silencios(particiones, time.monotonic()), 0
            self._malos = malos
        except BrokerNoDisponible as error:
            self._ensordecer(str(error), sin_broker=True)
        except ErrorPulsar as error:
            self._malos = self._negativas(cliente, self._temas)
            self._ensordecer(type(error).__name__, sin_broker=False)
        else:
            self._perdido = False
            if not self._malos:
                self._espera_s = REINTENTO_S
                self._oir()
                return
            self._ensordecer("", sin_broker=False)
        self._reintento = time.monotonic() + self._espera_s
        self._espera_s = min(self._espera_s * 2, REINTENTO_MAXIMO_S)

    def _negativas(self, cliente: Any, temas: Iterable[str]) -> dict[str, str]:
        """Try to subscribe to each topic alone; return the topics that refuse, with the reason."""
        negativas = {}
        for tema in temas:
            try:
                crear_consumidor(cliente, [tema], self._nombre, 1).close()
            except ErrorPulsar as error:
                negativas[tema] = type(error).__name__
        return negativas

    def _ensordecer(self, causa: str, *, sin_broker: bool) -> None:
        desde = self._sordera.desde if self._sordera else datetime.now(UTC)
        malos = ", ".join(f"{t.removeprefix(self._prefijo)}: {c}" for t, c in self._malos.items())
        dicha = causa if sin_broker else malos or causa
        if self._sordera is None:
            log.warning("suscripcion_sorda", suscripcion=self._nombre, causa=dicha)
        self._sordera = Sordera(desde, dicha, sin_broker)

    def _oir(self) -> None:
        if self._sordera is not None:
            log.warning("suscripcion_oye", suscripcion=self._nombre, desde=str(self._sordera.desde))
            self._sordera = None

    def _dejar(self) -> None:
        consumidor, self._consumidor = self._consumidor, None
        if consumidor is not None:
            with suppress(ErrorPulsar):
                consumidor.close()


def _propiedades(mensaje: Any) -> dict[str, str]:
    """Return a message's properties; none if they are not UTF-8, which another program may write.

    An exception here would end the loop, and the message would be delivered again for ever.
    """
    try:
        return dict(mensaje.properties())
    except UnicodeDecodeError:
        return {}
