"""PostgreSQL and Pulsar, natively, for tests and benchmarks.

arriba   start what is not running, and wait until it answers    abajo    stop
matar    kill -9                                                 estado   say what runs
entorno  print the variables that point at them                  borrar   stop and remove the data
durante  start what is missing, run a command with the variables set, stop what was started
mientras the same, but the command runs while they start: it says `arriba` before it needs one
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import postgres
import pulsar_local
from comun import Falta

SERVICIOS = {"postgres": postgres, "pulsar": pulsar_local}
VERBOS = ["arriba", "abajo", "matar", "estado", "entorno", "borrar", "durante", "mientras"]


def _todos(verbo: str, nombres: Iterable[str]) -> None:
    """Run a verb on several services at once; the first failure is raised when all are through."""
    with ThreadPoolExecutor() as piscina:
        list(piscina.map(lambda nombre: getattr(SERVICIOS[nombre], verbo)(), nombres))


def _variables(nombres: Iterable[str]) -> dict[str, str]:
    return {clave: valor for n in nombres for clave, valor in SERVICIOS[n].entorno().items()}


def _estado(nombres: Iterable[str]) -> int:
    vivos = {nombre: SERVICIOS[nombre].vivo() for nombre in nombres}
    print("\n".join(f"{nombre}: {'arriba' if vive else 'abajo'}" for nombre, vive in vivos.items()))
    return 0 if all(vivos.values()) else 1


def _con_servicios(orden: list[str], antes: bool) -> int:
    """Run a command, after the services are up or beside their start; what ran before is left running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    nuestros = [nombre for nombre, servicio in SERVICIOS.items() if not servicio.vivo()]
    primero, despues = (SERVICIOS, ()) if antes else ((), SERVICIOS)
    try:
        _todos("arriba", primero)
        with subprocess.Popen(orden, env={**os.environ, **_variables(SERVICIOS)}) as proceso:
            try:
                _todos("arriba", despues)
                return proceso.wait()
            except BaseException:
                proceso.terminate()
                raise
    finally:
        _todos("abajo", nuestros)


def _ejecutar(verbo: str, resto: list[str]) -> int:
    if verbo in ("durante", "mientras"):
        return _con_servicios(resto, antes=verbo == "durante")
    nombres = resto or list(SERVICIOS)
    if ajenos := set(nombres) - set(SERVICIOS):
        raise Falta(f"No hay tal servicio: {', '.join(sorted(ajenos))}; hay {', '.join(SERVICIOS)}")
    if verbo == "entorno":
        print("\n".join(f"export {c}={shlex.quote(v)}" for c, v in _variables(nombres).items()))
        return 0
    if verbo == "estado":
        return _estado(nombres)
    _todos(verbo, nombres)
    return 0


def principal() -> int:
    """Run one verb; exit code 0 when it is as asked, 1 otherwise, and with a command the command's own."""
    analizador = argparse.ArgumentParser(
        prog="python3 infra/servicios", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    analizador.add_argument("verbo", choices=VERBOS)
    analizador.add_argument(
        "resto", nargs=argparse.REMAINDER, help="postgres, pulsar (or both); or the command"
    )
    argumentos = analizador.parse_args()
    try:
        return _ejecutar(argumentos.verbo, argumentos.resto)
    except Falta as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(principal())
