"""API keys in their table: create, list, revoke, rotate; only the hash of a key is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, Connection, Row, String, Table, insert, select, update

from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol

MARCA = "ap_"
NOMBRE_MAXIMO = 80

claves = Table(
    "claves",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("prefijo", String(20)),
    Column("huella", String(64)),
    Column("nombre", String(80)),
    Column("rol", String(20)),
    Column("creada", Momento),
    Column("caduca", Momento),
    Column("revocada", Momento),
)


@dataclass(frozen=True, slots=True)
class Clave:
    """A stored key without the secret: what a list shows."""

    prefijo: str
    nombre: str
    rol: Rol
    creada: datetime
    caduca: datetime | None
    revocada: datetime | None

    def vale(self, ahora: datetime) -> bool:
        """Whether the key is accepted now: neither revoked nor expired."""
        return self.revocada is None and (self.caduca is None or ahora < self.caduca)


class NombreInvalido(ValueError):
    """The name does not fit on one line of the audit, of a log or of a screen."""


class ClaveDesconocida(Exception):
    """No valid key has this prefix."""


def huella(clave: str) -> str:
    """Return the hash of a key. A fast hash is enough: a key has 256 random bits."""
    return hashlib.sha256(clave.encode()).hexdigest()


def crear(con: Connection, id: UUID, nombre: str, rol: Rol, ahora: datetime, caduca: datetime | None) -> str:
    """Store a new key and return it, the only time that it can be read; raises NombreInvalido."""
    if not (nombre.strip() and len(nombre) <= NOMBRE_MAXIMO and nombre.isprintable()):
        raise NombreInvalido(f"El nombre debe tener de 1 a {NOMBRE_MAXIMO} caracteres, y ninguno de control")
    prefijo = MARCA + secrets.token_hex(4)
    clave = f"{prefijo}_{secrets.token_urlsafe(32)}"
    fila = {"id": id, "prefijo": prefijo, "huella": huella(clave), "nombre": nombre, "rol": str(rol)}
    con.execute(insert(claves).values(**fila, creada=ahora, caduca=caduca))
    return clave


def buscar(con: Connection, suya: str) -> Clave | None:
    """Return the key with this hash, also if it is revoked or expired; None if there is none."""
    fila = con.execute(select(claves).where(claves.c.huella == suya)).first()
    return _de_fila(fila) if fila else None


def lista(con: Connection) -> list[Clave]:
    """Return all keys, oldest first, the revoked ones included."""
    return [_de_fila(f) for f in con.execute(select(claves).order_by(claves.c.creada, claves.c.id))]


def revocar(con: Connection, prefijo: str, ahora: datetime) -> Clave:
    """Revoke the valid key with this prefix and return it; raises ClaveDesconocida."""
    clave = _viva(con, prefijo, ahora)
    con.execute(update(claves).where(claves.c.prefijo == prefijo).values(revocada=ahora))
    return clave


def rotar(con: Connection, id: UUID, prefijo: str, ahora: datetime, gracia: timedelta) -> tuple[str, Clave]:
    """Return a new key of the same name and role, and the old one, which is valid for `gracia` more.

    Raises ClaveDesconocida.
    """
    vieja = _viva(con, prefijo, ahora)
    hasta = min(ahora + gracia, vieja.caduca or ahora + gracia)
    con.execute(update(claves).where(claves.c.prefijo == prefijo).values(caduca=hasta))
    return crear(con, id, vieja.nombre, vieja.rol, ahora, None), vieja


def _viva(con: Connection, prefijo: str, ahora: datetime) -> Clave:
    fila = con.execute(select(claves).where(claves.c.prefijo == prefijo)).first()
    clave = _de_fila(fila) if fila else None
    if clave is None or not clave.vale(ahora):
        raise ClaveDesconocida(
            f"No hay una clave viva con el prefijo {prefijo}: vea `aeropartners claves lista`"
        )
    return clave


def _de_fila(f: Row[tuple[object, ...]]) -> Clave:
    # An older release did not check the characters of names.
    nombre = "".join(c if c.isprintable() else "\ufffd" for c in f.nombre)
    return Clave(f.prefijo, nombre, Rol(f.rol), f.creada, f.caduca, f.revocada)
