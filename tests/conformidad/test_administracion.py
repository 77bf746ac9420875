"""What `migrar` makes at a broker: all that is missing, any number of times."""

import uuid

from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import AdministracionPulsar, Tema
from tests.conformidad.conftest import REALES
from tests.esperas import hasta
from tests.servicios import variable

TEMAS = {
    "ordenes": Tema(4, ("modulo",)),
    "publico": Tema(3),
    "muertos": Tema(1, retencion_minutos=43_200, retencion_mb=5_120),
}


@REALES
def test_un_espacio_que_no_esta() -> None:
    """A new PULSAR_NAMESPACE needs nobody to make it first."""
    administracion = AdministracionPulsar(
        variable("PULSAR_ADMIN_URL"), "public", f"adm_{uuid.uuid4().hex[:12]}"
    )
    for _ in range(2):
        administracion.crear(TEMAS)
    administracion.cerrar()


@REALES
def test_cada_tema_guarda_lo_suyo() -> None:
    """Events 7 days and 1 GB, dead letters 30 days and 5 GB: a namespace has one figure for all."""
    administracion = AdministracionPulsar(
        variable("PULSAR_ADMIN_URL"), "public", f"adm_{uuid.uuid4().hex[:12]}"
    )
    administracion.crear(TEMAS)
    guardan = {nombre: hasta(lambda n=nombre: administracion.retencion(n), nombre) for nombre in TEMAS}
    assert guardan == {"ordenes": (10_080, 1_024), "publico": (10_080, 1_024), "muertos": (43_200, 5_120)}
    administracion.cerrar()
