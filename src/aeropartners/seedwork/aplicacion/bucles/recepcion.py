"""Turns received messages into envelopes, and decides which of a batch are handled."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from aeropartners.seedwork.aplicacion.bucles.apartados import muerto
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import Decision, Modulo
from aeropartners.seedwork.aplicacion.puertos import Apartado, UnidadDeTrabajo
from aeropartners.seedwork.aplicacion.retraso import Retraso
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    codificar,
    descifrar_sobre,
    exigir_sin_nulos,
)
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto, texto_de

log = structlog.get_logger(__name__)

RETENCION_ENTRADA = timedelta(days=8)
ESPACIO_AJENO = uuid.UUID("6f1f6b52-3b7e-5d1c-9a54-1c1d3f5a7e01")

Pareja = tuple[Recibido, Sobre]


def id_ajeno(event_id: uuid.UUID) -> uuid.UUID:
    """Return our own id for a message of a public topic, from the id that its sender chose.

    The inbox is partitioned and cleaned by the time in its ids, and a foreign id may carry any time.
    """
    return uuid.uuid5(ESPACIO_AJENO, str(event_id))


def id_de_broker(tema: str, id_broker: str) -> uuid.UUID:
    """Return the id of a message that cannot be decoded; the same each time that it is delivered."""
    return uuid.uuid5(ESPACIO_AJENO, f"{tema}:{id_broker}")


def sobre_de(modulo: Modulo, recibido: Recibido, ahora: datetime) -> Sobre:
    """Return the envelope of a received message; raises NoDescifrable for every defect of the message."""
    exigir_sin_nulos(recibido.cuerpo)
    traducir = modulo.traductores.get(recibido.tema)
    if traducir is None:
        return descifrar_sobre(recibido.cuerpo)
    try:
        return traducir(recibido, ahora)
    except NoDescifrable:
        raise
    except Exception as error:
        # A translation is a pure function: a later try would fail in the same way.
        raise NoDescifrable(texto_de(error)) from error


class LoteRecibido:
    """The batch of one transaction: its fresh messages, and those older than the inbox's retention."""

    def __init__(self, modulo: Modulo, parejas: Sequence[Pareja], retraso: Retraso) -> None:
        self._modulo = modulo
        self._parejas = {sobre.id: (recibido, sobre) for recibido, sobre in parejas}
        self._retraso = retraso
        self._frescos: list[Sobre] = []
        self._viejos: list[Pareja] = []
        self._decisiones: Sequence[Decision] = ()

    def frescos(self, uow: UnidadDeTrabajo) -> Sequence[Sobre]:
        """Write the inbox rows; return the fresh envelopes that are not too old, by the database's clock."""
        ajenas = self._modulo.ajenas((r.tema, s) for r, s in self._parejas.values())
        frescos = uow.entradas_frescas(self._modulo.consumidor, list(self._parejas), ajenas)
        self._retraso.ajustar(uow.ahora)
        limite = (uow.ahora - RETENCION_ENTRADA).timestamp() * 1000
        self._frescos, self._viejos = [], []
        for id in [id for id in self._parejas if id in frescos]:
            recibido, sobre = self._parejas[id]
            if id.version == 7 and id.int >> 80 < limite:
                self._viejos.append((recibido, sobre))
            else:
                self._frescos.append(sobre)
        return self._frescos

    def completar(self, uow: UnidadDeTrabajo, resultado: Resultado) -> None:
        """Make dead letters of messages that are too old, and of refused foreign ones, which get no reply.

        The inbox row of a too old message may have been dropped: to handle it could repeat its effect.
        """
        for recibido, sobre in self._viejos:
            error = f"{sobre.tipo} {sobre.id} es más viejo que la bandeja de entrada"
            self._enterrar(recibido, sobre, error, uow, resultado)
        self._decisiones = resultado.decisiones
        for sobre, decision in zip(self._frescos, self._decisiones, strict=True):
            recibido = self._parejas[sobre.id][0]
            if error := rechazo_sin_oyente(self._modulo, recibido.tema, sobre, decision):
                self._enterrar(recibido, sobre, error, uow, resultado)

    def _enterrar(
        self, recibido: Recibido, sobre: Sobre, error: str, uow: UnidadDeTrabajo, resultado: Resultado
    ) -> None:
        cuerpo, suscripcion = codificar(sobre), self._modulo.consumidor
        apartado = Apartado(suscripcion, sobre.id, recibido.tema, cuerpo, 1, error, None)
        log.error("mensaje_muerto", **dicho_de(self._modulo, sobre), error=apartado.error)
        muerto(self._modulo, apartado, uow.ahora, resultado.cambios)

    def decir(self) -> None:
        """Log the refusals that no reply reports."""
        decir_rechazos(self._modulo, self._frescos, self._decisiones)


def rechazo_sin_oyente(modulo: Modulo, tema: str, sobre: Sobre, decision: Decision) -> str:
    """Return why a foreign message was refused when no reply reports it; otherwise an empty text.

    A refusal of our own message is reported in a reply, or concerns only the module that sent it.
    """
    if decision.error is None or sobre.responder_a or tema not in modulo.traductores:
        return ""
    return f"{decision.error.codigo}: {decision.error.mensaje}"


def decir_rechazos(modulo: Modulo, sobres: Sequence[Sobre], decisiones: Sequence[Decision]) -> None:
    """Log the refusals that no reply reports."""
    for sobre, decision in zip(sobres, decisiones, strict=False):
        if decision.error and not sobre.responder_a:
            log.warning(
                "mensaje_rechazado",
                **dicho_de(modulo, sobre),
                codigo=decision.error.codigo,
                error=texto_apto(decision.error.mensaje),
            )


def dicho_de(modulo: Modulo, sobre: Sobre) -> dict[str, str]:
    """Return the fields of a log line about a message."""
    return {
        "consumidor": modulo.consumidor,
        "mensaje": str(sobre.id),
        "tipo": texto_apto(sobre.tipo, 100),
        "saga_id": str(sobre.saga_id),
    }
