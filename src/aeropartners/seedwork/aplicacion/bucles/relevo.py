"""The relay: deletes outbox rows that were published, and publishes old rows that no publisher has sent."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible, Rechazo
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar
from aeropartners.seedwork.aplicacion.salida import Rafaga, Salida
from aeropartners.seedwork.aplicacion.temas_en_espera import TemaEnEspera, TemasEnEspera

log = structlog.get_logger(__name__)

EDAD_S = 2.0
EDAD_SIN_CERROJO_S = 10.0
# Without the relay lock, rows are sent only after the oldest row has not changed for this time: then the
# process that holds the lock hangs.
QUIETA_S = 3.0
MAXIMO = 50
# How long one round may search for messages that can be sent, past rows of stopped topics.
MIRAR_S = 0.25
# Every transaction ends sooner: behind a row of this age no new row can still appear.
ASENTADA_S = 15.0
# How often the relay reads the stopped topics that other processes found, while it knows of none.
ENTENDERSE_S = 2.0
# How often the outbox is nevertheless read again from its beginning.
REPASO_S = 300.0

Parte = tuple[Rafaga, Sequence[Envio]]


class Relevo:
    """Publishes old outbox rows. One thread runs `una_ronda`; the broker object is its own.

    A topic that refuses messages is skipped, and tried again with its oldest burst after growing pauses. The
    other messages of each row are sent. A message that no broker will ever store becomes a dead letter.
    """

    def __init__(
        self,
        salida: Salida,
        broker: Broker,
        publicador: Publicador,
        cronometro: Callable[[], float] = time.monotonic,
    ) -> None:
        self._salida = salida
        self._broker = broker
        self._publicador = publicador
        self._cronometro = cronometro
        self._esperas = TemasEnEspera(salida, cronometro)
        self._frente = 0
        self._repaso = cronometro()
        self._quieta: tuple[UUID, float] | None = None
        self._entendido = float("-inf")
        self._sin_broker = 0

    @property
    def proximo(self) -> float | None:
        """When the next stopped topic is tried again, by the stopwatch; None when none is stopped."""
        return self._esperas.proximo

    def una_ronda(self) -> int:
        """Delete published rows, then publish rows older than 2 s; return how many bursts were sent.

        A process that does not get the relay lock publishes only rows older than 10 s, and only while the
        oldest row does not change: then the process that holds the lock hangs.
        """
        self.limpiar()
        with self._salida.unico() as soy_yo:
            try:
                hechas = self._con_cerrojo() if soy_yo else self._sin_cerrojo()
            except BrokerNoDisponible as error:
                self._anotar_broker(str(error))
                return 0
        if hechas:
            self._anotar_broker("")
        return hechas

    def terminar(self) -> None:
        """Delete the published rows, so that no other process sends them again, and close the broker."""
        self.limpiar()
        self._broker.cerrar()

    def limpiar(self) -> None:
        """Delete the rows whose bursts are stored; remove the stored messages from the other rows."""
        confirmados = self._publicador.tomar_confirmados()
        if confirmados:
            try:
                self._salida.borrar(confirmados)
            except BaseException:
                self._publicador.devolver(confirmados)
                raise
        if partes := self._publicador.tomar_partes():
            try:
                self._salida.quitar(partes)
            except BaseException:
                self._publicador.devolver_partes(partes)
                raise
        self._entenderse()

    def _entenderse(self) -> None:
        """Tell the publisher which topics are left to the relay, and which it may send to again."""
        ahora = self._cronometro()
        if not (self._esperas or self._publicador.detenidos) and ahora - self._entendido < ENTENDERSE_S:
            return
        self._entendido = ahora
        esperan = {d.tema for d in self._salida.detenidos()}
        self._publicador.detener(esperan)
        libres = {t: ultima for t, ultima in self._publicador.detenidos.items() if t not in esperan}
        if not libres:
            return
        quedan = self._salida.temas_de({ultima for ultima in libres.values() if ultima})
        for tema, ultima in libres.items():
            if ultima is None or tema not in quedan.get(ultima, ()):
                self._publicador.soltar(tema, ultima)

    def _con_cerrojo(self) -> int:
        self._esperas.heredar()
        ahora = self._cronometro()
        if not self._esperas or ahora - self._repaso > REPASO_S:
            self._frente, self._repaso = 0, ahora
        hechas = self._recorrer()
        # Last, because a topic that is slow to refuse then delays no other topic.
        for tema, espera in self._esperas.vencidos():
            hechas += self._probar(tema, espera)
        self._esperas.contar()
        return hechas

    def _recorrer(self) -> int:
        """Send the first page that has messages to send; remember the place behind rows that wait."""
        al_dia = self._publicador.detenidos.keys() | self._esperas.que_vuelven
        seguidas = True
        for pagina in self._paginas(0.0 if al_dia else EDAD_S, self._frente):
            if not pagina:
                self._esperas.al_dia()
            idas = self._enviar([(r, self._pasan(r, al_dia)) for r in pagina])
            for rafaga in pagina:
                seguidas = seguidas and rafaga.edad_s > ASENTADA_S
                # A deleted row is no mark: SQLite gives its position to the next row.
                if seguidas and not idas.get(rafaga.id):
                    self._frente = rafaga.posicion
            if idas:
                return len(idas)
        return 0

    def _pasan(self, rafaga: Rafaga, al_dia: Collection[str]) -> Sequence[Envio]:
        vieja = rafaga.edad_s >= EDAD_S
        return [e for e in rafaga.envios if e.tema not in self._esperas and (vieja or e.tema in al_dia)]

    def _probar(self, tema: str, espera: TemaEnEspera) -> int:
        """Send the oldest burst of a stopped topic; if the topic takes it, release the topic."""
        hechas = 0
        for pagina in self._paginas(0.0, espera.primera - 1):
            suya = next((r for r in pagina if any(e.tema == tema for e in r.envios)), None)
            if suya:
                espera.primera = suya.posicion
                hechas = len(self._enviar([(suya, [e for e in suya.envios if e.tema == tema])]))
            if (suya and espera.proximo <= self._cronometro()) or not pagina:  # not refused again
                self._esperas.soltar(tema)
                self._frente = min(self._frente, espera.primera - 1)
            if suya:
                break
        return hechas

    def _sin_cerrojo(self) -> int:
        """Publish old rows while the lock's holder hangs; rows of stopped topics are no sign of that."""
        self._esperas.ceder()
        ahora = self._cronometro()
        saltados = {d.tema for d in self._salida.detenidos()}
        for pagina in self._paginas(EDAD_SIN_CERROJO_S, 0):
            partes = [
                (r, [e for e in r.envios if e.tema not in saltados and e.tema not in self._esperas])
                for r in pagina
            ]
            primera = next((rafaga.id for rafaga, envios in partes if envios), None)
            if primera is None:
                continue
            if self._quieta is None or self._quieta[0] != primera:
                self._quieta = (primera, ahora)
            return len(self._enviar(partes)) if ahora - self._quieta[1] >= QUIETA_S else 0
        self._quieta = None
        return 0

    def _paginas(self, edad_s: float, desde: int) -> Iterator[Sequence[Rafaga]]:
        """Yield page after page for at most MIRAR_S seconds, and an empty page at the end of the outbox."""
        limite = self._cronometro() + MIRAR_S
        while pagina := self._salida.viejas(edad_s, MAXIMO, desde):
            yield pagina
            if self._cronometro() > limite:
                return
            desde = pagina[-1].posicion
        yield ()

    def _enviar(self, partes: Sequence[Parte]) -> dict[UUID, bool]:
        """Publish these messages of these rows; remove what is stored or refused for good from the outbox.

        Return the rows of which a message was stored, and whether the whole row was.
        """
        partes = [(rafaga, envios) for rafaga, envios in partes if envios]
        if not partes:
            return {}
        pasar("relevo", "publicar")
        self._broker.enviar(envio for _, envios in partes for envio in envios)
        rechazos = self._broker.asegurar()
        pasar("relevo", "publicado")
        rechazados = {id(envio): rechazo for rechazo in rechazos for envio in rechazo.envios}
        idos = {r.id: [e for e in envios if id(e) not in rechazados] for r, envios in partes}
        idas = {r.id: len(idos[r.id]) == len(r.envios) for r, _ in partes if idos[r.id]}
        self._salida.borrar([id for id, entera in idas.items() if entera])
        self._salida.quitar({id: idos[id] for id, entera in idas.items() if not entera})
        self._apartar(partes, rechazados)
        return idas

    def _apartar(self, partes: Sequence[Parte], rechazados: dict[int, Rechazo]) -> None:
        enterrados = []
        for rafaga, envios in partes if rechazados else ():
            for envio in envios:
                rechazo = rechazados.get(id(envio))
                if rechazo and rechazo.definitivo:
                    enterrados.append((rafaga.id, envio, rechazo.causa))
                elif rechazo:
                    self._esperas.detener(rechazo, rafaga.posicion)
        if enterrados:
            self._salida.enterrar(enterrados)

    def _anotar_broker(self, error: str) -> None:
        """Log once that the broker is away, and once that it is back."""
        if error and not self._sin_broker:
            log.warning("relevo_sin_broker", error=error)
        elif not error and self._sin_broker:
            log.warning("relevo_con_broker", rondas_sin_el=self._sin_broker)
        self._sin_broker = self._sin_broker + 1 if error else 0
