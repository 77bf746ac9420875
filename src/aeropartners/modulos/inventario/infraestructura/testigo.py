"""What the cotejo reads of a variant's reservations. No route gives one back: it says where to look."""

from aeropartners.modulos.inventario.dominio.reserva import Estado, Reserva
from aeropartners.modulos.inventario.infraestructura.almacen import Tablas
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo


def testigo(modulo: Modulo, reserva: type[Reserva], tablas: Tablas) -> Testigo:
    """Return the witness of one variant."""
    return Testigo(
        tipo_flujo=reserva.tipo,
        tema=modulo.temas[0],
        suscripcion=modulo.suscripcion,
        tabla=tablas.reservas,
        vigentes=frozenset({str(Estado.ACTIVA), str(Estado.CONSUMIDA)}),
        en_curso=frozenset({str(Estado.ACTIVA)}),
        deshace=f"psql $DATABASE_URL -c \"SELECT * FROM {tablas.reservas.name} WHERE id = '{{}}'\"",
        consumidor=modulo.consumidor,
    )
