"""The stored idempotency keys: finds the answer that belongs to a caller's key."""

from collections.abc import Collection
from decimal import Decimal

import msgspec
from sqlalchemy import Connection

from aeropartners.seedwork.aplicacion.puertos import ClaveGuardada, ClaveIdempotencia, Contestacion
from aeropartners.seedwork.infraestructura.base.dialecto import SQL

# A repeated key gets exactly the first answer: money stays a number with its decimals.
_descifrar_cuerpo = msgspec.json.Decoder(float_hook=Decimal).decode


def guardadas(
    con: Connection, sql: SQL, claves: Collection[ClaveIdempotencia]
) -> dict[ClaveIdempotencia, ClaveGuardada]:
    """Return the stored fingerprint and answer of these keys, where they exist.

    A row without a caller was stored by an older release, or where callers need no key: it matches any
    caller. The caller's own row comes after it and replaces it.
    """
    pedidas = {(c.servicio, c.ruta, c.clave, c.cliente): c for c in claves}
    if not claves:
        return {}
    filas = sql.claves(con, [(*pedida, c.venida or c.ruta) for pedida, c in pedidas.items()])
    return {
        pedidas[s, r, c, de]: ClaveGuardada(huella, Contestacion(estado, _descifrar_cuerpo(cuerpo)))
        for s, r, c, de, huella, estado, cuerpo in filas
    }
