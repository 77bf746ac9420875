"""`aeropartners auditar`: runs the cotejo, once or without end, and prints its statements."""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola.peticiones import Fallo, imprimir
from aeropartners.arranque.http.servidores import PuertoOcupado
from aeropartners.arranque.proceso.cotejo_continuo import CON_SOSPECHAS_S, SIN_BASE, CotejoContinuo
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.aplicacion.texto_visible import visible
from aeropartners.seedwork.infraestructura.base.direcciones import sin_secretos
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.partes import Parte
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo
from saga_orchestrator.cotejo.infraestructura.archivo import ArchivoJson, MarcaIlegible, SinArchivo

LIMPIO, HALLAZGOS, SIN_COTEJAR = 0, 1, 2
_SEGUNDOS = click.FloatRange(1)


class SinCotejar(Fallo):
    """The cotejo could not be finished, so it is neither clean nor with findings (exit code 2)."""

    exit_code = SIN_COTEJAR


@click.command(
    help="""Buscar mensajes perdidos, efectos repetidos o sin SAGA y SAGAs que nadie despierta; solo lee.

El código de salida es 0 si no encontró nada, 1 si encontró algo y 2 si no pudo auditar."""
)
@click.option("--continuo", is_flag=True, help="Seguir, ventana tras ventana, hasta SIGTERM.")
@click.option("--ventana", type=_SEGUNDOS, default=60, show_default=True, help="Segundos de cada parte.")
@click.option("--reposo", type=_SEGUNDOS, default=10, show_default=True, help="Lo más joven no se juzga.")
@click.option("--espera", type=_SEGUNDOS, default=120, show_default=True, help="Para decidir sospechas.")
@click.option("--marca", type=click.Path(dir_okay=False, path_type=Path), help="Archivo por el que seguir.")
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
    """Search for lost and doubled effects, once or without end."""
    proceso = _abierto()
    c = proceso.c
    if continuo:
        marca = marca or proceso.config.datos / "auditoria.json"
    archivo = ArchivoJson(marca) if marca else SinArchivo()
    try:
        duraciones = timedelta(seconds=ventana), timedelta(seconds=reposo)
        cotejo = Cotejo(c.libros(), c.atrasos(), archivo, *duraciones)
        if desde_ahora:
            cotejo.empezar_ahora()
        if continuo:
            hallo = CotejoContinuo(cotejo, proceso, decir_en_json if en_json else decir).correr()
            sys.exit(HALLAZGOS if hallo else LIMPIO)
        partes = _una_vez(cotejo, espera)
    except (*SIN_BASE, MarcaIlegible, PuertoOcupado, OSError) as error:
        raise SinCotejar(str(error)) from error
    finally:
        c.atrasos().cerrar()
        c.motor().cerrar()
    _decir_todo(partes, en_json)
    _exigir_decididas(cotejo)
    sys.exit(HALLAZGOS if any(p.hallazgos for p in partes) else LIMPIO)


def _abierto() -> Proceso:
    """Return the process; a wrong configuration exits with 2, not with 1, which means findings."""
    try:
        return con_base()
    except click.ClickException as error:
        raise SinCotejar(error.message) from error


def _una_vez(cotejo: Cotejo, espera: float) -> list[Parte]:
    """Read all events and rows, and wait up to `espera` seconds until each suspicion is decided."""
    partes: list[Parte] = []
    limite = time.monotonic() + espera
    while True:
        partes += cotejo.una_ronda()
        hecho = cotejo.al_dia and cotejo.vueltas
        if hecho and (not cotejo.indecisas or time.monotonic() > limite):
            return partes + cotejo.cerrar()
        if hecho:
            time.sleep(CON_SOSPECHAS_S)


def _exigir_decididas(cotejo: Cotejo) -> None:
    if cotejo.indecisas:
        porque = "; ".join(f"{cuantas}: {razon}" for razon, cuantas in cotejo.esperas().items())
        raise SinCotejar(f"{cotejo.indecisas} sospechas sin decidir. {porque}")


# Printing


def _decir_todo(partes: Sequence[Parte], en_json: bool) -> None:
    if en_json:
        imprimir([de_parte(p) for p in partes])
        return
    for parte in partes:
        decir(parte)
        for hallazgo in parte.hallazgos:
            decir(hallazgo)


def decir(dicho: Parte | Hallazgo) -> None:
    """Print a statement or a finding for a person."""
    click.echo(lineas(dicho) if isinstance(dicho, Hallazgo) else frase(dicho))


def decir_en_json(dicho: Parte | Hallazgo) -> None:
    """Print a statement or a finding as one line of JSON."""
    objeto = {"hallazgo": de_hallazgo(dicho)} if isinstance(dicho, Hallazgo) else {"parte": de_parte(dicho)}
    imprimir(objeto, sangria=None)


def lineas(h: Hallazgo) -> str:
    """Return a finding and the command that repairs it, as text for a person."""
    que = visible(f"{h.clase} SAGA {h.saga_id or '–'} mensaje {h.mensaje}: {h.texto}")
    return f"  {que}\n    {sin_secretos(visible(h.repara))}"


def frase(p: Parte) -> str:
    """Return a statement as one line of text."""
    c = p.cuentas
    return (
        f"{p.desde:%Y-%m-%d %H:%M:%S}–{p.visto:%H:%M:%S}: {p.sagas:,} SAGAs, {p.mensajes:,} mensajes,"
        f" {c['PERDIDO']} perdidos, {c['DUPLICADO']} duplicados, {c['HUERFANO']} huérfanos,"
        f" {c['ATASCADO']} atascados; {p.repetidos:,} llamadas repetidas"
    )


def de_hallazgo(h: Hallazgo) -> dict[str, Any]:
    """Return a finding as a JSON object."""
    campos = {"mensaje": h.mensaje, "texto": h.texto, "repara": sin_secretos(h.repara)}
    return {"clase": str(h.clase), "saga_id": h.saga_id or None, **campos}


def de_parte(p: Parte) -> dict[str, Any]:
    """Return a statement as a JSON object."""
    return {
        "desde": p.desde.isoformat(),
        "hasta": p.visto.isoformat(),
        "sagas": p.sagas,
        "mensajes": p.mensajes,
        "repetidos": p.repetidos,
        **{f"{clase.lower()}s": n for clase, n in p.cuentas.items()},
        "hallazgos": [de_hallazgo(h) for h in p.hallazgos],
    }
