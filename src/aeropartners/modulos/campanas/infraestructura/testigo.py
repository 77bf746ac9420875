"""What the cotejo reads of campaigns."""

from aeropartners.contratos.campanas import SUSCRIPCION, TEMA_COMANDOS
from aeropartners.modulos.campanas.dominio.campana import Campana, Estado
from aeropartners.modulos.campanas.infraestructura.lecturas import LECTURA
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo, parche

TESTIGO = Testigo(
    tipo_flujo=Campana.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=LECTURA.tabla,
    vigentes=frozenset(str(e) for e in Estado) - {str(Estado.CANCELADA)},
    deshace=parche("localhost:8000/campaigns/{}/cancel"),
)
