"""The broker over Pulsar: packets for our own processes, one event a message for everybody else."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pulsar

from aeropartners.seedwork.aplicacion.consumidor import LINGER_DESDE
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible
from aeropartners.seedwork.infraestructura.paquetes import PAQUETE, Abiertos, abrir, paquetes, particion_de

PLAZO_ENVIO_MS = 10_000
SIN_CONEXION_S = 5.0


@dataclass(frozen=True, slots=True)
class AccesoPulsar:
    """What a client shows the broker, and by whose word it believes that it is the broker."""

    ficha: str = field(default="", repr=False)
    autoridad: str = ""

    def opciones(self) -> dict[str, Any]:
        """Return the options of a client. The name in the broker's certificate counts, always."""
        dichas: dict[str, Any] = {"tls_validate_hostname": True}
        if self.ficha:
            dichas["authentication"] = pulsar.AuthenticationToken(self.ficha)
        if self.autoridad:
            dichas["tls_trust_certs_file_path"] = self.autoridad
        return dichas


class BrokerPulsar:
    """See the port `Broker`. One client for sending, opened again after a failed burst.

    `particiones` tells how many partitions each internal topic has: an envelope goes to partition
    crc32(clave) mod P, the same in every process.
    """

    def __init__(self, url: str, prefijo: str, particiones: int, acceso: AccesoPulsar | None = None) -> None:
        self._acceso = acceso or AccesoPulsar()
        self._url = url
        self._prefijo = prefijo
        self._particiones = particiones
        self._cliente: Any = None
        self._productores: dict[str, Any] = {}
        self._por_asegurar: dict[str, Any] = {}
        self._resultados: dict[Any, Any] = {}

    def enviar(self, lote: Iterable[Envio]) -> None:
        internos: dict[str, list[bytes]] = {}
        try:
            for envio in lote:
                if envio.propiedades is None:
                    particion = particion_de(envio.clave, self._particiones)
                    tema = f"{self._prefijo}{envio.tema}-partition-{particion}"
                    internos.setdefault(tema, []).append(bytes(envio.cuerpo))
                else:
                    self._mandar(
                        self._prefijo + envio.tema, bytes(envio.cuerpo), envio.propiedades, envio.clave
                    )
            for tema, cuerpos in internos.items():
                for paquete in paquetes(cuerpos):
                    self._mandar(tema, paquete, {PAQUETE: "1"}, None)
        except pulsar.PulsarException as error:
            self._abandonar()
            raise BrokerNoDisponible(str(error)) from error

    def asegurar(self) -> None:
        # The last are ours, and sagas wait for them: they leave now, the others by their timer meanwhile.
        por_asegurar, self._por_asegurar = self._por_asegurar, {}
        try:
            for productor in reversed(por_asegurar.values()):
                productor.flush()
        except pulsar.PulsarException as error:
            self._abandonar()
            raise BrokerNoDisponible(str(error)) from error
        resultados, self._resultados = self._resultados, {}
        fallos = [r for r in resultados if r != pulsar.Result.Ok]
        if fallos:
            self._abandonar()
            raise BrokerNoDisponible(", ".join(str(f) for f in fallos))

    def suscribir(self, temas: Sequence[str], nombre: str) -> "SuscripcionPulsar":
        return SuscripcionPulsar(self._abrir, self._prefijo, temas, nombre)

    def cerrar(self) -> None:
        self._abandonar()

    def _mandar(self, tema: str, cuerpo: bytes, propiedades: dict[str, str], clave: str | None) -> None:
        productor = self._por_asegurar[tema] = self._productor(tema)
        # The callback is a C builtin: a Python one costs a GIL hand-over for each message.
        productor.send_async(cuerpo, self._resultados.setdefault, properties=propiedades, partition_key=clave)

    def _productor(self, tema: str) -> Any:
        productor = self._productores.get(tema)
        if productor is None:
            if self._cliente is None:
                self._cliente = self._abrir()
            productor = self._productores[tema] = self._cliente.create_producer(
                tema,
                send_timeout_millis=PLAZO_ENVIO_MS,
                batching_enabled=True,
                batching_max_publish_delay_ms=1,
                max_pending_messages=20_000,
                block_if_queue_full=True,
            )
        return productor

    def _abandonar(self) -> None:
        """Drop the client: after an outage a fresh one is back at once, an old one waits up to 60 s."""
        cliente, self._cliente = self._cliente, None
        self._productores, self._por_asegurar, self._resultados = {}, {}, {}
        if cliente is not None:
            _cerrar(cliente)

    def _abrir(self) -> Any:
        return pulsar.Client(
            self._url,
            operation_timeout_seconds=5,
            connection_timeout_ms=3_000,
            logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error),
            **self._acceso.opciones(),
        )


