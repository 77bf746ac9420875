"""The next release: a scratch copy of the tree with a column, a definition and a message version more."""

import re
import shutil
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
MIGRACIONES = Path("src/aeropartners/seedwork/infraestructura/migraciones/versions")
REVISION = "9001"
# What is added to the end of each file; the rest of the tree is this release's.
ANADIDO = {
    "src/aeropartners/contratos/campanas.py": """

@mensaje("CrearCampanaDeSaga", 2)
@dataclass(frozen=True, slots=True)
class CrearCampanaConOrigen:
    id: UUID
    datos: dict[str, Any]
    origen: str
""",
    "src/aeropartners/modulos/campanas/modulo.py": """

from dataclasses import replace

from aeropartners.contratos.campanas import CrearCampanaConOrigen, CrearCampanaDeSaga
from aeropartners.modulos.campanas.aplicacion.comandos import crear_de_saga
from aeropartners.seedwork.aplicacion.modulo import Manejador


def _crear_con_origen(mensaje, contexto):
    return crear_de_saga(CrearCampanaDeSaga(mensaje.id, mensaje.datos), contexto)


_CON_ORIGEN = Manejador(CrearCampanaConOrigen, _crear_con_origen, lambda mensaje, _sobre: (mensaje.id,))
MODULO = replace(MODULO, manejadores=(*MODULO.manejadores, _CON_ORIGEN))
""",
    "src/saga_orchestrator/sistemas/campanas/sagas.py": """

from dataclasses import replace

from aeropartners.contratos.campanas import CrearCampanaConOrigen

_de_esta_version = sagas


def _crear(saga, id):
    return CrearCampanaConOrigen(id, saga.datos_iniciales["campana"], "siguiente")


def sagas(*ajustes):
    antes = _de_esta_version(*ajustes)
    [campana] = antes.definiciones
    pasos = (replace(campana.pasos[0], comando=_crear), *campana.pasos[1:])
    return replace(antes, definiciones=(campana, replace(campana, version=2, pasos=pasos)))
""",
    "src/saga_orchestrator/infraestructura/almacen/tablas.py": """

sagas.append_column(Column("nota", String(20)))
""",
    "src/saga_orchestrator/infraestructura/almacen/almacen.py": """

_fila_de = fila_de


def fila_de(saga):
    return {**_fila_de(saga), "nota": "siguiente"}
""",
}
MIGRACION = '''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{anterior}"


def upgrade():
    op.add_column("sagas", sa.Column("nota", sa.String(20)))
'''


def siguiente(carpeta: Path) -> dict[str, str]:
    """Make it in a folder; return the variables with which a process is of it."""
    arbol = carpeta / "siguiente"
    shutil.copytree(RAIZ / "src", arbol / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for archivo, texto in ANADIDO.items():
        with (arbol / archivo).open("a") as abierto:
            abierto.write(texto)
    revisiones = [
        hallada[1]
        for p in (arbol / MIGRACIONES).glob("v*.py")
        if (hallada := re.search(r'^revision = "(\d+)"', p.read_text(), re.M))
    ]
    nueva = MIGRACION.format(revision=REVISION, anterior=max(revisiones))
    (arbol / MIGRACIONES / f"v{REVISION}_siguiente.py").write_text(nueva)
    return {"PYTHONPATH": str(arbol / "src")}
