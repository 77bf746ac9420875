"""A greeting: said once, taken back at most once."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento


class NoSeDice(ErrorDeDominio):
    """Nobody says that."""

    codigo = "NO_SE_DICE"


@evento("SaludoDicho", 1)
@dataclass(frozen=True, slots=True)
class SaludoDicho:
    """It was said."""

    texto: str
    fecha: datetime


@evento("SaludoCallado", 1)
@dataclass(frozen=True, slots=True)
class SaludoCallado:
    """It was taken back, or may not be said any more."""

    fecha: datetime


class Saludo(Agregado):
    """One greeting."""

    tipo: ClassVar[str] = "saludo"
    eventos: ClassVar[tuple[type, ...]] = (SaludoDicho, SaludoCallado)
    texto: str | None = None
    callado: bool = False

    def decir(self, texto: str, ahora: datetime) -> None:
        """Say it, unless it was said; raises NoSeDice."""
        if self.callado or texto.startswith("FALLA"):
            raise NoSeDice(f"{texto}: no se dice")
        if self.texto is None:
            self.registrar(SaludoDicho(texto, ahora))

    def callar(self, ahora: datetime) -> None:
        """Take it back."""
        if not self.callado:
            self.registrar(SaludoCallado(ahora))

    def aplicar(self, evento: object) -> None:
        """Take in what happened."""
        match evento:
            case SaludoDicho(texto):
                self.texto = texto
            case SaludoCallado():
                self.callado = True
