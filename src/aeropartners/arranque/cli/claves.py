"""`aeropartners claves`: API keys, created, listed, revoked and rotated in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Connection

from aeropartners.arranque.cli.auditoria_de_mandos import anotar_en
from aeropartners.arranque.cli.operador import en_json
from aeropartners.arranque.cli.proceso_de_mando import con_base
from aeropartners.arranque.consola import pantallas
from aeropartners.arranque.consola.peticiones import Fallo, imprimir
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.seguridad import claves
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol

una_clave = click.argument("prefijo")


grupo = click.Group(
    "claves", help="Crear, listar, revocar y rotar claves de API. Cada una se muestra una vez."
)


@dataclass(frozen=True)
class Mesa:
    """An open transaction of the administrator, with the clock and the ids of its process."""

    con: Connection
    proceso: Proceso

    @property
    def ahora(self) -> datetime:
        """The present moment."""
        return self.proceso.c.reloj().ahora()

    def nuevo_id(self) -> UUID:
        """Return a fresh id."""
        return self.proceso.c.ids().nuevo()

    def anotar(self, operacion: str, recurso: str, **detalle: Any) -> None:
        """Audit the order in its own transaction."""
        anotar_en(self.con, self.proceso.c, operacion, recurso, **detalle)


@contextmanager
def _mesa() -> Iterator[Mesa]:
    proceso = con_base()
    if not migraciones.al_dia(proceso.c.motor_admin()):
        raise Fallo("La base de datos no está al día: ejecute `aeropartners migrar`")
    with proceso.c.motor_admin().escritura() as con:
        yield Mesa(con, proceso)
        con.commit()


@grupo.command(help="Crear una clave y mostrarla, esta vez y ninguna más.")
@click.option("--nombre", required=True, help="De quién es; así la nombra la auditoría.")
@click.option("--rol", required=True, type=click.Choice([str(r) for r in Rol]), help="Qué puede hacer.")
@click.option("--dias", type=click.IntRange(1), help="Caduca tras estos días; si no, nunca.")
@en_json
def crear(nombre: str, rol: str, dias: int | None, en_json: bool) -> None:
    """Make a key."""
    with _mesa() as m, _conocida():
        caduca = m.ahora + timedelta(days=dias) if dias else None
        clave = claves.crear(m.con, m.nuevo_id(), nombre, Rol(rol), m.ahora, caduca)
        m.anotar("claves.crear", f"claves/{_prefijo(clave)}", nombre=nombre, rol=rol)
    _mostrar(clave, en_json, m.proceso.config.exige_clave)


@grupo.command(help="Listar todas las claves, también las revocadas.")
@en_json
def lista(en_json: bool) -> None:
    """List all keys."""
    with _mesa() as m:
        halladas = [(c, _estado(c, m.ahora)) for c in claves.lista(m.con)]
    if en_json:
        imprimir([_fila(c, estado) for c, estado in halladas])
        return
    if not halladas:
        click.echo("Ninguna clave: `aeropartners claves crear` hace la primera")
    filas = [(c.prefijo, c.nombre, c.rol, _dia(c.creada), _dia(c.caduca), estado) for c, estado in halladas]
    columnas = ("prefijo", "nombre", "rol", "creada", "caduca", "estado")
    pantallas.tabla(pantallas.consola(), f"Claves: {len(filas)}", columnas, filas)


@grupo.command(help="Hacer que la clave de este prefijo no deje entrar a nadie, antes de 5 s.")
@una_clave
@en_json
def revocar(prefijo: str, en_json: bool) -> None:
    """Revoke a key."""
    with _mesa() as m, _conocida():
        claves.revocar(m.con, prefijo, m.ahora)
        m.anotar("claves.revocar", f"claves/{prefijo}")
    if en_json:
        imprimir({"prefijo": prefijo, "estado": "revocada"})
    else:
        click.echo(f"{prefijo}: revocada")


@grupo.command(help="Hacer una clave del mismo nombre y rol, y dejar que la vieja termine tras la gracia.")
@una_clave
@click.option(
    "--gracia-horas", default=24, show_default=True, type=click.IntRange(0), help="Lo que vale aún la vieja."
)
@en_json
def rotar(prefijo: str, gracia_horas: int, en_json: bool) -> None:
    """Rotate a key."""
    with _mesa() as m, _conocida():
        gracia = timedelta(hours=gracia_horas)
        clave, _vieja = claves.rotar(m.con, m.nuevo_id(), prefijo, m.ahora, gracia)
        m.anotar("claves.rotar", f"claves/{prefijo}", nueva=_prefijo(clave), gracia_horas=gracia_horas)
    _mostrar(clave, en_json, exige=True)


@contextmanager
def _conocida() -> Iterator[None]:
    try:
        yield
    except (claves.ClaveDesconocida, claves.NombreInvalido) as error:
        raise Fallo(str(error)) from error


def _mostrar(clave: str, en_json: bool, exige: bool) -> None:
    if en_json:
        imprimir({"clave": clave, "prefijo": _prefijo(clave)})
        return
    click.echo(clave)
    click.echo("Guárdela: no se vuelve a mostrar.", err=True)
    if not exige:
        click.echo("Esta configuración no exige claves: ponga EXIGIR_CLAVE=1 en cada proceso.", err=True)


def _prefijo(clave: str) -> str:
    return "_".join(clave.split("_")[:2])


def _estado(c: claves.Clave, ahora: datetime) -> str:
    if c.revocada:
        return "revocada"
    return "viva" if c.vale(ahora) else "caducada"


def _fila(c: claves.Clave, estado: str) -> dict[str, Any]:
    momentos = {n: getattr(c, n) for n in ("creada", "caduca", "revocada")}
    dichos = {n: m.isoformat() if m else None for n, m in momentos.items()}
    return {"prefijo": c.prefijo, "nombre": c.nombre, "rol": str(c.rol), **dichos, "estado": estado}


def _dia(momento: datetime | None) -> str:
    return f"{momento:%Y-%m-%d %H:%M}" if momento else ""
