"""The mark of the cotejo in a file: what only reads the database has nowhere else to keep it."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from aeropartners.seedwork.infraestructura.base.privado import CARPETA, archivo_privado
from saga_orchestrator.cotejo.aplicacion.libros import Enviado, Marca

MAXIMO = 10_000


class MarcaIlegible(Exception):
    """The file is not a mark; a person decides whether to begin again."""


class _Contenido(msgspec.Struct):
    marca: Marca
    enviados: list[Enviado]
    sagas: list[str]


_decodificador = msgspec.json.Decoder(_Contenido)


class SinArchivo:
    """Begin at the beginning, and keep nothing."""

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        return Marca(), [], []

    def guardar(self, _marca: Marca, _enviados: Sequence[Enviado], _sagas: Sequence[str], /) -> None:
        return


class ArchivoJson:
    """See the port `Archivo`: a new file is written beside the old one, and takes its place."""

    def __init__(self, ruta: Path) -> None:
        self._ruta = ruta

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        """Return what was kept, or the beginning."""
        try:
            c = _decodificador.decode(self._ruta.read_bytes())
        except FileNotFoundError:
            return Marca(), [], []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MarcaIlegible(f"{self._ruta}: {error}; bórrelo para auditar desde el principio") from error
        return c.marca, c.enviados, c.sagas

    def guardar(self, marca: Marca, enviados: Sequence[Enviado], sagas: Sequence[str]) -> None:
        self._ruta.parent.mkdir(mode=CARPETA, parents=True, exist_ok=True)
        nuevo = self._ruta.with_name(f"{self._ruta.name}.nuevo")
        archivo_privado(nuevo)
        contenido = _Contenido(marca, list(enviados[:MAXIMO]), list(sagas[:MAXIMO]))
        with nuevo.open("wb") as archivo:
            archivo.write(msgspec.json.encode(contenido))
            archivo.flush()
            os.fsync(archivo.fileno())
        nuevo.replace(self._ruta)
