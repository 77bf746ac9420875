"""`migrar` hands each system's initial data to its modules, as often as it is called, on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from aeropartners.arranque.cli import principal, proceso_de_mando
from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso import bucles
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza
from tests.conformidad.cuentas import MODULO, Cuenta, Depositar, depositar, persistencia
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas

UNA, OTRA = UUID(int=1), UUID(int=2)
DATOS = (Depositar(UNA, 5, "una"), Depositar(OTRA, 7))


def _nada() -> None:
    """Meet nobody in the handler."""


class Siembra:
    """The account module as the only one of a system with initial data; an account is opened only once."""

    def __init__(self, motor: Motor, carpeta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.motor, self.carpeta = motor, carpeta
        self.datos: tuple[object, ...] = DATOS
        self.encuentro: Callable[[], None] = _nada
        self._numeros = count()
        sistema = SimpleNamespace(datos_iniciales=lambda _c: [("cuentas", m) for m in self.datos])
        monkeypatch.setattr(bucles, "SISTEMAS", (sistema,))

    def proceso(self) -> Proceso:
        """Return a new process, whose usual database role can do nothing."""
        carpeta = self.carpeta / str(next(self._numeros))
        config = leer(
            {
                "DATABASE_URL": f"sqlite:///{carpeta / 'nadie.db'}",
                "DATABASE_URL_ADMIN": self.motor.url,
                "AEROPARTNERS_DATOS": str(carpeta),
            }
        )
        c = Contenedor(config=config)
        [de_serie] = MODULO.manejadores
        modulo = replace(MODULO, manejadores=(replace(de_serie, funcion=self._abrir),))
        c.piezas.override({"cuentas": Pieza("cuentas", modulo, persistencia())})
        return Proceso(c)

    def _abrir(self, m: Depositar, contexto: Contexto) -> Decision:
        abierta = contexto.flujo(Cuenta, m.id).version
        self.encuentro()
        return Decision() if abierta else depositar(m, contexto)


@pytest.fixture
def siembra(cuentas: ModuloDeCuentas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Siembra:
    """A migrated database with the table of accounts, and nothing in it."""
    return Siembra(cuentas.motor, tmp_path, monkeypatch)


def _saldos(cuentas: ModuloDeCuentas) -> tuple[int, int, int]:
    """Return the sum of all accounts, their events, and the bursts that wait in the outbox."""
    consultas = ("SELECT sum(saldo) FROM cuentas_prueba", "SELECT count(*) FROM eventos")
    suma, eventos = (cuentas.valor(c) for c in consultas)
    return suma or 0, eventos, cuentas.valor("SELECT count(*) FROM salida")


def test_migrar_dos_veces_es_una(siembra: Siembra, cuentas: ModuloDeCuentas) -> None:
    """The data, its claims and its messages are there after the first; the second changes nothing."""
    for _ in range(2):
        siembra.proceso().migrar()
        assert _saldos(cuentas) == (12, 2, 2)
        assert cuentas.valor("SELECT count(*) FROM unicos WHERE valor = 'una'") == 1


def test_dos_a_la_vez_son_una(siembra: Siembra, cuentas: ModuloDeCuentas) -> None:
    """Both have seen that an account is missing: the one that loses looks again, and finds it."""
    cruce, veces = threading.Barrier(2), count()
    if siembra.motor.es_postgres:  # on SQLite the second one cannot even look
        siembra.encuentro = lambda: cruce.wait(30) and None if next(veces) < 2 else None
    procesos = [siembra.proceso() for _ in range(2)]
    with ThreadPoolExecutor(2) as hilos:  # without the migrations: alembic is for one thread
        for hecho in [hilos.submit(proceso.poner_datos_iniciales) for proceso in procesos]:
            hecho.result(60)
    assert not siembra.motor.es_postgres or next(veces) > 2 * len(DATOS)
    assert _saldos(cuentas) == (12, 2, 2)


def test_van_en_orden_y_cada_uno_con_su_transaccion(siembra: Siembra, cuentas: ModuloDeCuentas) -> None:
    """What came before a refused one stays, what comes after it never happens; the text is the handler's."""
    siembra.datos = (DATOS[0], Depositar(uuid4(), 0), DATOS[1])
    with pytest.raises(ErrorDeDominio, match="nada que depositar"):
        siembra.proceso().migrar()
    assert _saldos(cuentas) == (5, 1, 1)


def test_el_mando_dice_lo_que_se_rechaza(siembra: Siembra, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and the handler's text without a traceback."""
    siembra.datos = (Depositar(uuid4(), 0),)
    monkeypatch.setattr(proceso_de_mando, "proceso", siembra.proceso)
    hecho = CliRunner().invoke(principal, ["migrar"])
    assert (hecho.exit_code, hecho.output) == (1, "Error: nada que depositar\n")


def test_un_esquema_mas_nuevo_tiene_sus_datos(
    siembra: Siembra, cuentas: ModuloDeCuentas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer release has put its own; ours may be what it took away."""
    nuevo = migraciones.Esquema("9999", "0001", "0001")
    monkeypatch.setattr(migraciones, "aplicar", lambda _motor: nuevo)
    siembra.proceso().migrar()
    assert _saldos(cuentas) == (0, 0, 0)
