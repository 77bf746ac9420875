"""What the cotejo reads of alliances; a foreign program may replace them and keep its own contracts."""

from aeropartners.contratos.alianzas import SUSCRIPCION, TEMA_COMANDOS
from aeropartners.modulos.alianzas.dominio.contrato import Contrato, Estado
from aeropartners.modulos.alianzas.infraestructura.lecturas import contratos
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo

TESTIGO = Testigo(
    tipo_flujo=Contrato.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=contratos,
    vigentes=frozenset({str(Estado.ACTIVO)}),
    deshace='curl -X PUT localhost:5002/contratos/{} --json \'{"estado": "cancelado"}\'',
    sustituible=True,
)
