"""Messages that failed: their next try with backoff, and their end as a dead letter."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Apartado, Cambios
from aeropartners.seedwork.aplicacion.serializacion import codificar_publico

INTENTOS = 3
BASE_S = 1.0
# The dead letter tells; the whole message is in the table.
CUERPO_CONTADO = 512 * 1024


def primer_reintento(apartado: Apartado, ahora: datetime) -> Apartado:
    """Return it with its next try: 1 s, 2 s, ... with a jitter of one half."""
    espera = BASE_S * 2 ** (apartado.intentos - 1) * (0.75 + random.random() / 2)
    return replace(apartado, proximo=ahora + timedelta(seconds=espera))


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
        "payload": apartado.cuerpo[:CUERPO_CONTADO].decode("utf-8", "replace"),
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
