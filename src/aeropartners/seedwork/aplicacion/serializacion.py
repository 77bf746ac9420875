"""The codec: JSON by msgspec, and the decoders of every stored or sent type by name and version."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.dominio.evento import nombre_de

Actualizador = Callable[[dict[str, Any]], dict[str, Any]]
# A name and one version of it, that a process can read.
Conocida = tuple[str, int]

_codificador = msgspec.json.Encoder(decimal_format="string")
_numerico = msgspec.json.Encoder(decimal_format="number")
_sobre = msgspec.json.Decoder(Sobre)
_paquete = msgspec.json.Decoder(list[msgspec.Raw])
_rafaga = msgspec.msgpack.Decoder(list[tuple[str, str, bytes, dict[str, str] | None]])
_rafaga_codificador = msgspec.msgpack.Encoder()


# Nesting without end is no DecodeError; it kills a loop that does not expect it.
MALFORMADO = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# In JSON it can only be written so; after an even number of backslashes it is a text about it.
_NULO = b"\\u0000"
_NULO_ESCRITO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Below the broker's 5 MiB, with room for what travels beside the body.
MENSAJE_MAXIMO = 4 * 1024 * 1024
VERSION_MAXIMA = 2**31 - 1


# Deeper than anybody writes; some reader of what is stored would fail on more.
NIVELES = 64


class MensajeDemasiadoGrande(Exception):
    """No broker would ever take it: whoever makes it fails, so that it never blocks the outbox."""


class NoDescifrable(Exception):
    """The bytes are not a message that this process knows; trying again will not change that."""


class VersionDesconocida(Exception):
    """Another release wrote it: whoever knows this version of `que` can go on, and this process cannot.

    It is nobody's failure: what waits for it loses no attempt.
    """

    def __init__(self, que: str, version: int) -> None:
        super().__init__(f"este proceso no conoce {que} v{version}")
        self.que = que
        self.version = version

    def dicho(self, consumidor: str) -> dict[str, object]:
        """Return what a log line says of it."""
        return {"consumidor": consumidor, "que": self.que, "version": self.version}


def ilegible(quien: str, nombre: str, version: int, *, hay_otras: bool) -> Exception:
    """Return why something cannot be read: only its version is unknown, or nobody could have written it."""
    if hay_otras and 0 < version <= VERSION_MAXIMA:
        return VersionDesconocida(nombre, version)
    return NoDescifrable(f"{quien} no conoce {nombre} v{version}")


def codificar(valor: object) -> bytes:
    """Encode to JSON; a Decimal becomes a string, so that nothing is lost (internal messages, events)."""
    return _codificador.encode(valor)


def codificar_publico(valor: object) -> bytes:
    """Encode to JSON; a Decimal becomes a number, as the contracts want money on the wire."""
    return _numerico.encode(valor)


def exigir_sin_nulos(cuerpo: bytes) -> None:
    """Raise NoDescifrable for U+0000 anywhere in a body (contracts, README section 3)."""
    if _NULO in cuerpo and _NULO_ESCRITO.search(cuerpo):
        raise NoDescifrable("El cuerpo lleva el carácter U+0000, que no se admite")


def descifrar_sobre(cuerpo: bytes) -> Sobre:
    """Decode one envelope; raises NoDescifrable. A time that it gives without a zone is UTC."""
    try:
        sobre = _sobre.decode(cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error
    if sobre.fecha.tzinfo is None:
        return msgspec.structs.replace(sobre, fecha=sobre.fecha.replace(tzinfo=UTC))
    return sobre


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
    """Decode an outbox row; raises NoDescifrable."""
    try:
        rafaga = _rafaga.decode(cuerpo)
    except (*MALFORMADO, ValueError) as error:
        raise NoDescifrable(str(error)) from error
    return [Envio(tema, clave, msgspec.Raw(dato), props) for tema, clave, dato, props in rafaga]


class Diccionario:
    """Decodes stored types by (name, version); old versions rise through their upcasters first."""

    def __init__(
        self,
        clases: Iterable[type[object]],
        actualizadores: dict[tuple[str, int], Actualizador] | None = None,
    ) -> None:
        self._clases = {nombre_de(c): c for c in clases}
        self._decodificadores = {n: msgspec.json.Decoder(c) for n, c in self._clases.items()}
        self._nombres = {nombre for nombre, _ in self._clases}
        self._actualizadores = actualizadores or {}

    @property
    def conocidas(self) -> frozenset[Conocida]:
        """What it decodes, by name and version."""
        return frozenset(self._clases) | frozenset(self._actualizadores)

    def descifrar(self, nombre: str, version: int, datos: bytes | str) -> object:
        """Return the object of (name, version); raises NoDescifrable when it is unknown or malformed.

        VersionDesconocida when only the version is unknown.
        """
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
            raise ilegible("este proceso", nombre, version, hay_otras=nombre in self._nombres)
        return msgspec.convert(datos, self._clases[nombre, version])


def numero(valor: Decimal) -> Decimal:
    """Return money as the contracts show it on the wire: a JSON number without an exponent."""
    return valor.quantize(Decimal("0.01"))


def descifrar_propiedades(texto: str) -> dict[str, str]:
    """Decode the properties of a stored message."""
    return msgspec.json.decode(texto, type=dict[str, str])


def demasiado_hondo(valor: Any) -> bool:
    """Whether a decoded document has more than NIVELES levels; without recursion, whatever its depth."""
    nivel = [valor]
    for _ in range(NIVELES):
        if not nivel:
            return False
        objetos = (v.values() if isinstance(v, dict) else v for v in nivel if isinstance(v, dict | list))
        nivel = [hijo for hijos in objetos for hijo in hijos]
    return bool(nivel)


def tiene_nulo(valor: Any) -> bool:
    """Whether U+0000, which PostgreSQL stores nowhere, is in a key or a value of a document of few levels."""
    if isinstance(valor, str):
        return "\x00" in valor
    if isinstance(valor, dict):
        return any(tiene_nulo(parte) for par in valor.items() for parte in par)
    return isinstance(valor, list) and any(tiene_nulo(hijo) for hijo in valor)
