"""The commands for alliances on the contract's topic, of our orchestrator and of foreign programs."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from aeropartners.contratos.alianzas import PASO_CANCELAR, PASO_CREAR, CancelarAlianza, CrearAlianza
from aeropartners.seedwork.aplicacion.bucles.recepcion import ESPACIO_AJENO, id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.serializacion import MALFORMADO, NoDescifrable


class _Comando(msgspec.Struct):
    command: str
    saga_id: UUID
    partner_id: str | None = None
    partner_data: dict[str, Any] | None = None
    contrato: dict[str, Any] | None = None
    alliance_id: str | None = None
    reason: str | None = None
    correlation_id: str | None = None
    event_id: UUID | None = None


_descifrar = msgspec.json.Decoder(_Comando).decode


def traducir(recibido: Recibido, ahora: datetime) -> Sobre:
    """Turn a command into an envelope; raises NoDescifrable."""
    if len(recibido.cuerpo) > CUERPO_MAXIMO:
        raise NoDescifrable(f"El mensaje supera {CUERPO_MAXIMO} bytes")
    try:
        comando = _descifrar(recibido.cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error
    mensaje = _mensaje(comando)
    # A foreign command may have no id: then the broker's id of the message tells it from a repeat.
    ajeno = uuid5(ESPACIO_AJENO, f"{recibido.tema}:{recibido.id_broker}:{recibido.cuerpo.hex()}")
    return sobre_de(
        mensaje,
        id_ajeno(comando.event_id) if comando.event_id else ajeno,
        comando.saga_id,
        ahora,
        causa_id=comando.event_id,
        correlacion_id=comando.correlation_id or str(comando.saga_id),
        saga_id=comando.saga_id,
    )


def _mensaje(c: _Comando) -> CrearAlianza | CancelarAlianza:
    if c.command == PASO_CREAR:
        return CrearAlianza(c.saga_id, c.partner_id or "", c.partner_data or {}, c.contrato or {})
    if c.command == PASO_CANCELAR:
        return CancelarAlianza(c.saga_id, c.partner_id or "", c.alliance_id, c.reason or "")
    raise NoDescifrable(f"Comando desconocido: {c.command}")
