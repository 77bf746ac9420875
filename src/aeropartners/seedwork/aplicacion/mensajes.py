"""The messages between processes: the envelope, the reply, and one message as it is sent and received."""

from datetime import datetime
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto
from aeropartners.seedwork.dominio.evento import evento as mensaje

__all__ = ["CUERPO_MAXIMO", "Envio", "Recibido", "Respuesta", "Sobre", "mensaje"]


# The largest body in bytes that a client may send, over HTTP or as a message.
CUERPO_MAXIMO = 256 * 1024
CODIGO_MAXIMO = 100


class Sobre(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The envelope of every internal message.

    `id` identifies the message: inboxes drop a second one with the same id. `clave` is the partition key.
    `saga_id`, `paso` and `intento` come back in the reply, which is sent to the topic `responder_a`. `cuerpo`
    is JSON that only the handler of (`tipo`, `version`) decodes.
    """

    id: UUID
    tipo: str
    version: int = 1
    clave: str
    correlacion_id: str = ""
    causa_id: UUID | None = None
    saga_id: UUID | None = None
    paso: str | None = None
    intento: int = 0
    responder_a: str | None = None
    fecha: datetime
    cuerpo: msgspec.Raw = msgspec.Raw(b"{}")
    traceparent: str | None = None


@mensaje("Respuesta", 1)
class Respuesta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A participant's answer to a command of a saga.

    A success has `exito` and `resultado`; a refusal has `codigo` and `error`. A refusal is final.
    `reintentable` marks a technical failure, which the orchestrator tries again. `incierto` says that the
    failed command may have had its effect all the same. The texts are cut and cleaned, in our replies and in
    those of other programs, so that rows and later commands can quote them.
    """

    exito: bool
    resultado: dict[str, object] = {}
    codigo: str = ""
    error: str = ""
    reintentable: bool = False
    incierto: bool = False

    def __post_init__(self) -> None:
        if self.error or self.codigo:
            msgspec.structs.force_setattr(self, "error", texto_apto(self.error))
            msgspec.structs.force_setattr(self, "codigo", texto_apto(self.codigo, CODIGO_MAXIMO))


class Envio(msgspec.Struct, frozen=True, gc=False):
    """One message to send.

    `cuerpo` is JSON. Without `propiedades` it is an envelope for our own processes, and a broker may pack it
    with others. With `propiedades` it is public: one broker message, with those properties.
    """

    tema: str
    clave: str
    cuerpo: msgspec.Raw
    propiedades: dict[str, str] | None = None


class Recibido:
    """One message as a broker hands it over; `recibo` is the broker's own handle to confirm it."""

    __slots__ = ("cuerpo", "id_broker", "propiedades", "recibo", "tema")

    def __init__(
        self, tema: str, cuerpo: bytes, propiedades: dict[str, str], recibo: object, id_broker: str
    ) -> None:
        self.tema = tema
        self.cuerpo = cuerpo
        self.propiedades = propiedades
        self.recibo = recibo
        self.id_broker = id_broker
