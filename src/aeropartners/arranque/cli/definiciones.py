"""`aeropartners definiciones`: versions of definitions, the processes that know them, which may begin."""

from collections.abc import Sequence
from typing import Any

import click

from aeropartners.arranque.cli.auditoria_de_mandos import anotar_en
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.peticiones import Fallo, imprimir
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.censo import VersionPendiente, Vivo, en_palabras
from aeropartners.seedwork.infraestructura import migraciones
from saga_orchestrator.infraestructura.mantenimiento.definiciones import Version

Objeto = dict[str, Any]
Par = tuple[str, int] | None
PAR = "TIPO VERSION"


@click.command(
    help="""Listar las versiones de las SAGAs: las abiertas, quién las conoce y si se empieza con ellas.

Una versión nueva empieza por sí sola en cuanto la conocen todos los orquestadores vivos."""
)
@click.option("--permitir", type=(str, int), metavar=PAR, help="Que nuevas SAGAs empiecen con ella.")
@click.option("--retirar", type=(str, int), metavar=PAR, help="Que dejen de hacerlo por permiso.")
@click.option("--motivo", help="Por qué; queda en la auditoría.")
@en_json
def definiciones(permitir: Par, retirar: Par, motivo: str | None, en_json: bool) -> None:
    """Allow or forbid a version if asked, and list all versions."""
    proceso = con_base()
    if reparo := migraciones.mirar(proceso.c.motor()).reparo:
        raise Fallo(reparo)
    for par, permitida in ((permitir, True), (retirar, False)):
        if par:
            _permitir(proceso, par, permitida, motivo)
    vivos, faltas = proceso.c.padron().vivos(), proceso.c.padron().faltas()
    versiones = [_version(v, vivos) for v in proceso.c.definiciones().todas()]
    if en_json:
        procesos = [_proceso(v) for v in vivos]
        esperan = [_falta(f, vivos) for f in faltas]
        imprimir({"definiciones": versiones, "procesos": procesos, "esperan": esperan})
    else:
        _mostrar(versiones, vivos, [_falta(f, vivos) for f in faltas])


def _permitir(proceso: Proceso, par: tuple[str, int], permitida: bool, motivo: str | None) -> None:
    if not motivo:
        raise click.UsageError("Diga por qué con --motivo: queda en la auditoría")
    tipo, version = par
    with proceso.c.motor_admin().escritura() as con:
        if not proceso.c.definiciones().permitir(con, tipo, version, permitida):
            raise Fallo(f"{en_palabras(tipo, version)}: ningún orquestador la ha registrado")
        orden = "permitir" if permitida else "retirar"
        recurso = f"definiciones/{tipo}/{version}"
        anotar_en(con, proceso.c, f"definiciones.{orden}", recurso, motivo=motivo)
        con.commit()


def _version(v: Version, vivos: Sequence[Vivo]) -> Objeto:
    orquestadores = [p for p in vivos if SUSCRIPCION in p.conoce]
    nombre = en_palabras(v.tipo, v.version)
    la_conocen = [p for p in orquestadores if nombre in p.conoce[SUSCRIPCION]]
    todos = bool(orquestadores) and len(la_conocen) == len(orquestadores)
    return {
        "tipo": v.tipo,
        "version": v.version,
        "abiertas": v.abiertas,
        "registrada": v.registrada.isoformat() if v.registrada else None,
        "la_conocen": [str(p.id) for p in la_conocen],
        "orquestadores": len(orquestadores),
        "permitida": v.permitida,
        "abierta": todos or v.permitida,
    }


def _proceso(v: Vivo) -> Objeto:
    return {
        "id": str(v.id),
        "servicio": v.servicio,
        "version": v.version,
        "conoce": v.conoce,
        "desfase_s": v.desfase_s,
        "situacion": v.situacion,
        "visto": v.visto.isoformat() if v.visto else None,
    }


def _falta(f: VersionPendiente, vivos: Sequence[Vivo]) -> Objeto:
    alguien = any(f.nombre in v.conoce.get(f.consumidor, ()) for v in vivos)
    campos = {"consumidor": f.consumidor, "que": f.que, "version": f.version, "cuantos": f.cuantos}
    return {**campos, "alguien_la_conoce": alguien}


def _mostrar(versiones: Sequence[Objeto], vivos: Sequence[Vivo], faltas: Sequence[Objeto]) -> None:
    consola = pantallas.consola()
    filas = [(v["tipo"], v["version"], v["abiertas"], _conocen(v), _empieza(v)) for v in versiones]
    if not filas:
        consola.print("Ninguna definición registrada: lo hace un orquestador al empezar")
    columnas = ("tipo", "versión", "SAGAs abiertas", "la conocen", "puede empezar")
    pantallas.tabla(consola, f"Definiciones: {len(filas)}", columnas, filas)
    vistos = [(p.id, p.servicio, p.version, f"{p.desfase_s:+.3f} s", p.situacion or "") for p in vivos]
    if not vistos:
        consola.print("Ningún proceso vivo")
    columnas = ("proceso", "servicio", "versión", "reloj", "respuestas")
    pantallas.tabla(consola, f"Procesos vivos: {len(vistos)}", columnas, vistos)
    for f in faltas:
        quien = "hay quien la conozca" if f["alguien_la_conoce"] else "nadie vivo la conoce"
        nombre = en_palabras(f["que"], f["version"])
        consola.print(pantallas.texto(f"{f['consumidor']}: {f['cuantos']} esperan a {nombre}; {quien}"))


def _conocen(version: Objeto) -> str:
    return f"{len(version['la_conocen'])} de {version['orquestadores']}"


def _empieza(version: Objeto) -> str:
    return "por permiso" if version["permitida"] else "sí" if version["abierta"] else "no"
