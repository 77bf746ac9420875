"""Messages that failed: their next try with backoff, and their end as a dead letter."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Apartado, Cambios
from aeropartners.seedwork.aplicacion.serializacion import VersionDesconocida, codificar, codificar_publico
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto

INTENTOS = 3
BASE_S = 1.0
# What waits for an outage of ours to end is tried again at one pace: no failure of its own slows it down.
APLAZO_S = 5.0
# The dead letter tells; the whole message is in the table.
CUERPO_CONTADO = 512 * 1024


def apartar(modulo: Modulo, apartado: Apartado, ahora: datetime, cambios: Cambios) -> None:
    """Let it wait for its next try, 1 s, 2 s, ... with a jitter of one half; bury it after the last one."""
    if apartado.intentos >= INTENTOS:
        muerto(modulo, apartado, ahora, cambios)
    else:
        cambios.apartados.append(_dentro_de(BASE_S * 2 ** (apartado.intentos - 1), apartado, ahora))


def aplazar(apartado: Apartado, ahora: datetime, cambios: Cambios) -> None:
    """Let it wait for an outage of ours to end, as often as it takes: that counts as no failure of it."""
    cambios.apartados.append(_dentro_de(APLAZO_S, apartado, ahora))


def sin_quien_lo_lea(apartado: Apartado, error: VersionDesconocida, ahora: datetime) -> Apartado:
    """Return it as it waits for a process that knows its version: due at once, and without an attempt."""
    return replace(apartado, proximo=ahora, falta=(error.que, error.version), error=str(error))


def ajeno(consumidor: str, tema: str, sobre: Sobre, error: VersionDesconocida, ahora: datetime) -> Apartado:
    """Return a message that nobody tried, as it waits for a process that knows its version."""
    return sin_quien_lo_lea(Apartado(consumidor, sobre.id, tema, codificar(sobre), 0, "", None), error, ahora)


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
