"""The idempotency keys as they are stored: which answer belongs to which caller's key."""

from collections.abc import Collection
from decimal import Decimal

import msgspec
from sqlalchemy import Connection

from aeropartners.seedwork.aplicacion.puertos import ClaveGuardada, ClaveIdempotencia, Contestacion
from aeropartners.seedwork.infraestructura.base.dialecto import SQL

# A repeated key is answered to the letter: money stays a number, with its decimals.
_descifrar_cuerpo = msgspec.json.Decoder(float_hook=Decimal).decode


def guardadas(
    con: Connection, sql: SQL, claves: Collection[ClaveIdempotencia]
) -> dict[ClaveIdempotencia, ClaveGuardada]:
    """Return what is stored for these keys.

    A row without a caller was stored without keys, or by a release that kept none: it is anybody's. A
    caller's own comes after it, and counts.
    """
    pedidas = {(c.servicio, c.ruta, c.clave, c.cliente): c for c in claves}
    if not claves:
        return {}
    filas = sql.claves(con, [(*pedida, c.venida or c.ruta) for pedida, c in pedidas.items()])
    return {
        pedidas[s, r, c, de]: ClaveGuardada(huella, Contestacion(estado, _descifrar_cuerpo(cuerpo)))
        for s, r, c, de, huella, estado, cuerpo in filas
    }
