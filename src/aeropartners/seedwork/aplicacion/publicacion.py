"""The public event envelope that the modules' topics carry (contract 001, section 7)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import codificar_publico
from aeropartners.seedwork.dominio.evento import nombre_de


def publicar(
    registrado: Registrado, origen: str, temas: Sequence[str], datos: Mapping[str, Any]
) -> list[Envio]:
    """Return one message for each topic, all with the same `event_id`; `orden` is the stream version."""
    nombre, _ = nombre_de(type(registrado.evento))
    event_id = str(registrado.id)
    fecha, orden, saga_id = registrado.fecha, registrado.version, registrado.sobre.saga_id
    cuerpo = {
        "event_type": nombre,
        "event_id": event_id,
        "timestamp": fecha,
        "orden": orden,
        "data": {"id": event_id, "fecha_evento": fecha, "orden": orden, **datos},
    }
    propiedades = {"event_type": nombre, "event_id": event_id, "source": origen}
    if saga_id:
        propiedades["saga_id"] = str(saga_id)
    dato = msgspec.Raw(codificar_publico(cuerpo))
    return [Envio(tema, str(saga_id or registrado.flujo), dato, propiedades) for tema in temas]
