"""The timers: wake-ups of streams that are due, and the next tries of messages that were set aside."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.bucles.apartados import Apartador, muerto
from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.bucles.mitades import partir, por_mitades
from aeropartners.seedwork.aplicacion.bucles.recepcion import (
    decir_rechazos,
    dicho_de,
    rechazo_sin_oyente,
    sobre_de,
)
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    ConexionPerdida,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    descifrar_sobre,
    exigir_sin_nulos,
)
from aeropartners.seedwork.aplicacion.textos_de_error import texto_de

log = structlog.get_logger(__name__)

MAXIMO = 200
# At most this many failed wake-ups are tried again in a round, each in its own transaction.
FALLIDOS = 10
# At most this many messages are tried again in a row before due wake-ups have their turn.
SEGUIDOS = 50
TOPE_S = 60.0
DespertarDe = Callable[[Sequence[UUID], UnidadDeTrabajo], Sequence[Sobre]]


@dataclass(slots=True)
class Fallido:
    """A stream whose wake-up failed: how often, the last error, and when it is tried again."""

    veces: int
    error: str
    proximo: datetime


class Vigilante:
    """Claims due rows; several processes may run it at once. One thread runs `una_ronda`.

    A wake-up that fails stops no other: it is found by halving the batch, and tried again alone after growing
    pauses. `fallidos` are the failed wake-ups of this process. They are not stored, because another process
    may succeed with the same stream at any time.
    """

    def __init__(self, ejecutor: Ejecutor, despertar: DespertarDe | None = None) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._despertar = despertar
        self._lugar = f"{self._modulo.nombre}.vigilante"
        self._apartador = Apartador(ejecutor, self._modulo.consumidor)
        self.fallidos: dict[UUID, Fallido] = {}
        self._ahora: datetime | None = None
        self._seguidos = 0

    def una_ronda(self) -> int:
        """Try one message again, or else wake the due streams; return how many were handled.

        Messages come first: a waiting reply arrived before the deadline that would act on its absence. After
        SEGUIDOS messages in a row the wake-ups have their turn, so that messages never block them.
        """
        if self._seguidos < SEGUIDOS and self._reintento():
            self._seguidos += 1
            return 1
        self._seguidos = 0
        return self._plazos()

    def terminar(self) -> None:
        """Nothing to release."""

    def _plazos(self) -> int:
        if self._despertar is None:
            return 0
        hechos = self._despertar_todos()
        for id in self._fallidos_debidos():
            hechos += sum(por_mitades([id], self._despertar_estos, self._fallar))
        return hechos

    def _fallidos_debidos(self) -> list[UUID]:
        ahora = self._ahora
        return [id for id, f in self.fallidos.items() if ahora and f.proximo <= ahora][:FALLIDOS]

    def _despertar_todos(self) -> int:
        """Wake all due streams, except those that failed before; return how many were woken."""
        tomados: list[UUID] = []
        try:
            return self._despertar_en(tomados, (), tuple(self.fallidos))
        except ConexionPerdida:
            raise
        except Exception as error:
            if not tomados:
                raise
            causa = error
        return sum(partir(tomados, causa, self._despertar_estos, self._fallar))

    def _despertar_estos(self, ids: Sequence[UUID]) -> Sequence[int]:
        """Wake these streams, if they are still due: another process may have woken them."""
        return [self._despertar_en([], ids, ())]

    def _despertar_en(self, tomados: list[UUID], solo: Sequence[UUID], sin: Sequence[UUID]) -> int:
        """Wake streams in one transaction; `tomados` receives their ids, also when it fails."""

        def vencidos(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            self._ahora = uow.ahora
            tomados[:] = uow.vencidos(MAXIMO, solo, sin)
            if not tomados or self._despertar is None:
                return ()
            pasar(self._lugar, "vencido")
            return self._despertar(tomados, uow)

        hechos = len(self._ejecutor.ejecutar(vencidos).decisiones)
        if hechos:
            pasar(self._lugar, "despertado")
        for id in (*tomados, *solo):
            self.fallidos.pop(id, None)
        return hechos

    def _fallar(self, id: UUID, error: Exception) -> Sequence[int]:
        """Log the stream, and try it again after 1 s, 2 s, ... up to 60 s, with a jitter of ±25 %."""
        assert self._ahora
        veces = self.fallidos[id].veces + 1 if id in self.fallidos else 1
        espera_s = min(2.0 ** min(veces - 1, 10), TOPE_S) * (0.75 + random.random() / 2)
        dicho = texto_de(error)
        self.fallidos[id] = Fallido(veces, dicho, self._ahora + timedelta(seconds=espera_s))
        log.error(
            "despertar_fallido",
            modulo=self._modulo.nombre,
            saga_id=str(id),
            veces=veces,
            otra_vez_en_s=round(espera_s, 1),
            error=dicho,
        )
        return ()

    def _reintento(self) -> int:
        tomado: list[Apartado] = []
        sobres: list[Sobre] = []

        def tomar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            tomado.clear()
            apartado = uow.apartado_vencido(self._modulo.consumidor, self._ejecutor.procesador.conocidas)
            if apartado is None:
                return ()
            tomado.append(apartado)
            uow.quitar_apartado(apartado)
            pasar(self._lugar, "reintento")
            sobres[:] = self._sobres(apartado, uow)
            return sobres

        def enterrar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            for sobre, decision in zip(sobres, resultado.decisiones, strict=False):
                if error := rechazo_sin_oyente(self._modulo, tomado[0].tema, sobre, decision):
                    muerto(self._modulo, replace(tomado[0], error=error), uow.ahora, resultado.cambios)

        try:
            resultado = self._ejecutor.ejecutar(tomar, enterrar)
        except ConexionPerdida:
            raise
        except Exception as error:
            if not tomado:
                raise
            self._otra_vez(tomado[0], sobres, error)
        else:
            decir_rechazos(self._modulo, sobres, resultado.decisiones)
        return len(tomado)

    def _sobres(self, apartado: Apartado, uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        """Return the envelope of a message set aside, none if it was handled already.

        A message that an operator sent back may have the form of a public topic. Then it is translated now,
        and its inbox row is written here, because it has none under the translated id.
        """
        exigir_sin_nulos(apartado.cuerpo)
        try:
            return [descifrar_sobre(apartado.cuerpo)]
        except NoDescifrable:
            if apartado.tema not in self._modulo.traductores:
                raise
        sobre = sobre_de(self._modulo, Recibido(apartado.tema, apartado.cuerpo, {}, None, ""), uow.ahora)
        ajenas = self._modulo.ajenas([(apartado.tema, sobre)])
        return [sobre] if uow.entradas_frescas(self._modulo.consumidor, [sobre.id], ajenas) else []

    def _otra_vez(self, tomado: Apartado, sobres: Sequence[Sobre], causa: Exception) -> None:
        """Set the message aside again or make it a dead letter, unless another process has taken it since."""
        dicho = dicho_de(self._modulo, sobres[0]) if sobres else {"mensaje": str(tomado.id)}
        self._apartador.fallar(
            tomado, causa, lambda uow: uow.quitar_apartado(tomado), "reintento_fallido", dicho
        )
