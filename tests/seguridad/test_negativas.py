"""A flood of refusals: some rows a minute and address, then one that counts the rest."""

import socket
from pathlib import Path

from sqlalchemy import select

from aeropartners.arranque.http.servidores import Servidor
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.accesos_negados import Negativas
from aeropartners.seedwork.infraestructura.web.acceso.limite_de_accesos import DIRECCIONES, VENTANA_S
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar
from tests.dobles.relojes import Cronometro
from tests.esperas import hasta
from tests.seguridad.paseo import API_KEYS, CLAVES, EQUIVOCADA


def test_tantas_por_minuto_y_luego_una_cuenta() -> None:
    """Each address has its own minute; after it is told once how many had no row, and it begins anew."""
    cronometro = Cronometro()
    negativas = Negativas(2, cronometro)
    assert [negativas.con_fila("a") for _ in range(5)] == [True, True, False, False, False]
    cronometro.segundos = 30
    assert negativas.con_fila("b")
    assert negativas.cumplidas() == []
    cronometro.segundos = VENTANA_S
    assert negativas.cumplidas() == [("a", 3)]
    assert negativas.con_fila("a")
    cronometro.segundos = VENTANA_S + 30
    assert negativas.cumplidas() == []
    assert [negativas.con_fila("b") for _ in range(3)] == [True, True, False]
    assert negativas.cumplidas(todas=True) == [("b", 1)]
    assert negativas.cumplidas(todas=True) == []


def test_ni_sin_limite_ni_de_muchas_se_llena_la_memoria() -> None:
    """0 gives each a row and remembers nobody; of very many addresses the oldest is told before its time."""
    libre, llena = Negativas(0, Cronometro()), Negativas(1, Cronometro())
    assert all(libre.con_fila("a") for _ in range(50))
    assert not llena.con_fila("0") or not llena.con_fila("0")
    for numero in range(DIRECCIONES):
        llena.con_fila(f"a{numero}")
    assert llena.cumplidas() == [("0", 1)]


def filas(motor: Motor, operacion: str) -> list[tuple[str, dict[str, int]]]:
    """The origin and the detail of the rows of one operation."""
    c = auditoria.c
    with motor.lectura() as con:
        halladas = con.execute(
            select(c.origen, c.detalle).where(c.operacion == operacion).order_by(c.momento)
        )
        return [(origen, detalle) for origen, detalle in halladas]


def test_una_inundacion_deja_pocas_filas_y_ninguna_negativa_sin_contar(tmp_path: Path) -> None:
    """Wrong keys, and what is refused unheard after them: as many rows as FALLOS_DE_ACCESO, and their count.

    What the minute has not told yet is told when the process ends.
    """
    with levantar(tmp_path, API_KEYS=API_KEYS, FALLOS_DE_ACCESO="3") as sistema:
        mala = {"X-API-Key": EQUIVOCADA}
        estados = [sistema.orquestador.get("/saga/", headers=mala).status_code for _ in range(20)]
        assert estados == [401] * 3 + [429] * 17
        assert filas(sistema.proceso.c.motor(), "GET /saga/") == [("127.0.0.1", {"estado": 401})] * 3
    motor = Motor(f"sqlite:///{tmp_path / 'aeropartners.db'}")
    assert filas(motor, "acceso") == [("127.0.0.1", {"rechazos": 17})]
    motor.cerrar()


def test_lo_que_no_llega_a_la_aplicacion_tambien_queda(tmp_path: Path) -> None:
    """A request that is none, and one that is too large to be read: a row, by the address that sent it."""
    with levantar(tmp_path, API_KEYS=API_KEYS) as sistema:
        app, motor = sistema.orquestador.application, sistema.proceso.c.motor()
        servidor = Servidor(app, "127.0.0.1", puerto := puerto_libre(), "PUERTO")
        servidor.empezar()
        for rota, operacion in (
            (b"NADA\x1b[2J\r\n\r\n", "HTTP"),
            (b"GET /saga/ HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", "HTTP"),
        ):
            antes = len(filas(motor, operacion))
            with socket.create_connection(("127.0.0.1", puerto), timeout=30) as conexion:
                conexion.sendall(rota)
                assert conexion.recv(100).startswith(b"HTTP/1.")
            hasta(lambda: len(filas(motor, operacion)) == antes + 1, f"la fila de {rota[:20]!r}")  # noqa: B023
        assert {origen for origen, _ in filas(motor, "HTTP")} == {"127.0.0.1"}
        medido = sistema.orquestador.get("/metrics", headers={"X-API-Key": CLAVES[Rol.ADMIN]})
        assert 'http_denied_total{status="400"} 2.0' in medido.get_data(as_text=True)
        servidor.parar()
