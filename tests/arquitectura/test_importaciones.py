"""Each import contract of setup.cfg holds, and each one breaks when it should."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RAIZ = Path(__file__).resolve().parents[2]
PREFIJO = "importlinter:contract:"

# Contract → the files that break it: (path under src, the import in it). One file for each of its lines
# that says something of its own. Modules x and y are made by the test, so that no real one is needed.
ROTURAS: dict[str, list[tuple[str, str]]] = {
    "capas-de-modulo": [
        ("aeropartners/modulos/x/dominio/malo.py", "import aeropartners.modulos.x.aplicacion"),
        ("aeropartners/modulos/x/aplicacion/malo.py", "import aeropartners.modulos.x.infraestructura"),
        ("aeropartners/modulos/x/otra_capa/__init__.py", ""),
        ("aeropartners/modulos/inventario/modulo.py", "import aeropartners.modulos.inventario.cafeteria"),
    ],
    "capas-de-seedwork": [
        ("aeropartners/seedwork/dominio/malo.py", "import aeropartners.seedwork.aplicacion"),
        ("aeropartners/seedwork/aplicacion/malo.py", "import aeropartners.seedwork.infraestructura"),
        ("aeropartners/seedwork/otra_capa.py", ""),
    ],
    "bucles-arriba": [
        (
            "aeropartners/seedwork/aplicacion/puertos.py",
            "import aeropartners.seedwork.aplicacion.bucles.lote",
        ),
        ("aeropartners/seedwork/aplicacion/otro.py", ""),
    ],
    "cuartos-de-infraestructura": [
        (
            "aeropartners/seedwork/infraestructura/base/malo.py",
            "import aeropartners.seedwork.infraestructura.almacen.uow",
        ),
        (
            "aeropartners/seedwork/infraestructura/broker/malo.py",
            "import aeropartners.seedwork.infraestructura.web.rutas.salud",
        ),
        ("aeropartners/seedwork/infraestructura/otro_cuarto.py", ""),
    ],
    "cuartos-de-web": [
        (
            "aeropartners/seedwork/infraestructura/web/acceso/malo.py",
            "import aeropartners.seedwork.infraestructura.web.rutas.salud",
        ),
        ("aeropartners/seedwork/infraestructura/web/otro.py", ""),
    ],
    "cuartos-del-orquestador": [
        (
            "saga_orchestrator/infraestructura/almacen/malo.py",
            "import saga_orchestrator.infraestructura.rest",
        ),
        ("saga_orchestrator/infraestructura/otro_cuarto.py", ""),
    ],
    "cuartos-de-arranque": [
        ("aeropartners/arranque/http/malo.py", "import aeropartners.arranque.proceso.hilos"),
        ("aeropartners/arranque/ajustes/malo.py", "import aeropartners.arranque.sistemas.sistema"),
        ("aeropartners/arranque/otro.py", ""),
    ],
    "capas-de-saga": [
        ("saga_orchestrator/dominio/malo.py", "import saga_orchestrator.aplicacion"),
        ("saga_orchestrator/aplicacion/malo.py", "import saga_orchestrator.infraestructura"),
        ("saga_orchestrator/infraestructura/malo.py", "import saga_orchestrator.sistemas.x.definicion"),
        ("saga_orchestrator/infraestructura/malo.py", "import saga_orchestrator.cotejo.dominio"),
        ("saga_orchestrator/otra_capa.py", ""),
    ],
    "sistemas-independientes": [
        ("saga_orchestrator/sistemas/x/malo.py", "import saga_orchestrator.sistemas.y.definicion"),
    ],
    "capas-de-cotejo": [
        ("saga_orchestrator/cotejo/dominio/malo.py", "import saga_orchestrator.cotejo.aplicacion"),
        ("saga_orchestrator/cotejo/aplicacion/malo.py", "import saga_orchestrator.cotejo.infraestructura"),
        ("saga_orchestrator/cotejo/otra_capa.py", ""),
    ],
    "capas-del-sistema": [
        ("aeropartners/contratos/malo.py", "import aeropartners.modulos"),
        ("aeropartners/seedwork/infraestructura/malo.py", "import aeropartners.contratos"),
        ("aeropartners/otra_capa.py", ""),
    ],
    "modulos-independientes": [
        ("aeropartners/modulos/x/infraestructura/malo.py", "import aeropartners.modulos.y.dominio"),
    ],
    "dominio-puro": [
        ("aeropartners/modulos/x/dominio/malo.py", "import sqlalchemy"),
        ("aeropartners/modulos/x/dominio/malo.py", "import aeropartners.contratos"),
        ("aeropartners/modulos/x/dominio/malo.py", "import aeropartners.seedwork.aplicacion"),
        ("aeropartners/seedwork/dominio/malo.py", "import structlog"),
        ("saga_orchestrator/dominio/malo.py", "import msgspec"),
        ("saga_orchestrator/cotejo/dominio/malo.py", "import msgspec"),
    ],
    "aplicacion-sin-entorno": [
        ("aeropartners/modulos/x/aplicacion/malo.py", "import flask"),
        ("aeropartners/modulos/x/aplicacion/malo.py", "import aeropartners.seedwork.infraestructura"),
        ("aeropartners/seedwork/aplicacion/malo.py", "import psycopg2"),
        ("saga_orchestrator/aplicacion/malo.py", "import httpx"),
        ("saga_orchestrator/sistemas/x/definicion.py", "import sqlalchemy"),
        ("saga_orchestrator/cotejo/aplicacion/malo.py", "import sqlalchemy"),
    ],
    "contratos-solo-mensajes": [
        ("aeropartners/contratos/malo.py", "import aeropartners.seedwork.dominio"),
        ("aeropartners/contratos/malo.py", "import aeropartners.seedwork.aplicacion.puertos"),
        ("aeropartners/contratos/malo.py", "import msgspec"),
    ],
    "saga-sin-modulos": [
        ("saga_orchestrator/infraestructura/malo.py", "import aeropartners.modulos.x.dominio"),
    ],
    "aeropartners-sin-saga": [
        ("aeropartners/modulos/x/infraestructura/malo.py", "import saga_orchestrator"),
        ("aeropartners/seedwork/infraestructura/malo.py", "import bff"),
    ],
    "saga-sin-bff": [("saga_orchestrator/infraestructura/malo.py", "import bff")],
    "bff-aparte": [
        ("bff/malo.py", "import aeropartners.seedwork.dominio"),
        ("bff/malo.py", "import saga_orchestrator"),
        ("bff/malo.py", "import sqlalchemy"),
    ],
    "pulsar-en-un-archivo": [
        ("aeropartners/seedwork/infraestructura/malo.py", "import pulsar"),
        ("aeropartners/arranque/malo.py", "from pulsar import Client"),
    ],
    "inyeccion-en-un-archivo": [
        ("aeropartners/arranque/malo.py", "from dependency_injector import providers"),
        ("bff/malo.py", "import dependency_injector.wiring"),
    ],
    "arranque-arriba": [
        ("bff/malo.py", "import aeropartners.arranque"),
        ("saga_orchestrator/infraestructura/malo.py", "import aeropartners.arranque"),
        ("saga_orchestrator/infraestructura/malo.py", "import aeropartners.simulacion"),
        ("bff/malo.py", "import aeropartners.simulacion"),
    ],
    "simulacion-aparte": [
        ("aeropartners/simulacion/malo.py", "import aeropartners.modulos.x.dominio"),
        ("aeropartners/simulacion/malo.py", "import bff"),
    ],
}


def _contratos() -> dict[str, str]:
    """Return the contracts of setup.cfg: id → name."""
    lector = configparser.ConfigParser()
    lector.read(RAIZ / "setup.cfg")
    return {s.removeprefix(PREFIJO): lector[s]["name"] for s in lector.sections() if s.startswith(PREFIJO)}


def _escribir(ruta: Path, texto: str) -> None:
    """Write a file, and make each folder above it, up to src, a package."""
    ruta.parent.mkdir(parents=True, exist_ok=True)
    for carpeta in ruta.parents:
        if carpeta.name == "src":
            break
        (carpeta / "__init__.py").touch()
    ruta.write_text(texto + "\n")


@pytest.fixture
def copia(tmp_path: Path) -> Path:
    """A copy of setup.cfg and src, with two more modules of three layers each."""
    shutil.copy(RAIZ / "setup.cfg", tmp_path)
    shutil.copytree(
        RAIZ / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
    )
    for modulo in "xy":
        for capa in ("dominio", "aplicacion", "infraestructura"):
            _escribir(tmp_path / "src/aeropartners/modulos" / modulo / capa / "__init__.py", "")
        _escribir(tmp_path / "src/saga_orchestrator/sistemas" / modulo / "definicion.py", "")
    return tmp_path


def _revisar(copia: Path) -> str:
    """Run lint-imports over the copy and return what it printed."""
    programa = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    entorno = {**os.environ, "PYTHONPATH": str(copia / "src"), "COLUMNS": "400", "NO_COLOR": "1"}
    hecho = subprocess.run(
        [sys.executable, "-c", programa, "--no-cache"], cwd=copia, env=entorno, capture_output=True, text=True
    )
    assert "Contracts: " in hecho.stdout, hecho.stdout + hecho.stderr
    assert (hecho.returncode == 0) == (", 0 broken" in hecho.stdout), hecho.stdout
    return hecho.stdout


def test_todo_contrato_tiene_su_rotura() -> None:
    """No contract is without an example that breaks it, and no example is without its contract."""
    assert set(ROTURAS) == set(_contratos())


def test_todo_paquete_esta_bajo_contrato() -> None:
    """Every top-level package of src is a root package of the contracts: a new one cannot escape."""
    lector = configparser.ConfigParser()
    lector.read(RAIZ / "setup.cfg")
    paquetes = {p.name for p in (RAIZ / "src").iterdir() if p.suffix == ".py" or any(p.glob("**/*.py"))}
    assert paquetes == set(lector["importlinter"]["root_packages"].split())


def test_el_codigo_cumple_todos_los_contratos(copia: Path) -> None:
    """The tree as it is, with two modules more, breaks nothing."""
    salida = _revisar(copia)
    assert ", 0 broken" in salida, salida


@pytest.mark.parametrize(
    ("contrato", "archivo", "linea"),
    [(contrato, archivo, linea) for contrato, roturas in ROTURAS.items() for archivo, linea in roturas],
)
def test_la_rotura_se_ve(copia: Path, contrato: str, archivo: str, linea: str) -> None:
    """A file that breaks a contract makes lint-imports fail and name that contract."""
    _escribir(copia / "src" / archivo, linea)
    salida = _revisar(copia)
    assert f"{_contratos()[contrato]} BROKEN" in salida, salida


def test_sin_fichas_no_se_carga_lo_suyo() -> None:
    """Only who takes tokens pays for cryptography: 9 MiB of each process (docs/rendimiento.md)."""
    suyo = "', '.join({'cryptography', 'jwt'} & set(sys.modules))"
    cargar = "import sys, aeropartners.arranque.cli.servir, aeropartners.arranque.http.acceso"
    programa = f"{cargar}; sys.exit({suyo} or None)"
    entorno = {**os.environ, "PYTHONPATH": str(RAIZ / "src")}
    hecho = subprocess.run([sys.executable, "-c", programa], env=entorno, capture_output=True, text=True)
    assert (hecho.returncode, hecho.stderr) == (0, "")