class _Ficha:
    """One Pulsar message and how many of its envelopes are still open."""

    __slots__ = ("abiertos", "consumidor", "mensaje")

    def __init__(self, mensaje: Any, consumidor: Any, sobres: int) -> None:
        self.mensaje = mensaje
        self.consumidor = consumidor
        self.abiertos = Abiertos(sobres)


class SuscripcionPulsar:
    """A Failover consumer with its own client; a packet is acknowledged when all of it is confirmed."""

    def __init__(self, abrir: Callable[[], Any], prefijo: str, temas: Sequence[str], nombre: str) -> None:
        self._abrir = abrir
        self._prefijo = prefijo
        self._temas = [prefijo + tema for tema in temas]
        self._nombre = nombre
        self._sin_conexion: float | None = None
        self._conectar()

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        lote: list[Recibido] = []
        espera_ms = max(int(espera * 1000), 1)
        while len(lote) < maximo:
            try:
                mensaje = self._consumidor.receive(espera_ms)
            except pulsar.Timeout:
                if not lote:
                    self._vigilar_conexion()
                break
            except pulsar.PulsarException:
                self._reconectar()
                break
            lote += self._abrir_mensaje(mensaje)
            espera_ms = 0 if len(lote) < LINGER_DESDE else 1
        return lote

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        for recibido in lote:
            ficha = recibido.ficha
            assert isinstance(ficha, _Ficha)
            if ficha.abiertos.cerrar_uno() and ficha.consumidor is self._consumidor:
                try:
                    self._consumidor.acknowledge(ficha.mensaje)
                except pulsar.PulsarException:
                    self._reconectar()
                    return

    def cerrar(self) -> None:
        # Closing a dead consumer: the broker redelivers what was open.
        with suppress(pulsar.PulsarException):
            self._consumidor.close()
        _cerrar(self._cliente)

    def _abrir_mensaje(self, mensaje: Any) -> list[Recibido]:
        tema = mensaje.topic_name().removeprefix(self._prefijo).split("-partition-")[0]
        propiedades = dict(mensaje.properties())
        cuerpos = abrir(mensaje.data(), propiedades)
        ficha = _Ficha(mensaje, self._consumidor, len(cuerpos))
        id_broker = str(mensaje.message_id())
        return [
            Recibido(tema, cuerpo, propiedades, ficha, f"{id_broker}#{i}") for i, cuerpo in enumerate(cuerpos)
        ]

    def _vigilar_conexion(self) -> None:
        if self._consumidor.is_connected():
            self._sin_conexion = None
            return
        ahora = time.monotonic()
        if self._sin_conexion is None:
            self._sin_conexion = ahora
        elif ahora - self._sin_conexion > SIN_CONEXION_S:
            self._reconectar()

    def _reconectar(self) -> None:
        """Open a fresh client; while the broker is away, say so to the next round instead of failing."""
        self._sin_conexion = time.monotonic()
        viejo = self._cliente
        try:
            self._conectar()
        except pulsar.PulsarException:
            return
        _cerrar(viejo)

    def _conectar(self) -> None:
        cliente = self._abrir()
        try:
            self._consumidor = cliente.subscribe(
                self._temas if len(self._temas) > 1 else self._temas[0],
                self._nombre,
                consumer_type=pulsar.ConsumerType.Failover,
                initial_position=pulsar.InitialPosition.Earliest,
                receiver_queue_size=1_000,
                batch_index_ack_enabled=True,
            )
        except pulsar.PulsarException:
            _cerrar(cliente)
            raise
        self._cliente = cliente


def _cerrar(cliente: Any) -> None:
    # A client whose broker is gone cannot say goodbye.
    with suppress(pulsar.PulsarException):
        cliente.close()
