"""The codec: JSON by msgspec, and the decoders of every stored or sent type by name and version."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.dominio.evento import nombre_de

Actualizador = Callable[[dict[str, Any]], dict[str, Any]]

_codificador = msgspec.json.Encoder(decimal_format="string")
_numerico = msgspec.json.Encoder(decimal_format="number")
_sobre = msgspec.json.Decoder(Sobre)
_paquete = msgspec.json.Decoder(list[msgspec.Raw])
_rafaga = msgspec.msgpack.Decoder(list[tuple[str, str, bytes, dict[str, str] | None]])
_rafaga_codificador = msgspec.msgpack.Encoder()


# Nesting without end is no DecodeError; it kills a loop that does not expect it.
MALFORMADO = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Below the broker's 5 MiB, with room for what travels beside the body.
MENSAJE_MAXIMO = 4 * 1024 * 1024


class MensajeDemasiadoGrande(Exception):
    """No broker would ever take it: whoever makes it fails, so that it never blocks the outbox."""


class NoDescifrable(Exception):
    """The bytes are not a message that this process knows; trying again will not change that."""


def codificar(valor: object) -> bytes:
    """Encode to JSON; a Decimal becomes a string, so that nothing is lost (internal messages, events)."""
    return _codificador.encode(valor)


def codificar_publico(valor: object) -> bytes:
    """Encode to JSON; a Decimal becomes a number, as the contracts want money on the wire."""
    return _numerico.encode(valor)


def descifrar_sobre(cuerpo: bytes) -> Sobre:
    """Decode one envelope; raises NoDescifrable."""
    try:
        return _sobre.decode(cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error


def empaquetar(cuerpos: Iterable[bytes]) -> bytes:
    """Join encoded envelopes into one packet without encoding them again."""
    return b"[" + b",".join(cuerpos) + b"]"


def desempaquetar(paquete: bytes) -> list[bytes]:
    """Split a packet into its encoded envelopes; raises NoDescifrable."""
    try:
        return [bytes(parte) for parte in _paquete.decode(paquete)]
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error


def codificar_rafaga(envios: Iterable[Envio]) -> bytes:
    """Encode the burst of one transaction for its outbox row; raises MensajeDemasiadoGrande."""
    rafaga = [(e.tema, e.clave, bytes(e.cuerpo), e.propiedades) for e in envios]
    for tema, clave, cuerpo, _ in rafaga:
        if len(cuerpo) > MENSAJE_MAXIMO:
            raise MensajeDemasiadoGrande(f"{tema}, clave {clave}: {len(cuerpo)} bytes")
    return _rafaga_codificador.encode(rafaga)


def descifrar_rafaga(cuerpo: bytes) -> list[Envio]:
    """Decode an outbox row."""
    return [
        Envio(tema, clave, msgspec.Raw(dato), props) for tema, clave, dato, props in _rafaga.decode(cuerpo)
    ]


class Diccionario:
    """Decodes stored types by (name, version); old versions rise through their upcasters first."""

    def __init__(
        self,
        clases: Iterable[type[object]],
        actualizadores: dict[tuple[str, int], Actualizador] | None = None,
    ) -> None:
        self._decodificadores = {nombre_de(c): msgspec.json.Decoder(c) for c in clases}
        self._clases = {nombre_de(c): c for c in clases}
        self._actualizadores = actualizadores or {}

    def descifrar(self, nombre: str, version: int, datos: bytes | str) -> object:
        """Return the object of (name, version); raises NoDescifrable when it is unknown or malformed."""
        try:
            if decodificador := self._decodificadores.get((nombre, version)):
                return decodificador.decode(datos)
            return self._actualizado(nombre, version, msgspec.json.decode(datos))
        except (*MALFORMADO, ValueError) as error:
            raise NoDescifrable(f"{nombre} v{version}: {error}") from error

    def _actualizado(self, nombre: str, version: int, datos: dict[str, Any]) -> object:
        while actualizador := self._actualizadores.get((nombre, version)):
            datos, version = actualizador(datos), version + 1
        if (nombre, version) not in self._clases:
            raise NoDescifrable(f"Tipo desconocido: {nombre} v{version}")
        return msgspec.convert(datos, self._clases[nombre, version])


def numero(valor: Decimal) -> Decimal:
    """Return money as the contracts show it on the wire: a JSON number without an exponent."""
    return valor.quantize(Decimal("0.01"))


def descifrar_propiedades(texto: str) -> dict[str, str]:
    """Decode the properties of a stored message."""
    return msgspec.json.decode(texto, type=dict[str, str])
