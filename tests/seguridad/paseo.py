"""Every route of every application of a process, found from the applications themselves.

`python -m tests.seguridad.paseo` prints what each refuses, with keys on.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso import registro
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicios import aplicaciones
from aeropartners.seedwork.infraestructura.web.acceso.permisos import PUEDE, Permiso, Rol, permiso_de

CLAVES = {rol: f"clave-de-{rol}-0123456789" for rol in Rol}
API_KEYS = ",".join(f"{clave}:{rol}" for rol, clave in CLAVES.items())
EQUIVOCADA = "clave-que-nadie-dio-0123456789"


@dataclass(frozen=True)
class Ruta:
    """One method of one rule of one application."""

    app: str
    metodo: str
    regla: str
    permiso: Permiso | None

    @property
    def abierta(self) -> bool:
        """Whether nobody needs a key."""
        return self.permiso is Permiso.ABIERTO

    def __str__(self) -> str:
        return f"{self.app} {self.metodo} {self.regla}"


class Paseo:
    """The applications of an embedded process, and who knocks at their doors."""

    def __init__(self, apps: dict[str, Flask]) -> None:
        self.apps = apps
        self.rutas = [ruta for nombre, app in apps.items() for ruta in _rutas(nombre, app)]

    def llamar(self, ruta: Ruta, **cabeceras: str) -> TestResponse:
        """Knock; the answer is closed at once, since one of them has no end."""
        partes = ruta.regla.replace("<", "{").replace(">", "}")
        nombres = [p.split("}")[0] for p in partes.split("{")[1:]]
        camino = partes.format(**{n: str(UUID(int=7)) for n in nombres})
        puestas = {nombre.replace("_", "-"): valor for nombre, valor in cabeceras.items()}
        respuesta = self.apps[ruta.app].test_client().open(camino, method=ruta.metodo, headers=puestas)
        if respuesta.is_streamed:
            respuesta.close()
        return respuesta


def _rutas(nombre: str, app: Flask) -> Iterator[Ruta]:
    for regla in app.url_map.iter_rules():
        for metodo in sorted((regla.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Ruta(nombre, metodo, regla.rule, permiso_de(app, regla.endpoint))


@contextmanager
def pasear(carpeta: Path, **entorno: str) -> Iterator[Paseo]:
    """Start the embedded system with its writers only, and with keys."""
    puesto = {"API_KEYS": API_KEYS, "FALLOS_DE_ACCESO": "0", **entorno}
    proceso = Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(carpeta), **puesto})))
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    proceso.hilos = [h for h in proceso.hilos if h.nombre.startswith("escritor-")]
    for hilo in proceso.hilos:
        hilo.empezar()
    try:
        yield Paseo(aplicaciones(proceso))
    finally:
        assert proceso.parar(), "el proceso no terminó limpio"


def negadas(ruta: Ruta) -> Sequence[Rol]:
    """The roles that the table does not let in."""
    return () if ruta.abierta else [rol for rol in Rol if ruta.permiso not in PUEDE[rol]]


def principal() -> None:
    """Print a row an application: routes, how many need what, and the refusals that were seen."""
    registro.configurar()
    with tempfile.TemporaryDirectory() as carpeta, pasear(Path(carpeta)) as paseo:
        print(
            "| servicio | rutas | abiertas | leer | crear | cambiar | administrar | 401 | 403 |\n"
            + "|---" * 9
            + "|"
        )
        for nombre in paseo.apps:
            suyas = [r for r in paseo.rutas if r.app == nombre]
            vistos = Counter(
                paseo.llamar(ruta, **cabeceras).status_code
                for ruta in suyas
                for cabeceras in (
                    {},
                    {"X_API_Key": EQUIVOCADA},
                    *({"X_API_Key": CLAVES[r]} for r in negadas(ruta)),
                )
            )
            tienen = Counter(ruta.permiso for ruta in suyas)
            celdas = [nombre, len(suyas), *(tienen[p] for p in Permiso), vistos[401], vistos[403]]
            print(f"| {' | '.join(str(c) for c in celdas)} |")


if __name__ == "__main__":
    principal()
