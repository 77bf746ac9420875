"""What a database says, in the machine's words; a session whose server takes no writes is thrown away."""

import gc
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConexionPerdida, Conflicto
from aeropartners.seedwork.infraestructura.base import tablas
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.errores_de_base import RechazoDeLaBase
from aeropartners.seedwork.infraestructura.base.motor import Motor

DE_POSTGRES = pytest.mark.parametrize(
    "motor", [pytest.param("postgresql", marks=pytest.mark.servicios)], indirect=True
)
DE_SQLITE = pytest.mark.parametrize("motor", ["sqlite"], indirect=True)
# What each SQLSTATE means to a loop; only what is about the server costs the session.
SIGNIFICADOS = {
    "25006": ConexionPerdida,  # read-only: it was demoted
    "25P03": ConexionPerdida,  # it stood idle in a transaction
    "08006": ConexionPerdida,
    "53100": ConexionPerdida,  # disk full
    "53200": ConexionPerdida,  # out of memory
    "53300": ConexionPerdida,  # too many connections
    "57P01": ConexionPerdida,  # shut down
    "57P03": ConexionPerdida,  # starting up
    "58030": ConexionPerdida,  # I/O
    "57014": Bloqueado,  # statement timeout
    "55P03": Bloqueado,  # lock timeout
    "40001": Conflicto,
    "40P01": Conflicto,
    "23505": Conflicto,
    "23514": RechazoDeLaBase,
    "22P05": RechazoDeLaBase,
    "XX000": RechazoDeLaBase,
}


def _anotar(motor: Motor, nombre: str) -> None:
    with motor.escritura() as con:
        con.execute(text("INSERT INTO turnos VALUES (:nombre, true)"), {"nombre": nombre})
        con.commit()


def _anotados(motor: Motor) -> list[str]:
    with motor.lectura() as con:
        return [n for (n,) in con.execute(text("SELECT consumidor FROM turnos ORDER BY consumidor"))]


def _lanzar(motor: Motor, orden: str) -> None:
    with motor.escritura() as con:
        con.exec_driver_sql(orden)


def _sesion(motor: Motor) -> Any:
    with motor.escritura() as con:
        return con.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


@DE_POSTGRES
@pytest.mark.parametrize("codigo", SIGNIFICADOS)
def test_cada_codigo_tiene_su_sentido(motor: Motor, codigo: str) -> None:
    """By SQLSTATE, through SQLAlchemy; a session is kept exactly when its server is well."""
    antes, clase = _sesion(motor), SIGNIFICADOS[codigo]
    dicho = f"DO $$BEGIN RAISE EXCEPTION 'dicho' USING ERRCODE = '{codigo}', DETAIL = 'secreto'; END$$"
    with pytest.raises(clase) as caida:
        _lanzar(motor, dicho)
    assert type(caida.value) is clase
    assert "dicho" in str(caida.value)
    assert not {"secreto", "RAISE", "DO"} & set(str(caida.value).replace(":", " ").split())
    assert (_sesion(motor) == antes) is (clase is not ConexionPerdida)


@DE_POSTGRES
def test_una_base_degradada_no_se_conserva(motor: Motor) -> None:
    """Old sessions are read-only and a new one writes: one failure, also by the driver's own cursor."""
    degradar = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

    def degradadas(conexion: Any, _registro: Any) -> None:
        cursor = conexion.cursor()
        cursor.execute(degradar)
        cursor.close()
        conexion.commit()

    for pool in (motor._escritura, motor._lectura):
        event.listen(pool, "connect", degradadas)
    motor.cerrar()
    with motor.escritura(), motor.escritura(), motor.lectura():
        """Three sessions of the server before its demotion."""
    for pool in (motor._escritura, motor._lectura):
        event.remove(pool, "connect", degradadas)
    fila = {"consumidor": "tanda", "limpio": True}
    with pytest.raises(ConexionPerdida), motor.escritura() as con, dialecto_de(motor).tanda(con) as tanda:
        tanda.anexar(tablas.turnos, [fila])
    _anotar(motor, "uno")
    with motor.lectura() as con:
        assert con.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off"
    assert _anotados(motor) == ["uno"]


@DE_POSTGRES
def test_una_sesion_terminada_se_cambia(motor: Motor) -> None:
    """The server ends all sessions: each is an outage once at most, and the next one writes."""
    _anotar(motor, "antes")
    with motor.lectura() as con:
        con.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(ConexionPerdida):
        _anotar(motor, "perdida")
    _anotar(motor, "despues")
    assert _anotados(motor) == ["antes", "despues"]


@DE_POSTGRES
def test_lo_perdido_no_deja_sesiones_abiertas(motor: Motor) -> None:
    """Sessions in use while others are lost end when they are given back; the collector is not asked."""
    contar = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    abiertas: list[int] = []
    gc.disable()
    try:
        for _ in range(6):
            with motor.escritura(), motor.escritura(), motor.lectura():
                for _ in range(2):
                    with pytest.raises(ConexionPerdida), motor.escritura() as con:
                        con.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            with motor.lectura() as con:
                abiertas.append(con.exec_driver_sql(contar).scalar_one())
    finally:
        gc.enable()
    assert max(abiertas) <= 4, abiertas


@DE_POSTGRES
def test_la_url_puede_pedir_la_que_escribe(motor: Motor) -> None:
    """`target_session_attrs` reaches the driver: a server that takes no writes is passed over."""
    otro = Motor(f"{motor.url}{'&' if '?' in motor.url else '?'}target_session_attrs=read-write")
    _anotar(otro, "uno")
    assert _anotados(otro) == ["uno"]
    otro.cerrar()
    solo = Motor(f"{motor.url}{'&' if '?' in motor.url else '?'}target_session_attrs=read-only")
    with pytest.raises(ConexionPerdida):
        _anotar(solo, "dos")
    solo.cerrar()


@DE_SQLITE
def test_un_archivo_de_solo_lectura_no_se_conserva(motor: Motor) -> None:
    """A connection that may not write is thrown away, and the next one writes."""
    _anotar(motor, "antes")
    with motor.escritura() as con:
        con.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(ConexionPerdida, match="readonly"):
        _anotar(motor, "perdida")
    _anotar(motor, "despues")
    assert _anotados(motor) == ["antes", "despues"]


@DE_SQLITE
def test_un_disco_lleno_es_una_averia(motor: Motor) -> None:
    """No room in the file: an outage, which ends with it."""
    with motor.escritura() as con:
        paginas = con.exec_driver_sql("PRAGMA page_count").scalar_one()
        con.exec_driver_sql(f"PRAGMA max_page_count={paginas}")
    with pytest.raises(ConexionPerdida, match="full"):
        _lanzar(
            motor,
            "INSERT INTO turnos SELECT hex(randomblob(500)), value FROM json_each('[1,2,3,4,5,6,7,8,9]')",
        )
    _anotar(motor, "despues")
    assert _anotados(motor) == ["despues"]


def test_un_rechazo_no_cita_lo_escrito(motor: Motor) -> None:
    """What the database refuses of a statement is told in its words, without the statement or the values."""
    with pytest.raises(RechazoDeLaBase) as caida, motor.escritura() as con:
        con.execute(text("INSERT INTO turnos VALUES (:c, NULL)"), {"c": "dato-secreto"})
    assert isinstance(caida.value, SQLAlchemyError)
    assert "INSERT" not in str(caida.value)
    assert "dato-secreto" not in str(caida.value)
    assert caida.value.__suppress_context__
    assert "limpio" in str(caida.value)
