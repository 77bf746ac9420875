"""`aeropartners auditar`: nothing lost, nothing twice, said beside the running system or afterwards."""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import click

from aeropartners.arranque.cotejo_continuo import (
    CON_SOSPECHAS_S,
    HALLAZGOS,
    LIMPIO,
    SIN_BASE,
    SIN_COTEJAR,
    CotejoContinuo,
)
from aeropartners.arranque.dichos_cotejo import de_parte, frase, lineas
from aeropartners.arranque.operador import en_json
from aeropartners.arranque.peticiones import Fallo, imprimir
from aeropartners.arranque.procesos import Proceso
from aeropartners.arranque.servidores import PuertoOcupado
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.parte import Parte
from saga_orchestrator.cotejo.infraestructura.archivo import ArchivoJson, MarcaIlegible, SinArchivo

_SEGUNDOS = click.FloatRange(1)


def comando(abrir: Callable[[], Proceso]) -> click.Command:
    """Return the command; `abrir` gives the process that it works in."""

    @click.command("auditar")
    @click.option("--continuo", is_flag=True, help="Seguir, ventana tras ventana, hasta SIGTERM.")
    @click.option("--ventana", type=_SEGUNDOS, default=60, show_default=True, help="Segundos de cada parte.")
    @click.option("--reposo", type=_SEGUNDOS, default=10, show_default=True, help="Lo más joven no se juzga.")
    @click.option("--espera", type=_SEGUNDOS, default=120, show_default=True, help="Para decidir sospechas.")
    @click.option(
        "--marca", type=click.Path(dir_okay=False, path_type=Path), help="Archivo por el que seguir."
    )
    @click.option("--desde-ahora", is_flag=True, help="Sin marca, no leer lo anterior.")
    @en_json
    def auditar(
        continuo: bool,
        ventana: float,
        reposo: float,
        espera: float,
        marca: Path | None,
        desde_ahora: bool,
        en_json: bool,
    ) -> None:
        """Look for messages lost, effects twice or without a saga, and sagas that nobody wakes; read only.

        Exit code 0 when nothing was found, 1 when something was, 2 when it could not be audited.
        """
        proceso = _abierto(abrir)
        c, config = proceso.c, proceso.config
        if continuo:
            marca = marca or config.datos / "auditoria.json"
        archivo = ArchivoJson(marca) if marca else SinArchivo()
        try:
            duraciones = timedelta(seconds=ventana), timedelta(seconds=reposo)
            auditor = Cotejo(c.libros(), c.atrasos(), archivo, *duraciones)
            if desde_ahora:
                auditor.empezar_ahora()
            if continuo:
                sys.exit(CotejoContinuo(auditor, proceso, en_json).correr())
            partes = _una_vez(auditor, espera)
        except (*SIN_BASE, MarcaIlegible, PuertoOcupado, OSError) as error:
            raise SinCotejar(str(error)) from error
        finally:
            c.atrasos().cerrar()
            c.motor().cerrar()
        _decir(partes, en_json)
        _exigir_decididas(auditor)
        sys.exit(HALLAZGOS if any(p.hallazgos for p in partes) else LIMPIO)

    return auditar


class SinCotejar(Fallo):
    """Neither clean nor not: a part of the evidence could not be read."""

    exit_code = SIN_COTEJAR


def _abierto(abrir: Callable[[], Proceso]) -> Proceso:
    """A wrong configuration is no finding."""
    try:
        return abrir()
    except click.ClickException as error:
        raise SinCotejar(error.message) from error


def _una_vez(auditor: Cotejo, espera: float) -> list[Parte]:
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


def _exigir_decididas(auditor: Cotejo) -> None:
    if auditor.indecisas:
        porque = "; ".join(f"{cuantas}: {razon}" for razon, cuantas in auditor.esperas().items())
        raise SinCotejar(f"{auditor.indecisas} sospechas sin decidir. {porque}")


def _decir(partes: Sequence[Parte], en_json: bool) -> None:
    if en_json:
        imprimir([de_parte(p) for p in partes])
        return
    for parte in partes:
        click.echo(frase(parte))
        for h in parte.hallazgos:
            click.echo(lineas(h))
