"""`aeropartners auditar`: nothing lost, nothing twice, said beside the running system or afterwards."""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from arranque.operador import en_json
from arranque.peticiones import imprimir
from arranque.procesos import Proceso
from saga_orchestrator.aplicacion.auditor import Auditor
from saga_orchestrator.aplicacion.partes import Parte
from saga_orchestrator.infraestructura.auditor.archivo import ArchivoJson, MarcaIlegible, SinArchivo

LIMPIO, HALLAZGOS, SIN_AUDITAR = 0, 1, 2
CADA_S, CON_SOSPECHAS_S = 5.0, 2.0


def comando(abrir: Callable[[], Proceso]) -> click.Command:
    """Return the command; `abrir` gives the process that it works in."""

    @click.command("auditar")
    @click.option("--continuo", is_flag=True, help="Seguir, una ventana tras otra, hasta SIGTERM.")
    @click.option("--ventana", type=click.IntRange(1), default=60, show_default=True, help="Segundos.")
    @click.option(
        "--reposo", type=click.FloatRange(1), default=10, show_default=True, help="Edad que se juzga."
    )
    @click.option("--espera", type=click.FloatRange(0), default=120, show_default=True, help="Para decidir.")
    @click.option(
        "--marca", type=click.Path(dir_okay=False, path_type=Path), help="Dónde seguir la próxima vez."
    )
    @en_json
    def auditar(
        continuo: bool, ventana: int, reposo: float, espera: float, marca: Path | None, en_json: bool
    ) -> None:
        """Look for messages lost, effects twice or without a saga, and sagas that nobody wakes; read only.

        Exit code 0 when nothing was found, 1 when something was, 2 when it could not be audited.
        """
        proceso = abrir()
        archivo = ArchivoJson(marca) if marca else SinArchivo()
        try:
            auditor = Auditor(
                proceso.c.libros(),
                proceso.c.atrasos(),
                archivo,
                timedelta(seconds=ventana),
                timedelta(seconds=reposo),
            )
            partes = _una_vez(auditor, espera)
        except (SQLAlchemyError, MarcaIlegible) as error:
            raise _SinAuditar(str(error)) from error
        _decir(partes, en_json)
        if auditor.indecisas:
            raise _SinAuditar(f"{auditor.indecisas} sospechas sin decidir: el broker no dice por dónde va")
        sys.exit(HALLAZGOS if any(p.hallazgos for p in partes) else LIMPIO)

    return auditar


class _SinAuditar(click.ClickException):
    exit_code = SIN_AUDITAR


def _una_vez(auditor: Auditor, espera: float) -> list[Parte]:
    """Go through all there is, and wait until each suspicion is decided."""
    partes: list[Parte] = []
    limite = time.monotonic() + espera
    while True:
        partes += auditor.una_ronda()
        hecho = auditor.al_dia and auditor.vueltas
        if hecho and (not auditor.indecisas or time.monotonic() > limite):
            return partes + auditor.cerrar()
        if hecho:
            time.sleep(CON_SOSPECHAS_S)


def _decir(partes: Sequence[Parte], en_json: bool) -> None:
    if en_json:
        imprimir([_objeto(p) for p in partes])
        return
    for parte in partes:
        click.echo(frase(parte))
        for h in parte.hallazgos:
            click.echo(f"  {h.clase} saga {h.saga_id or '–'} mensaje {h.mensaje}: {h.texto}")
            click.echo(f"    {h.repara}")


def frase(p: Parte) -> str:
    """Return the statement in one line."""
    c = p.cuentas
    return (
        f"{p.desde:%Y-%m-%d %H:%M:%S}–{p.visto:%H:%M:%S}: {p.sagas:,} SAGAs, {p.mensajes:,} mensajes,"
        f" {c['PERDIDO']} perdidos, {c['DUPLICADO']} duplicados, {c['HUERFANO']} huérfanos,"
        f" {c['ATASCADO']} atascados; {p.repetidos:,} llamadas repetidas"
    )


def _objeto(p: Parte) -> dict[str, Any]:
    return {
        "desde": p.desde.isoformat(),
        "hasta": p.visto.isoformat(),
        "sagas": p.sagas,
        "mensajes": p.mensajes,
        "repetidos": p.repetidos,
        **{clase.lower() + "s": n for clase, n in p.cuentas.items()},
        "hallazgos": [
            {
                "clase": h.clase,
                "saga_id": h.saga_id or None,
                "mensaje": h.mensaje,
                "texto": h.texto,
                "repara": h.repara,
            }
            for h in p.hallazgos
        ],
    }
