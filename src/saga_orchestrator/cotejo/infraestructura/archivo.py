"""The mark of the cotejo in a file: the cotejo only reads the database, so it cannot keep the mark there."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from aeropartners.seedwork.infraestructura.base.archivos_privados import CARPETA, archivo_privado
from saga_orchestrator.cotejo.aplicacion.libros import Enviado, Marca

MAXIMO = 10_000


class MarcaIlegible(Exception):
    """The file is not a mark. It is not overwritten: a person decides whether to begin again."""


class _Contenido(msgspec.Struct):
    marca: Marca
    enviados: list[Enviado]
    sagas: list[str]


_decodificador = msgspec.json.Decoder(_Contenido)


class SinArchivo:
    """The port `Archivo` without a file: each run begins at the beginning and stores nothing."""

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        return Marca(), [], []

    def guardar(self, _marca: Marca, _enviados: Sequence[Enviado], _sagas: Sequence[str], /) -> None:
        return


class ArchivoJson:
    """The port `Archivo` over a JSON file: the new file is written beside the old one, then replaces it."""

    def __init__(self, ruta: Path) -> None:
        self._ruta = ruta

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        """Return the stored mark, or an empty one without a file; raises MarcaIlegible."""
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
