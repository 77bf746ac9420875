"""The statements of one transaction on SQLite; each runs when it is called, without a round trip."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.tablas import salida
from aeropartners.seedwork.infraestructura.base.tipos import ESCALA, texto_utc


class Tanda:
    """See `dialecto.Tanda`."""

    def __init__(self, conexion: Connection) -> None:
        self._conexion = conexion

    def __enter__(self) -> "Tanda":
        return self

    def __exit__(
        self, _tipo: type[BaseException] | None, _error: BaseException | None, _traza: TracebackType | None
    ) -> None:
        """Do nothing: all statements have run."""

    def actualizar(self, tabla: Table, claves: Sequence[str], filas: Sequence[Fila]) -> None:
        if not filas:
            return
        pares = [(c.split("=") * 2)[:2] for c in claves]
        buscadas = {fuente for _, fuente in pares}
        puestas = [c for c in filas[0] if c in tabla.c and c not in buscadas]
        asignar = ", ".join(f"{c} = ?" for c in puestas)
        donde = " AND ".join(f"{c} = ?" for c, _ in pares)
        orden = [*puestas, *(fuente for _, fuente in pares)]
        hechas = self._conexion.exec_driver_sql(
            f"UPDATE {tabla.name} SET {asignar} WHERE {donde}",
            [tuple(_celda(f[c]) for c in orden) for f in filas],
        ).rowcount
        if hechas != len(filas):
            raise Conflicto(f"{tabla.name}: {len(filas) - hechas} filas cambiaron de versión")

    def anexar(self, tabla: Table, filas: Sequence[Fila]) -> None:
        if filas:
            self._insertar(tabla, list(filas[0]), filas)

    def borrar(self, tabla: Table, filas: Sequence[Fila]) -> None:
        if filas:
            donde = " AND ".join(f"{c} = ?" for c in filas[0])
            self._conexion.exec_driver_sql(
                f"DELETE FROM {tabla.name} WHERE {donde}",
                [tuple(_celda(v) for v in f.values()) for f in filas],
            )

    def sumar(self, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila]) -> None:
        if filas:
            colision = f" ON CONFLICT ({', '.join(claves)}) DO UPDATE SET {suma} = {suma} + EXCLUDED.{suma}"
            self._insertar(tabla, [*claves, suma], filas, colision)

    def guardar_rafaga(self, rafaga_id: UUID, creado: datetime, cuerpo: bytes) -> None:
        self.anexar(salida, [{"lote": rafaga_id, "creado": creado, "cuerpo": cuerpo}])

    def _insertar(
        self, tabla: Table, columnas: Sequence[str], filas: Sequence[Fila], colision: str = ""
    ) -> None:
        self._conexion.exec_driver_sql(
            f"INSERT INTO {tabla.name} ({', '.join(columnas)})"
            f" VALUES ({', '.join('?' * len(columnas))}){colision}",
            [tuple(_celda(f[c]) for c in columnas) for f in filas],
        )


def _celda(valor: object) -> object:
    match valor:
        case msgspec.Raw():
            return bytes(valor).decode()
        case None | bool() | int() | str() | bytes():
            return valor
        case UUID():
            return str(valor)
        case datetime():
            return texto_utc(valor)
        case Decimal():
            return int(valor * ESCALA)
        case _:
            return codificar(valor).decode()
