"""The catalogue, which is opened once, and the categories that it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid5

from aeropartners.modulos.menu.dominio.producto import ESPACIO, ProductoCreado
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento

CATALOGO = uuid5(ESPACIO, "catalogo")
TIPOS = ("bebidas_calientes", "bebidas_frias", "postres", "snacks", "desayunos", "almuerzo")


class TipoInvalido(ErrorDeDominio):
    """The contract does not list this kind of category."""

    codigo = "TIPO_INVALIDO"


class CategoriaNoEncontrada(ErrorDeDominio):
    """A product names a category that does not exist."""

    codigo = "CATEGORIA_NO_ENCONTRADA"


@evento("CategoriaCreada", 1)
@dataclass(frozen=True, slots=True)
class CategoriaCreada:
    """The category came on the menu; clients know it by `numero`."""

    numero: int
    nombre: str
    descripcion: str
    tipo: str

    def exigir_valida(self) -> None:
        """Raise TipoInvalido unless a category may be so."""
        if self.tipo not in TIPOS:
            raise TipoInvalido(f"Tipo inválido para {self.nombre}")


@evento("CatalogoAbierto", 1)
@dataclass(frozen=True, slots=True)
class CatalogoAbierto:
    """The catalogue was opened with the categories and products of these numbers."""

    categorias: tuple[int, ...]
    productos: tuple[int, ...]


def categoria_de(numero: int) -> UUID:
    """Return the stream of the category with this number."""
    return uuid5(ESPACIO, f"categoria:{numero}")


class Categoria(Agregado):
    """One category."""

    tipo: ClassVar[str] = "menu-categoria"
    eventos: ClassVar[tuple[type[object], ...]] = (CategoriaCreada,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: CategoriaCreada | None = None

    def crear(self, ficha: CategoriaCreada) -> None:
        """Put it on the menu."""
        ficha.exigir_valida()
        self.registrar(ficha)

    def aplicar(self, evento: object) -> None:
        match evento:
            case CategoriaCreada():
                self.ficha = evento


class Catalogo(Agregado):
    """Whether there is a menu: what makes opening it twice the same as once."""

    tipo: ClassVar[str] = "menu-catalogo"
    eventos: ClassVar[tuple[type[object], ...]] = (CatalogoAbierto,)

    def abrir(self, categorias: Sequence[CategoriaCreada], productos: Sequence[ProductoCreado]) -> None:
        """Open it with these, or with none of them: raises the first rule that one of them breaks."""
        for categoria in categorias:
            categoria.exigir_valida()
        for producto in productos:
            producto.exigir_valido()
        numeros = tuple(c.numero for c in categorias), tuple(p.numero for p in productos)
        self.registrar(CatalogoAbierto(*numeros))

    def aplicar(self, evento: object) -> None:
        """Nothing to remember: that it was opened is all."""
