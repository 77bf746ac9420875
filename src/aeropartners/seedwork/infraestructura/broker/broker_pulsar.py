"""The broker over Pulsar: packets on internal topics, one event a message on public topics."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible, Rechazo
from aeropartners.seedwork.infraestructura.broker.carga_pulsar import Carga, esperar
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import (
    AccesoPulsar,
    Clientes,
    ErrorPulsar,
    crear_productor,
)
from aeropartners.seedwork.infraestructura.broker.paquetes import PAQUETE, en_cola, paquetes, particion_de
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar

CERRADO = {"TopicTerminated"}
DE_UN_MENSAJE = {"MessageTooBig", "InvalidMessage"}
SIN_RESPUESTA = "no contesta"


class BrokerPulsar:
    """See the port `Broker`.

    `particiones` is the number of partitions of each internal topic: an envelope goes to partition
    crc32(clave) mod P, which every process computes alike. `publicos` are the topics to which other programs
    may write.
    """

    def __init__(
        self,
        url: str,
        prefijo: str,
        particiones: int,
        acceso: AccesoPulsar | None = None,
        publicos: Collection[str] = (),
    ) -> None:
        self._url, self._acceso = url, acceso or AccesoPulsar()
        self._clientes = Clientes(url, self._acceso)
        self._prefijo = prefijo
        self._particiones = particiones
        self._publicos = publicos
        self._productores: dict[str, dict[str, Any]] = {}
        self._cargas: dict[str, Carga] = {}
        self._colgadas: dict[str, Carga] = {}

    def enviar(self, envios: Iterable[Envio]) -> None:
        cargas = self._cargas
        for envio in envios:
            (cargas.get(envio.tema) or cargas.setdefault(envio.tema, Carga())).envios.append(envio)
        try:
            # Internal topics first: sagas wait for them, and a public topic may be slow to open.
            for tema in sorted(cargas, key=lambda tema: cargas[tema].envios[0].propiedades is not None):
                self._mandar(tema, cargas[tema])
        except BrokerNoDisponible:
            self._cargas = {}
            raise

    def asegurar(self) -> Sequence[Rechazo]:
        cargas, self._cargas = self._cargas, {}
        esperar(cargas.values())
        rechazos = [r for tema, carga in cargas.items() for r in self._juzgar(tema, carga)]
        if any(not rechazo.definitivo for rechazo in rechazos):
            try:
                self._clientes.exigir()
            except BrokerNoDisponible:
                self.cerrar()
                raise
        return rechazos

    def suscribir(self, temas: Sequence[str], nombre: str) -> SuscripcionPulsar:
        cola = en_cola(temas, self._publicos, self._particiones)
        clientes = Clientes(self._url, self._acceso)
        return SuscripcionPulsar(clientes, self._prefijo, temas, nombre, cola, self._publicos)

    def cerrar(self) -> None:
        self._productores, self._cargas, self._colgadas = {}, {}, {}
        self._clientes.soltar()

    def _mandar(self, tema: str, carga: Carga) -> None:
        if vieja := self._colgadas.get(tema):
            if not vieja.completa:
                carga.causa = SIN_RESPUESTA
                return
            del self._colgadas[tema]
            if vieja.fallos():
                self._soltar(tema)
        try:
            self._mandar_todos(tema, carga)
        except ErrorPulsar as error:
            carga.causa = type(error).__name__

    def _mandar_todos(self, tema: str, carga: Carga) -> None:
        internos: dict[int, list[bytes]] = {}
        # The callback is a C builtin: a Python function costs a GIL hand-over for each message.
        anotar, hechos = carga.respuestas.put, 0
        for envio in carga.envios:
            if envio.propiedades is None:
                particion = particion_de(envio.clave, self._particiones)
                internos.setdefault(particion, []).append(bytes(envio.cuerpo))
                continue
            productor = self._productor(tema, self._prefijo + tema, en_tandas=True)
            try:
                productor.send_async(
                    bytes(envio.cuerpo), anotar, properties=envio.propiedades, partition_key=envio.clave
                )
            except (TypeError, ValueError) as error:
                carga.imposibles.append(Rechazo(tema, f"no se puede codificar: {error}", [envio], True))
            else:
                carga.enviados = hechos = hechos + 1
        for particion, cuerpos in internos.items():
            destino = f"{self._prefijo}{tema}-partition-{particion}"
            productor = self._productor(tema, destino, en_tandas=False)
            for paquete in paquetes(cuerpos):
                productor.send_async(paquete, anotar, properties={PAQUETE: "1"})
                carga.enviados = hechos = hechos + 1

    def _juzgar(self, tema: str, carga: Carga) -> Sequence[Rechazo]:
        """Return the messages of a topic that were not stored: refused for good, or to be sent again."""
        if not carga.completa:
            self._colgadas[tema] = carga
            return [Rechazo(tema, SIN_RESPUESTA, carga.envios)]
        fallos = carga.fallos()
        imposibles = {id(r.envios[0]) for r in carga.imposibles}
        envios = [e for e in carga.envios if id(e) not in imposibles] if imposibles else carga.envios
        if not fallos:
            return carga.imposibles
        if fallos <= DE_UN_MENSAJE:
            return [*carga.imposibles, *self._por_mitades(tema, envios, ", ".join(fallos))]
        if SIN_RESPUESTA not in fallos:
            self._soltar(tema)
        causa = ", ".join(sorted(fallos))
        return [*carga.imposibles, Rechazo(tema, causa, envios, definitivo=bool(fallos & CERRADO))]

    def _por_mitades(self, tema: str, envios: Sequence[Envio], causa: str) -> Sequence[Rechazo]:
        """Find the messages that the topic will never store, by halves; the rest is sent again in order."""
        if len(envios) == 1:
            return [Rechazo(tema, causa, envios, definitivo=True)]
        rechazos: list[Rechazo] = []
        for mitad in (envios[: len(envios) // 2], envios[len(envios) // 2 :]):
            if any(not r.definitivo for r in rechazos):
                return [*rechazos, Rechazo(tema, causa, mitad)]
            carga = Carga()
            carga.envios += mitad
            self._mandar(tema, carga)
            esperar([carga])
            rechazos += self._juzgar(tema, carga)
        return rechazos

    def _productor(self, tema: str, destino: str, *, en_tandas: bool) -> Any:
        """Return the producer of a destination.

        Packets need no batching of the library, so they leave at once.
        """
        suyos = self._productores.setdefault(tema, {})
        productor = suyos.get(destino)
        if productor is None:
            productor = suyos[destino] = crear_productor(
                self._clientes.cliente(), destino, en_tandas=en_tandas
            )
        return productor

    def _soltar(self, tema: str) -> None:
        for productor in self._productores.pop(tema, {}).values():
            with suppress(ErrorPulsar):
                productor.close()
