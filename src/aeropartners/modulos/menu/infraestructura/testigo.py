"""What the cotejo reads of the menu: its inbox. Looking a product up leaves no effect to find."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from aeropartners.contratos.menu import SUSCRIPCION, TEMA_COMANDOS
from aeropartners.modulos.menu.dominio.producto import Producto
from aeropartners.modulos.menu.infraestructura.lecturas import productos
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo

SIN_EFECTO = ("consultado", 0)


class TestigoDeMenu(Testigo):
    """Says of each step that it only looked, so that none is missing and none stays behind."""

    def estados(self, con: Connection, ids: Collection[str]) -> Mapping[str, tuple[str, int]]:
        """Return that state for all; the products among them have their own version."""
        p = productos.c
        filas = con.execute(select(texto(p.id), p.version).where(entre(con, p.id, ids))).all()
        return dict.fromkeys(ids, SIN_EFECTO) | {id: (SIN_EFECTO[0], version) for id, version in filas}


TESTIGO = TestigoDeMenu(
    tipo_flujo=Producto.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=productos,
    vigentes=frozenset(),
    deshace=f"restaure los eventos de {Producto.tipo} {{}}",
)
