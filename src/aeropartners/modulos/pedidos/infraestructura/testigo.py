"""What the cotejo reads of orders. No route removes one: it says where to look at what stayed behind."""

from aeropartners.contratos.pedidos import SUSCRIPCION, TEMA_COMANDOS
from aeropartners.modulos.pedidos.dominio.pedido import Estado, Pedido
from aeropartners.modulos.pedidos.infraestructura.lecturas import pedidos
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo

TESTIGO = Testigo(
    tipo_flujo=Pedido.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=pedidos,
    vigentes=frozenset({str(Estado.PENDIENTE), str(Estado.CONFIRMADO), str(Estado.FALLIDO)}),
    en_curso=frozenset({str(Estado.PENDIENTE)}),
    deshace=f"psql $DATABASE_URL -c \"SELECT * FROM {pedidos.name} WHERE id = '{{}}'\"",
)
