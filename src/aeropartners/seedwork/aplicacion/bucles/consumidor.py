"""The consumption loop of a module: receive, one transaction for the batch, publish, confirm."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS, Apartador
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.mitades import por_mitades
from aeropartners.seedwork.aplicacion.bucles.recepcion import (
    LoteRecibido,
    Pareja,
    dicho_de,
    id_de_broker,
    sobre_de,
)
from aeropartners.seedwork.aplicacion.bucles.sospechosos import Sospechosos
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    Reloj,
    Suscripcion,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, codificar
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto

log = structlog.get_logger(__name__)

LOTE = 300
ESPERA_S = 0.1
LINGER_S = 0.010
LINGERS = 5
# Smaller batches do not wait for more messages: a millisecond at each hop would add 9 ms to a saga.
LINGER_DESDE = 6


@contextmanager
def soltando(suscripcion: Suscripcion, *mas: Callable[[], object]) -> Iterator[None]:
    """If the body raises, run each function of `mas` and close the subscription, then raise again.

    Otherwise the old consumer would still hold the subscription, and its successor would receive nothing.
    """
    try:
        yield
    except BaseException:
        for dejar in (*mas, suscripcion.cerrar):
            with suppress(Exception):
                dejar()
        raise


class Consumidor:
    """Feeds one module from its subscription. One thread runs `una_ronda`."""

    def __init__(
        self,
        ejecutor: Ejecutor,
        abrir: Callable[[], Suscripcion],
        reloj: Reloj,
        exclusiva: "Lock | None" = None,
        retraso: Retraso | None = None,
    ) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._suscripcion = abrir()
        self._reloj = reloj
        self._ultimo = 0
        self._retraso = retraso or Retraso(reloj)
        self._apartador = Apartador(ejecutor, self._modulo.consumidor)
        self._sospechosos = Sospechosos(ejecutor, self._modulo.consumidor, exclusiva or Lock())

    def empezar(self, tras_otro_proceso: bool = True) -> None:
        """Read whether the process before stopped cleanly; if not, the first messages are counted."""
        with soltando(self._suscripcion):
            self._sospechosos.empezar(tras_otro_proceso)

    def terminar(self) -> None:
        """Close the subscription and record a clean stop."""
        self._suscripcion.cerrar()
        self._sospechosos.terminar()

    def una_ronda(self) -> int:
        """Handle one batch; return its number of messages.

        After an exception this object must not be used.
        """
        with soltando(self._suscripcion, self._retraso.desconectado):
            return self._ronda()

    def _ronda(self) -> int:
        lote = self._suscripcion.recibir(LOTE, ESPERA_S)
        if not lote:
            self._retraso.recibido((), self._suscripcion.conexion)
            self._ultimo = 0
            return 0
        if self._ultimo >= LINGER_DESDE:
            self._esperar_mas(lote)
        self._ultimo = len(lote)
        parejas = self._descifrar(lote)
        self._retraso.recibido([sobre.fecha for _, sobre in parejas], self._suscripcion.conexion)
        self._tratar(parejas)
        pasar(self._modulo.nombre, "confirmar")
        self._suscripcion.confirmar(lote)
        return len(lote)

    def _esperar_mas(self, lote: list[Recibido]) -> None:
        """Wait briefly for more messages while they keep coming: one large batch costs less than two."""
        for _ in range(LINGERS):
            lugar = LOTE - len(lote)
            mas = self._suscripcion.recibir(lugar, LINGER_S) if lugar > 0 else []
            if not mas:
                return
            lote += mas

    def _descifrar(self, lote: Sequence[Recibido]) -> list[Pareja]:
        parejas = []
        ahora = self._reloj.ahora()
        for recibido in lote:
            try:
                parejas.append((recibido, sobre_de(self._modulo, recibido, ahora)))
            except NoDescifrable as error:
                self._enterrar(recibido, error)
        return parejas

    def _tratar(self, parejas: Sequence[Pareja]) -> None:
        """Handle the batch. Suspects are handled one by one; those of too many deaths become dead letters."""
        cuentas = self._sospechosos.contar([sobre.id for _, sobre in parejas])
        normales = [p for p in parejas if cuentas.get(p[1].id, 1) < 2]
        if normales:
            por_mitades(normales, self._manejar, self._apartar)
        for recibido, sobre in parejas:
            veces = cuentas.get(sobre.id, 1)
            if veces > INTENTOS:
                self._enterrar_al_que_mata(recibido, sobre, veces)
            elif veces >= 2:
                with self._sospechosos.a_solas(sobre.id):
                    por_mitades([(recibido, sobre)], self._manejar, self._apartar)

    def _manejar(self, parejas: Sequence[Pareja]) -> Sequence[None]:
        lote = LoteRecibido(self._modulo, parejas, self._retraso)
        self._ejecutor.ejecutar(lote.frescos, lote.completar)
        lote.decir()
        return ()

    def _apartar(self, pareja: Pareja, error: Exception) -> Sequence[None]:
        recibido, sobre = pareja
        dicho = dicho_de(self._modulo, sobre)
        apartado = self._apartado(recibido, sobre.id, codificar(sobre))
        self._apartador.fallar(apartado, error, self._fresco(recibido, sobre), "mensaje_apartado", dicho)
        return ()

    def _enterrar_al_que_mata(self, recibido: Recibido, sobre: Sobre, veces: int) -> None:
        """Make a dead letter of a message that was in hand at too many deaths of a process."""
        apartado = self._apartado(
            recibido, sobre.id, codificar(sobre), veces, "El proceso que lo trataba murió"
        )
        dicho = dicho_de(self._modulo, sobre)
        self._apartador.enterrar(apartado, self._fresco(recibido, sobre), "mensaje_apartado", dicho)

    def _enterrar(self, recibido: Recibido, error: NoDescifrable) -> None:
        """Make a dead letter of a message that cannot be decoded, under its broker id."""
        suscripcion = self._modulo.consumidor
        id = id_de_broker(recibido.tema, recibido.id_broker)
        apartado = self._apartado(recibido, id, recibido.cuerpo, 1, str(error))
        dicho = {
            "consumidor": suscripcion,
            "tema": apartado.tema,
            "mensaje": texto_apto(recibido.id_broker),
        }
        self._apartador.enterrar(
            apartado, lambda uow: uow.entradas_frescas(suscripcion, [id]), "mensaje_indescifrable", dicho
        )

    def _apartado(
        self, recibido: Recibido, id: UUID, cuerpo: bytes, intentos: int = 0, error: str = ""
    ) -> Apartado:
        return Apartado(self._modulo.consumidor, id, recibido.tema, cuerpo, intentos, error, None)

    def _fresco(self, recibido: Recibido, sobre: Sobre) -> Callable[[UnidadDeTrabajo], object]:
        """Return a function that writes the message's inbox row and tells whether the row is new."""
        ajenas = self._modulo.ajenas([(recibido.tema, sobre)])
        return lambda uow: uow.entradas_frescas(self._modulo.consumidor, [sobre.id], ajenas)
