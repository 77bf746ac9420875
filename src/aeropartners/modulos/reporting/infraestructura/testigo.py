"""What the cotejo reads of reports."""

from aeropartners.contratos.reporting import SUSCRIPCION, SUSCRIPCION_LLAMADAS, TEMA_COMANDOS, TEMA_LLAMADAS
from aeropartners.modulos.reporting.dominio.reporte import Estado, Reporte
from aeropartners.modulos.reporting.infraestructura.lecturas import LECTURA
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo, parche

TESTIGO = Testigo(
    tipo_flujo=Reporte.tipo,
    tema=TEMA_COMANDOS,
    suscripcion=SUSCRIPCION,
    tabla=LECTURA.tabla,
    vigentes=frozenset({str(Estado.GENERADO)}),
    deshace=parche("localhost:8000/reporting/{}/cancel"),
    llamadas=(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS),
)
