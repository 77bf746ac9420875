"""What `migrar` makes at a broker: all that is missing, any number of times."""

import uuid

from aeropartners.seedwork.infraestructura.administracion_pulsar import AdministracionPulsar, Tema
from tests.conformidad.conftest import REALES, variable

TEMAS = {"ordenes": Tema(4, ("modulo",)), "publico": Tema(3)}


@REALES
def test_un_espacio_que_no_esta() -> None:
    """A new PULSAR_NAMESPACE needs nobody to make it first."""
    administracion = AdministracionPulsar(
        variable("PULSAR_ADMIN_URL"), "public", f"adm_{uuid.uuid4().hex[:12]}"
    )
    for _ in range(2):
        administracion.crear(TEMAS)
    administracion.cerrar()
