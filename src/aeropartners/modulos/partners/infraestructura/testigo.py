"""What the cotejo reads of partners: a saga's partner is created by a call, without an inbox row."""

from aeropartners.contratos.partners import SUSCRIPCION_LLAMADAS, TEMA_LLAMADAS
from aeropartners.modulos.partners.dominio.partner import Estado, Partner
from aeropartners.modulos.partners.infraestructura.tablas import partners
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo

TESTIGO = Testigo(
    tipo_flujo=Partner.tipo,
    tema=TEMA_LLAMADAS,
    suscripcion=SUSCRIPCION_LLAMADAS,
    tabla=partners,
    vigentes=frozenset(str(e) for e in Estado) - {str(Estado.ELIMINADO)},
    deshace="curl -X DELETE localhost:5001/api/v1/partners/{}",
    sustituible=True,
)
