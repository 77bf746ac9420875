"""A product: what it is, and whether an order may ask for it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID, uuid5

from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import evento
from aeropartners.seedwork.dominio.valores import MONTO_MAXIMO, en_centesimas

ESPACIO = UUID("3f0c8f6e-5f5c-5d1b-8a43-0b7f6c2d9e10")
TAMANOS = ("pequeño", "mediano", "grande", "extra_grande")


class PrecioInvalido(ErrorDeDominio):
    """A price is above 0 and has at most two decimals."""

    codigo = "PRECIO_INVALIDO"


class TamanoInvalido(ErrorDeDominio):
    """The contract does not list this size."""

    codigo = "TAMANO_INVALIDO"


class ProductoNoEncontrado(ErrorDeDominio):
    """No product has this number."""

    codigo = "PRODUCTO_NO_ENCONTRADO"


class ProductoNoDisponible(ErrorDeDominio):
    """The product is on the menu and cannot be ordered now."""

    codigo = "PRODUCTO_NO_DISPONIBLE"


class CantidadInvalida(ErrorDeDominio):
    """An order asks for no unit, or for fewer."""

    codigo = "CANTIDAD_INVALIDA"


@evento("ProductoCreado", 1)
@dataclass(frozen=True, slots=True)
class ProductoCreado:
    """The product came on the menu; clients know it by `numero`, and its category by `categoria_id`."""

    numero: int
    nombre: str
    descripcion: str
    precio: Decimal
    categoria_id: int
    disponible: bool
    tamano: str | None
    ingredientes: tuple[str, ...] | None
    calorias: int | None

    def exigir_valido(self) -> None:
        """Raise PrecioInvalido or TamanoInvalido unless a product may be so."""
        if not 0 < self.precio < MONTO_MAXIMO or not en_centesimas(self.precio):
            raise PrecioInvalido(f"Precio inválido para {self.nombre}")
        if self.tamano is not None and self.tamano not in TAMANOS:
            raise TamanoInvalido(f"Tamaño inválido para {self.nombre}")


def producto_de(numero: int) -> UUID:
    """Return the stream of the product with this number."""
    return uuid5(ESPACIO, f"producto:{numero}")


class Producto(Agregado):
    """One product."""

    tipo: ClassVar[str] = "menu-producto"
    eventos: ClassVar[tuple[type[object], ...]] = (ProductoCreado,)

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: ProductoCreado | None = None

    def crear(self, ficha: ProductoCreado) -> None:
        """Put it on the menu."""
        ficha.exigir_valido()
        self.registrar(ficha)

    def pedir(self, numero: int, cantidad: int) -> ProductoCreado:
        """Return what is ordered; raises the rule by which the product cannot be, in so many units."""
        ficha = self.ficha
        if ficha is None:
            raise ProductoNoEncontrado(f"Producto {numero} no encontrado")
        if not ficha.disponible:
            raise ProductoNoDisponible(f"Producto {ficha.nombre} no está disponible")
        if cantidad < 1:
            raise CantidadInvalida(f"Cantidad inválida para {ficha.nombre}")
        return ficha

    def aplicar(self, evento: object) -> None:
        match evento:
            case ProductoCreado():
                self.ficha = evento
