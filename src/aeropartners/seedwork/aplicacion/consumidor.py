"""The only consumption loop: receive, one transaction for the batch, publish, confirm."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Lock

import structlog

from aeropartners.seedwork.aplicacion.apartados import INTENTOS, muerto, primer_reintento
from aeropartners.seedwork.aplicacion.cuidado import Cuidado
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.lote import Resultado
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    ConexionPerdida,
    Reloj,
    Suscripcion,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos import pasar
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, codificar, descifrar_sobre

log = structlog.get_logger(__name__)

LOTE = 300
ESPERA_S = 0.1
LINGER_S = 0.010
LINGERS = 5
# Fewer are handled at once: a millisecond of waiting at each hop would be 9 ms of a saga.
LINGER_DESDE = 6
RETENCION_ENTRADA = timedelta(days=8)
ESPACIO_AJENO = uuid.UUID("6f1f6b52-3b7e-5d1c-9a54-1c1d3f5a7e01")

Pareja = tuple[Recibido, Sobre]


def _exigir_reciente(sobre: Sobre, ahora: datetime) -> None:
    """Refuse a message whose inbox row may be gone already: handling it could repeat its effect."""
    if sobre.id.version == 7 and sobre.id.int >> 80 < (ahora - RETENCION_ENTRADA).timestamp() * 1000:
        raise NoDescifrable(f"{sobre.tipo} {sobre.id} es más viejo que la bandeja de entrada")


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
        turno: "Lock | None" = None,
        retraso: Retraso | None = None,
    ) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._suscripcion = abrir()
        self._reloj = reloj
        self._ultimo = 0
        self._retraso = retraso or Retraso(reloj)
        self._cuidado = Cuidado(ejecutor, self._modulo.suscripcion, turno or Lock())

    def empezar(self, tras_otro_proceso: bool = True) -> None:
        """Learn whether the process before stopped cleanly; if not, the first messages go with care."""
        with soltando(self._suscripcion):
            self._cuidado.empezar(tras_otro_proceso)

    def terminar(self) -> None:
        """Close the subscription and record a clean stop."""
        self._suscripcion.cerrar()
        self._cuidado.terminar()

    def una_ronda(self) -> int:
        """Handle one batch; return how many messages it had. After an exception this object is done."""
        with soltando(self._suscripcion):
            return self._ronda()

    def _ronda(self) -> int:
        lote = self._suscripcion.recibir(LOTE, ESPERA_S)
        if not lote:
            self._retraso.recibido(())
            self._ultimo = 0
            return 0
        if self._ultimo >= LINGER_DESDE:
            self._esperar_mas(lote)
        self._ultimo = len(lote)
        parejas = self._descifrar(lote)
        self._retraso.recibido([sobre.fecha for _, sobre in parejas])
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
                traducir = self._modulo.traductores.get(recibido.tema)
                sobre = traducir(recibido, ahora) if traducir else descifrar_sobre(recibido.cuerpo)
                _exigir_reciente(sobre, ahora)
                parejas.append((recibido, sobre))
            except NoDescifrable as error:
                self._enterrar(recibido, error)
        return parejas

    def _tratar(self, parejas: Sequence[Pareja]) -> None:
        """Handle the batch; those that were there at a death one by one, at too many not at all."""
        cuentas = self._cuidado.contar([sobre.id for _, sobre in parejas])
        normales = [p for p in parejas if cuentas.get(p[1].id, 1) < 2]
        if normales:
            self._por_mitades(normales)
        for recibido, sobre in parejas:
            veces = cuentas.get(sobre.id, 1)
            if veces > INTENTOS:
                self._apartar(recibido, sobre, "El proceso que lo trataba murió", veces)
            elif veces >= 2:
                with self._cuidado.a_solas(sobre.id):
                    self._por_mitades([(recibido, sobre)])

    def _por_mitades(self, parejas: Sequence[Pareja]) -> None:
        """Handle the batch; when it fails, find the message that fails and take it out."""
        try:
            self._ejecutor.ejecutar(lambda uow: self._frescos(uow, parejas))
        except ConexionPerdida:
            raise
        except Exception as error:
            if len(parejas) == 1:
                self._apartar(*parejas[0], f"{type(error).__name__}: {error}", 1)
                return
            mitad = len(parejas) // 2
            self._por_mitades(parejas[:mitad])
            self._por_mitades(parejas[mitad:])

    def _frescos(self, uow: UnidadDeTrabajo, parejas: Sequence[Pareja]) -> Sequence[Sobre]:
        sobres = {s.id: s for _, s in parejas}
        frescos = uow.entradas_frescas(self._modulo.suscripcion, list(sobres))
        return [s for s in sobres.values() if s.id in frescos]

    def _apartar(self, recibido: Recibido, sobre: Sobre, error: str, intentos: int) -> None:
        def marcar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            if not uow.entradas_frescas(self._modulo.suscripcion, [sobre.id]):
                return
            log.error(
                "mensaje_apartado",
                consumidor=self._modulo.suscripcion,
                mensaje=str(sobre.id),
                tipo=sobre.tipo,
                saga_id=str(sobre.saga_id),
                error=error,
            )
            apartado = Apartado(
                self._modulo.suscripcion, sobre.id, recibido.tema, codificar(sobre), intentos, error, None
            )
            if intentos >= INTENTOS:
                muerto(self._modulo, apartado, uow.ahora, resultado.cambios)
            else:
                resultado.cambios.apartados.append(primer_reintento(apartado, uow.ahora))

        self._ejecutor.ejecutar(lambda _uow: (), marcar)

    def _enterrar(self, recibido: Recibido, error: NoDescifrable) -> None:
        """Park what cannot be decoded under its broker id; another try would not help."""
        id = uuid.uuid5(ESPACIO_AJENO, f"{recibido.tema}:{recibido.id_broker}")
        log.error("mensaje_indescifrable", tema=recibido.tema, mensaje=recibido.id_broker, error=str(error))

        def marcar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            if uow.entradas_frescas(self._modulo.suscripcion, [id]):
                apartado = Apartado(
                    self._modulo.suscripcion, id, recibido.tema, recibido.cuerpo, 1, str(error), None
                )
                muerto(self._modulo, apartado, uow.ahora, resultado.cambios)

        self._ejecutor.ejecutar(lambda _uow: (), marcar)
