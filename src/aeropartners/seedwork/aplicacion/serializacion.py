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
# The name of a type and one version of it that a process can read.
Conocida = tuple[str, int]

_codificador = msgspec.json.Encoder(decimal_format="string")
_numerico = msgspec.json.Encoder(decimal_format="number")
_sobre = msgspec.json.Decoder(Sobre)
_paquete = msgspec.json.Decoder(list[msgspec.Raw])
_rafaga = msgspec.msgpack.Decoder(list[tuple[str, str, bytes, dict[str, str] | None]])
_rafaga_codificador = msgspec.msgpack.Encoder()


# Too deep nesting raises RecursionError, which is no DecodeError; uncaught it would end the loop.
MALFORMADO = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# JSON can write U+0000 only like this. With an even number of backslashes before `u0000` the text only
# contains these letters.
_NULO = b"\\u0000"
_NULO_ESCRITO = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# Below the broker's limit of 5 MiB, with room for the message's metadata.
MENSAJE_MAXIMO = 4 * 1024 * 1024
VERSION_MAXIMA = 2**31 - 1


# More levels than real documents have. Some reader of the stored document would fail on more.
NIVELES = 64


class MensajeDemasiadoGrande(Exception):
    """No broker would store the message: its transaction fails, or the message would block the outbox."""


class NoDescifrable(Exception):
    """The bytes are no message that this process knows; another try would fail in the same way."""


class VersionDesconocida(Exception):
    """Another release wrote version `version` of `que`, which this process cannot read but another may.

    It is no failure of the message: the message waits for such a process and loses no attempt.
    """

    def __init__(self, que: str, version: int) -> None:
        super().__init__(f"este proceso no conoce {que} v{version}")
        self.que = que
        self.version = version

    def dicho(self, consumidor: str) -> dict[str, object]:
        """Return the fields of a log line about this error."""
        return {"consumidor": consumidor, "que": self.que, "version": self.version}


def ilegible(quien: str, nombre: str, version: int, *, hay_otras: bool) -> Exception:
    """Return the error for an unknown (name, version): VersionDesconocida or NoDescifrable.

    `hay_otras`: the name is known in other versions, so that another release may have written this one.
    """
    if hay_otras and 0 < version <= VERSION_MAXIMA:
        return VersionDesconocida(nombre, version)
    return NoDescifrable(f"{quien} no conoce {nombre} v{version}")


def codificar(valor: object) -> bytes:
    """Encode to JSON for internal messages and events; a Decimal becomes a string, so no digit is lost."""
    return _codificador.encode(valor)


def codificar_publico(valor: object) -> bytes:
    """Encode to JSON for the contracts; a Decimal becomes a number, as they want money."""
    return _numerico.encode(valor)


def exigir_sin_nulos(cuerpo: bytes) -> None:
    """Raise NoDescifrable if a body contains U+0000 (contracts, README section 3)."""
    if _NULO in cuerpo and _NULO_ESCRITO.search(cuerpo):
        raise NoDescifrable("El cuerpo lleva el carácter U+0000, que no se admite")


def descifrar_sobre(cuerpo: bytes) -> Sobre:
    """Decode one envelope; a date without a zone is UTC. Raises NoDescifrable."""
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
    """Decode the messages of an outbox row; raises NoDescifrable."""
    try:
        rafaga = _rafaga.decode(cuerpo)
    except (*MALFORMADO, ValueError) as error:
        raise NoDescifrable(str(error)) from error
    return [Envio(tema, clave, msgspec.Raw(dato), props) for tema, clave, dato, props in rafaga]


class Diccionario:
    """Decodes stored types by (name, version). Upcasters first raise old versions to the present one."""

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
        """The types that can be decoded, by name and version."""
        return frozenset(self._clases) | frozenset(self._actualizadores)

    def descifrar(self, nombre: str, version: int, datos: bytes | str) -> object:
        """Return the object of (name, version).

        Raises VersionDesconocida when only the version is unknown, and NoDescifrable when the name is unknown
        or the data are malformed.
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
    """Return money as the contracts show it: a JSON number with two decimals and without an exponent."""
    return valor.quantize(Decimal("0.01"))


def descifrar_propiedades(texto: str) -> dict[str, str]:
    """Decode the properties of a stored message."""
    return msgspec.json.decode(texto, type=dict[str, str])


def demasiado_hondo(valor: Any) -> bool:
    """Whether a decoded document has more than NIVELES levels. Uses no recursion, so any depth is safe."""
    nivel = [valor]
    for _ in range(NIVELES):
        if not nivel:
            return False
        objetos = (v.values() if isinstance(v, dict) else v for v in nivel if isinstance(v, dict | list))
        nivel = [hijo for hijos in objetos for hijo in hijos]
    return bool(nivel)


def tiene_nulo(valor: Any) -> bool:
    """Whether a key or a value of a document contains U+0000, which PostgreSQL cannot store.

    Recursive: call it only for documents that are not `demasiado_hondo`.
    """
    if isinstance(valor, str):
        return "\x00" in valor
    if isinstance(valor, dict):
        return any(tiene_nulo(parte) for par in valor.items() for parte in par)
    return isinstance(valor, list) and any(tiene_nulo(hijo) for hijo in valor)
