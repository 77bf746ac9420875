"""Messages that failed: their next try with backoff, and their end as a dead letter."""

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
# What waits for an outage of ours to end is tried again at one pace: no failure of its own slows it down.
APLAZO_S = 5.0
# The dead letter tells; the whole message is in the table.
CUERPO_CONTADO = 512 * 1024


# Writes that the message is this loop's to take out, and says whether it is.
Tomar = Callable[[UnidadDeTrabajo], object]


class Apartador:
    """Takes failed messages out of the others' way, each in a transaction of its own.

    Nothing happens to a message of which `tomar` says that another copy has dealt with it.
    """

    def __init__(self, ejecutor: Ejecutor, consumidor: str) -> None:
        self._ejecutor = ejecutor
        self._modulo = ejecutor.procesador.modulo
        self._consumidor = consumidor
        self._dichas: set[Conocida] = set()

    def fallar(
        self, apartado: Apartado, error: Exception, tomar: Tomar, suceso: str, dicho: Mapping[str, str]
    ) -> None:
        """Let it wait for its next try, or die after its last one.

        What another release wrote waits for a process that knows it. Locks and lost races are an outage
        of ours: they count as no failure of the message.
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
                # 1 s, 2 s, ... with a jitter of one half.
                cambios.apartados.append(_dentro_de(BASE_S * 2 ** (fallido.intentos - 1), fallido, ahora))
            else:
                muerto(self._modulo, fallido, ahora, cambios)

        self._sacar(tomar, esperar)

    def enterrar(self, apartado: Apartado, tomar: Tomar, suceso: str, dicho: Mapping[str, str]) -> None:
        """Make it a dead letter: another try would not help."""
        log.error(suceso, **dicho, error=apartado.error)
        self._sacar(tomar, lambda ahora, cambios: muerto(self._modulo, apartado, ahora, cambios))

    def dejar(self, apartado: Apartado, error: VersionDesconocida, tomar: Tomar) -> None:
        """Leave what another release wrote to a process that knows it: due at once, no attempt. Told once."""
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
    """Move it to the dead letters: a row without a next try, and a message on the module's topic."""
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
