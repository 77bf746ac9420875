"""The writes of one transaction: the same rows whichever way they travel, guarded, and after a failure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, Text, select
from uuid_utils.compat import uuid7

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.almacen.bandejas import salida
from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Fila
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tanda_postgres import MUCHAS, RAFAGA_GRANDE
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

cosas = Table(
    "cosas",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("version", Integer),
    Column("texto", Text),
    Column("corto", String(80)),
    Column("monto", Monto),
    Column("momento", Momento),
    Column("documento", JSON),
)
TEXTOS = [
    "",
    "a\tb\nc\rd",
    "\\N",
    "\\.",
    "C:\\dir\\",
    "'; DROP TABLE cosas; --",
    '"{}"',
    "%s %(x)s $1",
    "ñ 🚀 \x7f",
]


def _fila(numero: int, **otra: object) -> Fila:
    texto = TEXTOS[numero % len(TEXTOS)]
    momento = datetime(2025, 1, 31, 23, 59, 59, 999_999, UTC) + timedelta(days=numero)
    return {
        "id": uuid7(),
        "version": numero,
        "texto": None if numero % 5 == 4 else texto,
        "corto": texto,
        "monto": Decimal("-12345678901234.5678") if numero % 2 else Decimal("0.0001"),
        "momento": momento,
        "documento": None if numero % 7 == 6 else msgspec.Raw(msgspec.json.encode({"t": texto, "n": numero})),
        **otra,
    }


@pytest.fixture
def sql(motor: Motor) -> SQL:
    """A table of every type that rows have."""
    with motor.escritura() as con:
        cosas.create(con)
        con.commit()
    return dialecto_de(motor)


def _guardadas(motor: Motor) -> list[Fila]:
    with motor.lectura() as con:
        return [dict(f._mapping) for f in con.execute(select(cosas).order_by(cosas.c.id))]


def _leidas(filas: list[Fila]) -> list[Fila]:
    documentos = ({"documento": f["documento"] and msgspec.json.decode(f["documento"])} for f in filas)
    return [f | d for f, d in zip(filas, documentos, strict=True)]


@pytest.mark.parametrize("cuantas", [1, MUCHAS - 1, MUCHAS, 3 * MUCHAS])
def test_pocas_o_muchas_son_las_mismas_filas(motor: Motor, sql: SQL, cuantas: int) -> None:
    """By document or by COPY: texts that either would misread, exact money, instants, JSON and nulls."""
    filas = [_fila(n) for n in range(cuantas)]
    with motor.escritura() as con:
        with sql.tanda(con) as tanda:
            tanda.anexar(cosas, filas)
        con.commit()
    assert _guardadas(motor) == _leidas(filas)


def test_en_el_orden_en_que_se_nombran(motor: Motor, sql: SQL) -> None:
    """What is appended can be updated, added to and deleted by the writes that follow, few or many."""
    uno, otro, *muchas = [_fila(n, monto=Decimal(1)) for n in range(MUCHAS + 2)]
    with motor.escritura() as con:
        with sql.tanda(con) as tanda:
            tanda.anexar(cosas, [uno])
            tanda.actualizar(cosas, ("id", "version=previa"), [{**uno, "version": 7, "previa": 0}])
            tanda.anexar(cosas, [muchas[0]])
            tanda.borrar(cosas, [{"id": muchas[0]["id"]}])
            tanda.anexar(cosas, muchas)  # by COPY, which must not overtake the deletion
            tanda.borrar(cosas, [{"id": f["id"]} for f in muchas])
            tanda.sumar(
                cosas,
                ("id",),
                "monto",
                [uno | {"monto": Decimal("2.5")}, {"id": otro["id"], "monto": Decimal(4)}],
            )
        con.commit()
    assert [(f["id"], f["version"], f["monto"]) for f in _guardadas(motor)] == [
        (uno["id"], 7, Decimal("3.5")),
        (otro["id"], None, Decimal(4)),
    ]


def test_una_fila_de_otra_version_es_un_conflicto(motor: Motor, sql: SQL) -> None:
    """One row of three has moved on: nothing of the transaction stays, and the connection can go on."""
    filas = [_fila(n) for n in range(3)]
    with motor.escritura() as con:
        with sql.tanda(con) as tanda:
            tanda.anexar(cosas, filas)
        con.commit()

    def cambiar(previas: list[int]) -> None:
        with motor.escritura() as con:
            with sql.tanda(con) as tanda:
                cambios = [
                    {"id": f["id"], "version": 50, "previa": p} for f, p in zip(filas, previas, strict=True)
                ]
                tanda.actualizar(cosas, ("id", "version=previa"), cambios)
            con.commit()

    with pytest.raises(Conflicto):
        cambiar([0, 1, 99])
    assert [f["version"] for f in _guardadas(motor)] == [0, 1, 2]
    cambiar([0, 1, 2])
    assert [f["version"] for f in _guardadas(motor)] == [50, 50, 50]


def test_lo_que_falla_dentro_no_escribe_nada(motor: Motor, sql: SQL) -> None:
    """An exception while writes are being named sends none of them."""

    def nombrar_y_caer() -> None:
        with motor.escritura() as con, sql.tanda(con) as tanda:
            tanda.anexar(cosas, [_fila(0)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nombrar_y_caer()
    assert _guardadas(motor) == []


@pytest.mark.parametrize("largo", [0, 1, RAFAGA_GRANDE - 1, RAFAGA_GRANDE, 5 * RAFAGA_GRANDE])
def test_una_rafaga_se_guarda_entera(motor: Motor, sql: SQL, largo: int) -> None:
    """Every byte there is, in a small burst and in a large one."""
    lote, momento = uuid4(), datetime(2026, 11, 21, 12, 0, 0, 123_456, UTC)
    cuerpo = (bytes(range(256)) * (largo // 256 + 1))[:largo]
    with motor.escritura() as con:
        with sql.tanda(con) as tanda:
            tanda.guardar_rafaga(lote, momento, cuerpo)
        con.commit()
    with motor.lectura() as con:
        guardada = con.execute(select(salida.c.lote, salida.c.creado, salida.c.cuerpo)).one()
    assert (guardada.lote, guardada.creado, bytes(guardada.cuerpo)) == (lote, momento, cuerpo)
