"""Everything around a loop, in one: it notes what it is asked, in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import Rechazo
from aeropartners.seedwork.aplicacion.salida import Rafaga, TemaDetenido
from aeropartners.seedwork.aplicacion.serializacion import codificar


class Anotador:
    """Everything around a loop; `hechos` is what it was asked, in order, and `falla` breaks there."""

    def __init__(self, falla: str = "", error: Exception | None = None) -> None:
        self.hechos: list[str] = []
        self._falla = falla
        self._error = error
        self.lote = uuid7()
        self.procesador = SimpleNamespace(
            modulo=SimpleNamespace(nombre="m", suscripcion="s", consumidor="s", traductores={})
        )

    conexion = 1

    def recibir(self, _maximo: int, _espera: float) -> list[Recibido]:
        sobre = Sobre(id=uuid7(), tipo="T", clave="c", fecha=datetime.now(UTC))
        return [] if "recibir" in self.hechos else self._anotar("recibir", [recibido(sobre)])

    def confirmar(self, _lote: Sequence[Recibido]) -> None:
        self._anotar("confirmar")

    def cerrar(self) -> None:
        self._anotar("cerrar")

    def ejecutar(self, *_partes: Callable[..., Any]) -> None:
        self._anotar("commit")

    @contextmanager
    def unico(self) -> Iterator[bool]:
        yield True

    def viejas(self, _edad_s: float, _maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        return [] if desde else [Rafaga(self.lote, 1, 60.0, [Envio("t", "c", msgspec.Raw(b"{}"))])]

    def detenidos(self) -> Sequence[TemaDetenido]:
        return []

    def borrar(self, lotes: Sequence[UUID]) -> None:
        assert lotes == [self.lote]
        self._anotar("borrar")

    def quitar(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        assert not partes

    def enviar(self, envios: Iterator[Envio]) -> None:
        assert len(list(envios)) == 1
        self._anotar("enviar")

    def asegurar(self) -> Sequence[Rechazo]:
        self._anotar("asegurar")
        return []

    def _anotar(self, hecho: str, valor: Any = None) -> Any:
        if hecho == self._falla and self._error:
            raise self._error
        self.hechos.append(hecho)
        return valor


def recibido(sobre: Sobre) -> Recibido:
    return Recibido("t", codificar(sobre), {}, None, "1")
