"""`aeropartners claves`: API keys, made, listed, revoked and rotated by whoever administers the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Connection

from aeropartners.arranque import pantallas
from aeropartners.arranque.anotar import anotar_en
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.operador import en_json
from aeropartners.arranque.peticiones import Fallo, imprimir
from aeropartners.arranque.procesos import Proceso
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.seguridad import claves
from aeropartners.seedwork.infraestructura.web.permisos import Rol

una_clave = click.argument("prefijo")


@dataclass(frozen=True)
class Mesa:
    """A transaction of the administrator's, its time, and what makes ids."""

    con: Connection
    c: Contenedor

    @property
    def ahora(self) -> datetime:
        """The present moment."""
        return self.c.reloj().ahora()

    def nuevo_id(self) -> UUID:
        """Return a fresh id."""
        return self.c.ids().nuevo()

    def anotar(self, operacion: str, recurso: str, **detalle: Any) -> None:
        """Audit the order, in its own transaction."""
        anotar_en(self.con, self.c, operacion, recurso, **detalle)


def grupo(abrir: Callable[[], Proceso]) -> click.Group:
    """Return the group; `abrir` gives the process that it works in."""
    ordenes = click.Group("claves", help="API keys: made, listed, revoked, rotated. Each is shown once.")

    @contextmanager
    def mesa() -> Iterator[Mesa]:
        c = abrir().c
        if not migraciones.al_dia(c.motor_admin()):
            raise Fallo("La base de datos no está al día: ejecute `aeropartners migrar`")
        with c.motor_admin().escritura() as con:
            yield Mesa(con, c)
            con.commit()

    _de_una(ordenes, mesa)

    @ordenes.command()
    @click.option("--nombre", required=True, help="De quién es; así la nombra la auditoría.")
    @click.option("--rol", required=True, type=click.Choice([str(r) for r in Rol]))
    @click.option("--dias", type=click.IntRange(1), help="Caduca tras estos días; si no, nunca.")
    @en_json
    def crear(nombre: str, rol: str, dias: int | None, en_json: bool) -> None:
        """Make a key and show it, this once."""
        with mesa() as m, _conocida():
            caduca = m.ahora + timedelta(days=dias) if dias else None
            clave = claves.crear(m.con, m.nuevo_id(), nombre, Rol(rol), m.ahora, caduca)
            m.anotar("claves.crear", f"claves/{_prefijo(clave)}", nombre=nombre, rol=rol)
        _mostrar(clave, en_json, abrir().config.exige_clave)

    @ordenes.command()
    @en_json
    def lista(en_json: bool) -> None:
        """List all keys, the revoked ones too."""
        with mesa() as m:
            halladas = [(c, _estado(c, m.ahora)) for c in claves.lista(m.con)]
        if en_json:
            imprimir([_fila(c, estado) for c, estado in halladas])
            return
        filas = [
            (c.prefijo, c.nombre, c.rol, _dia(c.creada), _dia(c.caduca), estado) for c, estado in halladas
        ]
        columnas = ("prefijo", "nombre", "rol", "creada", "caduca", "estado")
        pantallas.tabla(pantallas.consola(), f"Claves: {len(filas)}", columnas, filas)

    return ordenes


def _de_una(ordenes: click.Group, mesa: Callable[[], Any]) -> None:
    @ordenes.command()
    @una_clave
    @en_json
    def revocar(prefijo: str, en_json: bool) -> None:
        """Have the key with this prefix let nobody in, within 5 s."""
        with mesa() as m, _conocida():
            claves.revocar(m.con, prefijo, m.ahora)
            m.anotar("claves.revocar", f"claves/{prefijo}")
        if en_json:
            imprimir({"prefijo": prefijo, "estado": "revocada"})
        else:
            click.echo(f"{prefijo}: revocada")

    @ordenes.command()
    @una_clave
    @click.option("--gracia-horas", default=24, show_default=True, type=click.IntRange(0))
    @en_json
    def rotar(prefijo: str, gracia_horas: int, en_json: bool) -> None:
        """Make a key of the same name and role, and let the old one end after the grace."""
        with mesa() as m, _conocida():
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
