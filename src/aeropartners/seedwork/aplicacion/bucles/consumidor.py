"""The only consumption loop: receive, one transaction for the batch, publish, confirm."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Lock

import structlog

from aeropartners.seedwork.aplicacion.bucles.apartados import INTENTOS, ajeno, apartar, aplazar, muerto
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
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
    ConexionPerdida,
    ConflictoPersistente,
    Reloj,
    Suscripcion,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos import pasar
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import (
    Conocida,
    NoDescifrable,
    VersionDesconocida,
    codificar,
)
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto, texto_de

log = structlog.get_logger(__name__)

LOTE = 300
ESPERA_S = 0.1
LINGER_S = 0.010
LINGERS = 5
# Fewer are handled at once: a millisecond of waiting at each hop would be 9 ms of a saga.
LINGER_DESDE = 6


@contextmanager
def soltando(suscripcion: Suscripcion, *mas: Callable[[], object]) -> Iterator[None]:
    """Leave the subscription, and before it whatever else a loop holds, when it ends by an exception.

    Otherwise its successor only stands by.
    """
    try:
        yield
    except BaseException:
        for dejar in (*mas, suscripcion.cerrar):
            with suppress(Exception):
                dejar()
        raise


class Consumidor:
    """Feeds one module from its subscription; one thread, driven by `una_ronda`."""

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
        self._ajenas: set[Conocida] = set()
        self._sospechosos = Sospechosos(ejecutor, self._modulo.suscripcion, exclusiva or Lock())

    def empezar(self, tras_otro_proceso: bool = True) -> None:
        """Learn whether the process before stopped cleanly; if not, the first messages go with care."""
        with soltando(self._suscripcion):
            self._sospechosos.empezar(tras_otro_proceso)

    def terminar(self) -> None:
        """Close the subscription and record a clean stop."""
        self._suscripcion.cerrar()
        self._sospechosos.terminar()

    def una_ronda(self) -> int:
        """Handle one batch; return how many messages it had. After an exception this object is done."""
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
        """Wait for company while messages keep coming: a batch costs nearly as much as each of its halves."""
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
        """Handle the batch; those that were there at a death one by one, at too many not at all."""
        cuentas = self._sospechosos.contar([sobre.id for _, sobre in parejas])
        normales = [p for p in parejas if cuentas.get(p[1].id, 1) < 2]
        if normales:
            self._por_mitades(normales)
        for recibido, sobre in parejas:
            veces = cuentas.get(sobre.id, 1)
            if veces > INTENTOS:
                self._apartar(recibido, sobre, "El proceso que lo trataba murió", veces)
            elif veces >= 2:
                with self._sospechosos.a_solas(sobre.id):
                    self._por_mitades([(recibido, sobre)])

    def _por_mitades(self, parejas: Sequence[Pareja]) -> None:
        """Handle the batch; when it fails, find the message that fails and take it out."""
        lote = LoteRecibido(self._modulo, parejas, self._retraso)
        try:
            self._ejecutor.ejecutar(lote.frescos, lote.completar)
        except ConexionPerdida:
            raise
        except Exception as error:
            if len(parejas) == 1:
                if isinstance(error, VersionDesconocida):
                    self._dejar(*parejas[0], error)
                else:
                    # Locks and lost races are an outage of ours: no failure of the message.
                    fallos = int(not isinstance(error, ConflictoPersistente))
                    self._apartar(*parejas[0], texto_de(error), fallos)
                return
            mitad = len(parejas) // 2
            self._por_mitades(parejas[:mitad])
            self._por_mitades(parejas[mitad:])
        else:
            lote.decir()

    def _apartar(self, recibido: Recibido, sobre: Sobre, error: str, intentos: int) -> None:
        """Take it out: to be tried again, after an outage (no attempts) or a failure, or dead."""
        apartado = Apartado(
            self._modulo.suscripcion, sobre.id, recibido.tema, codificar(sobre), intentos, error, None
        )
        suceso = "mensaje_apartado" if intentos else "mensaje_aplazado"

        def marcar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            ajenas = self._modulo.ajenas([(recibido.tema, sobre)])
            if not uow.entradas_frescas(self._modulo.suscripcion, [sobre.id], ajenas):
                return
            log.error(suceso, **dicho_de(self._modulo, sobre), error=apartado.error)
            if intentos:
                apartar(self._modulo, apartado, uow.ahora, resultado.cambios)
            else:
                aplazar(apartado, uow.ahora, resultado.cambios)

        self._ejecutor.ejecutar(lambda _uow: (), marcar)

    def _dejar(self, recibido: Recibido, sobre: Sobre, error: VersionDesconocida) -> None:
        """Leave what another release wrote to a process that knows it; nothing failed. Told once."""
        falta = (error.que, error.version)
        if falta not in self._ajenas:
            self._ajenas.add(falta)
            log.warning("version_desconocida", **error.dicho(self._modulo.suscripcion))

        def marcar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            ajenas = self._modulo.ajenas([(recibido.tema, sobre)])
            if uow.entradas_frescas(self._modulo.suscripcion, [sobre.id], ajenas):
                apartado = ajeno(self._modulo.suscripcion, recibido.tema, sobre, error, uow.ahora)
                resultado.cambios.apartados.append(apartado)

        self._ejecutor.ejecutar(lambda _uow: (), marcar)

    def _enterrar(self, recibido: Recibido, error: NoDescifrable) -> None:
        """Park what cannot be decoded under its broker id; another try would not help."""
        suscripcion, tema = self._modulo.suscripcion, recibido.tema
        id = id_de_broker(tema, recibido.id_broker)
        apartado = Apartado(suscripcion, id, tema, recibido.cuerpo, 1, str(error), None)
        log.error(
            "mensaje_indescifrable",
            consumidor=suscripcion,
            tema=apartado.tema,
            mensaje=texto_apto(recibido.id_broker),
            error=apartado.error,
        )

        def marcar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            if uow.entradas_frescas(suscripcion, [id]):
                muerto(self._modulo, apartado, uow.ahora, resultado.cambios)

        self._ejecutor.ejecutar(lambda _uow: (), marcar)
