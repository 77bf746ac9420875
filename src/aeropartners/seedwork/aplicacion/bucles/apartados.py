"""Messages that failed: their next try with backoff, and their end as dead letters."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import structlog

from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.bucles.lote import Resultado
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import (
    Apartado,
    Cambios,
    ConflictoPersistente,
    UnidadDeTrabajo,
)
from aeropartners.seedwork.aplicacion.serializacion import Conocida, VersionDesconocida, codificar_publico
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto, texto_de

log = structlog.get_logger(__name__)

INTENTOS = 3
BASE_S = 1.0
# A message that failed by an outage of ours is tried again at a constant pace: the outage must not use up its
# attempts nor lengthen its pauses.
APLAZO_S = 5.0
# The message on the dead-letter topic carries at most this many bytes of the body; the table `muertos` has
# all of it.
CUERPO_CONTADO = 512 * 1024


# Claims the message inside the transaction: true when this loop may set it aside, false when another process
# has dealt with it.
Tomar = Callable[[UnidadDeTrabajo], object]


class Apartador:
    """Sets failed messages aside, each in a transaction of its own, so that they stop no other message.

    When `tomar` returns false, another process has dealt with the message and nothing is changed.
    """

    def __init__(self, ejecutor: Ejecutor, consumidor: str) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._consumidor = consumidor
        self._dichas: set[Conocida] = set()

    def fallar(
        self, apartado: Apartado, error: Exception, tomar: Tomar, suceso: str, dicho: Mapping[str, str]
    ) -> None:
        """Set the message aside for its next try; after its last one make it a dead letter.

        A message of an unknown version waits for a process that knows it. Persistent conflicts are an outage
        of ours: the message is tried again, and they count as no attempt. `suceso` and `dicho` are the log
        line.
        """
        if isinstance(error, VersionDesconocida):
            self.dejar(apartado, error, tomar)
            return
        fallos = int(not isinstance(error, ConflictoPersistente))
        fallido = replace(apartado, intentos=apartado.intentos + fallos, error=texto_de(error))

        def esperar(ahora: datetime, cambios: Cambios) -> None:
            log.error(
                suceso if fallos else "mensaje_aplazado",
                **dicho,
                intentos=fallido.intentos,
                error=fallido.error,
            )
            if not fallos:
                cambios.apartados.append(_dentro_de(APLAZO_S, fallido, ahora))
            elif fallido.intentos < INTENTOS:
                # 1 s, 2 s, ... with a jitter of 25 % either way.
                cambios.apartados.append(_dentro_de(BASE_S * 2 ** (fallido.intentos - 1), fallido, ahora))
            else:
                muerto(self._modulo, fallido, ahora, cambios)

        self._sacar(tomar, esperar)

    def enterrar(self, apartado: Apartado, tomar: Tomar, suceso: str, dicho: Mapping[str, str]) -> None:
        """Make the message a dead letter: another try would not help."""
        log.error(suceso, **dicho, error=apartado.error)
        self._sacar(tomar, lambda ahora, cambios: muerto(self._modulo, apartado, ahora, cambios))

    def dejar(self, apartado: Apartado, error: VersionDesconocida, tomar: Tomar) -> None:
        """Set the message aside for a process that knows its version: due at once, without an attempt.

        The unknown version is logged once in the life of this object.
        """
        falta = (error.que, error.version)
        if falta not in self._dichas:
            self._dichas.add(falta)
            log.warning("version_desconocida", **error.dicho(self._consumidor))

        def esperar(ahora: datetime, cambios: Cambios) -> None:
            cambios.apartados.append(replace(apartado, proximo=ahora, falta=falta, error=str(error)))

        self._sacar(tomar, esperar)

    def _sacar(self, tomar: Tomar, hacer: Callable[[datetime, Cambios], None]) -> None:
        def completar(uow: UnidadDeTrabajo, resultado: Resultado) -> None:
            if tomar(uow):
                hacer(uow.ahora, resultado.cambios)

        self._ejecutor.ejecutar(lambda _uow: (), completar)


def muerto(modulo: Modulo, apartado: Apartado, ahora: datetime, cambios: Cambios) -> None:
    """Add a dead letter to the changes: a row without a next try, and a message on the module's topic."""
    cambios.apartados.append(replace(apartado, proximo=None))
    cuerpo = {
        "event_id": str(apartado.id),
        "topic": apartado.tema,
        "subscription": apartado.consumidor,
        "error": apartado.error,
        "intentos": apartado.intentos,
        "timestamp": ahora,
        "payload": texto_apto(apartado.cuerpo[:CUERPO_CONTADO].decode("utf-8", "replace"), CUERPO_CONTADO),
    }
    propiedades = {
        "event_type": "MensajeMuerto",
        "event_id": str(apartado.id),
        "source": modulo.nombre,
        "saga_id": "",
    }
    cambios.envios.append(
        Envio(modulo.tema_muertos, str(apartado.id), msgspec.Raw(codificar_publico(cuerpo)), propiedades)
    )


def _dentro_de(segundos: float, apartado: Apartado, ahora: datetime) -> Apartado:
    espera = timedelta(seconds=segundos * (0.75 + random.random() / 2))
    return replace(apartado, proximo=ahora + espera)
