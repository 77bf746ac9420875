"""Totals follow the events exactly: with late commits, two projectors, a rebuild and a restored database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text

from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales
from aeropartners.seedwork.infraestructura.totales.proyector import BaseRestaurada, Proyector
from aeropartners.seedwork.infraestructura.totales.totales import EVENTOS, TODOS, ClaveDeTotal
from tests.conformidad.conftest import REALES
from tests.conformidad.cuentas import TOTALES
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas

CUENTAS = ClaveDeTotal(TODOS, "chica", "cuentas")
DEPOSITOS = ClaveDeTotal(TODOS, "Depositado", EVENTOS)


class Contable:
    """A projector of the accounts, and what it has written down so far."""

    def __init__(self, cuentas: ModuloDeCuentas) -> None:
        self.cuentas = cuentas
        self.proyector = Proyector(cuentas.motor, [TOTALES])
        self.lectura = LecturaTotales(cuentas.motor, TOTALES)

    def deposita(self, *cuentas: UUID, importe: int = 1) -> None:
        self.cuentas.depositar(*(self.cuentas.sobre(c, importe) for c in cuentas))

    def al_dia(self) -> None:
        """Run the projector until nothing is left that it may count."""
        self.proyector.una_ronda()  # the first round of all makes its row
        while self.proyector.una_ronda():
            pass

    def guardado(self) -> dict[str, int]:
        """Return what is stored, without what a reader adds."""
        consulta = text(
            "SELECT t.clave, t.medida, t.valor FROM totales t JOIN proyecciones p ON p.nombre = t.proyeccion"
            " AND p.generacion = t.generacion AND p.activa WHERE t.valor <> 0"
        )
        escala = 1 if self.cuentas.motor.es_postgres else 10_000
        with self.cuentas.motor.lectura() as con:
            return {f"{c} {m}": int(v / escala) for c, m, v in con.execute(consulta)}

    def leido(self) -> dict[str, int]:
        return {f"{c.clave} {c.medida}": int(v) for c, v in self.lectura.leer(TODOS).items()}


@pytest.fixture
def contable(cuentas: ModuloDeCuentas) -> Contable:
    """An accountant over an empty bank."""
    return Contable(cuentas)


def test_lo_que_aporta_un_flujo_cambia_de_sitio(contable: Contable) -> None:
    """A stream counts once, where it is now: what it gave before is taken back."""
    una, otra = uuid4(), uuid4()
    contable.deposita(una, otra)
    contable.al_dia()
    antes = {"chica cuentas": 2, "chica saldo": 2, "Depositado eventos": 2}
    assert contable.guardado() == contable.leido() == antes
    contable.deposita(una, importe=12)
    contable.deposita(una)
    contable.al_dia()
    despues = {"chica cuentas": 1, "chica saldo": 1, "grande cuentas": 1, "grande saldo": 14}
    despues["Depositado eventos"] = 4
    assert contable.guardado() == contable.leido() == despues


def test_lo_que_se_borra_despues_de_contado_no_espera(contable: Contable) -> None:
    """What was added to the totals waits no more; a round without anything to add adds nothing."""
    contable.deposita(uuid4())
    assert contable.cuentas.valor("SELECT count(*) FROM totales_pendientes") == 1
    contable.al_dia()
    assert contable.cuentas.valor("SELECT count(*) FROM totales_pendientes") == 0
    assert contable.proyector.una_ronda() == 0


def test_quien_lee_ve_lo_que_acaba_de_escribir(contable: Contable) -> None:
    """Before any projector ran, and behind one: the answer has what was committed."""
    contable.deposita(uuid4())
    assert contable.lectura.leer()[CUENTAS] == 1
    contable.al_dia()
    contable.deposita(uuid4())
    assert contable.guardado()["chica cuentas"] == 1
    assert contable.lectura.leer(TODOS)[CUENTAS] == 2
    assert contable.lectura.leer("otro grupo") == {}


@contextmanager
def _abierta(cuentas: ModuloDeCuentas, flujo: UUID) -> Iterator[Connection]:
    """A transaction that has appended an event and has not committed."""
    with cuentas.motor.escritura() as con:
        con.execute(
            text(
                "INSERT INTO eventos (flujo, version, tipo_flujo, tipo, version_evento, datos, fecha, lote)"
                " VALUES (:f, 1, 'cuenta', 'Depositado', 1, '{\"importe\": 1}', now(), :f)"
            ),
            {"f": flujo},
        )
        cambios = '[["", "Depositado", "eventos", "1"]]'
        con.execute(
            text("INSERT INTO totales_pendientes (proyeccion, cambios) VALUES ('cuentas', :c)"),
            {"c": cambios},
        )
        yield con


# SQLite has one writer at a time, so no commit is late, and its positions travel with its file.
SOLO_POSTGRES = pytest.mark.parametrize("motor", [pytest.param("postgresql", marks=REALES)], indirect=True)


@SOLO_POSTGRES
def test_un_commit_tardio_no_se_salta(contable: Contable) -> None:
    """An older event that commits after a younger one was there is counted all the same."""
    contable.al_dia()
    with _abierta(contable.cuentas, uuid4()) as tardia:
        contable.deposita(uuid4())
        contable.al_dia()
        assert contable.guardado() == {}  # the younger one waits: an older transaction still runs
        assert contable.lectura.leer()[DEPOSITOS] == 1  # but a reader sees it
        assert contable.proyector.reconstruir(TOTALES) == {}  # and a rebuild leaves both for later
        assert contable.lectura.leer()[DEPOSITOS] == 1
        tardia.commit()
    contable.al_dia()
    assert contable.guardado()["Depositado eventos"] == 2


def test_dos_proyectores_cuentan_una_vez(contable: Contable) -> None:
    """Copies of a process share the work: a window is counted by one of them."""
    contable.al_dia()
    otros = [Proyector(contable.cuentas.motor, [TOTALES]) for _ in range(3)]
    with ThreadPoolExecutor(4) as piscina:
        escritos = [piscina.submit(contable.deposita, uuid4()) for _ in range(40)]
        rondas = [piscina.submit(p.una_ronda) for _ in range(10) for p in otros]
        for futuro in (*escritos, *rondas):
            futuro.result()
    contable.al_dia()
    assert contable.guardado() == {"chica cuentas": 40, "chica saldo": 40, "Depositado eventos": 40}


def test_varios_que_empiezan_a_la_vez(contable: Contable) -> None:
    """Of processes that find events and no totals one counts them, and all go on from there."""
    contable.deposita(uuid4())
    with ThreadPoolExecutor(4) as piscina:
        primeras = [piscina.submit(Proyector(contable.cuentas.motor, [TOTALES]).una_ronda) for _ in range(4)]
        for futuro in primeras:
            futuro.result()
    contable.deposita(uuid4())
    contable.al_dia()
    assert contable.guardado() == {"chica cuentas": 2, "chica saldo": 2, "Depositado eventos": 2}


def test_reconstruir_bajo_carga_da_lo_mismo(contable: Contable) -> None:
    """Counted again from the events while writers write and a projector adds, nothing is different."""
    contable.al_dia()
    cuentas = [uuid4() for _ in range(6)]
    otro = Proyector(contable.cuentas.motor, [TOTALES])
    with ThreadPoolExecutor(4) as piscina:
        cargas = [piscina.submit(contable.deposita, cuenta) for _ in range(12) for cuenta in cuentas]
        rondas = [piscina.submit(otro.una_ronda) for _ in range(20)]
        errores = [contable.proyector.reconstruir(TOTALES) for _ in range(4)]
        for futuro in (*cargas, *rondas):
            futuro.result()
    assert errores == [{}] * 4
    contable.al_dia()
    assert contable.guardado() == {"grande cuentas": 6, "grande saldo": 72, "Depositado eventos": 72}


def test_reconstruir_no_deja_a_nadie_sin_totales(contable: Contable) -> None:
    """A wrong total is there until the right one takes its place; meanwhile the system goes on."""
    for _ in range(5):
        contable.deposita(uuid4())
    contable.al_dia()
    with contable.cuentas.motor.escritura() as con:
        con.execute(text("UPDATE totales SET valor = valor * 7"))
        con.commit()
    assert contable.proyector.reconstruir(TOTALES, escribir=False)[CUENTAS] == 30
    vistos = []
    with ThreadPoolExecutor(1) as piscina:
        tarea = piscina.submit(contable.proyector.reconstruir, TOTALES)
        while not tarea.done():
            vistos.append(contable.lectura.leer()[CUENTAS])
        assert tarea.result()[CUENTAS] == 30  # and it tells by how much the old one was wrong
    assert set(vistos) <= {Decimal(35), Decimal(5)}
    assert contable.guardado()["chica cuentas"] == 5
    assert contable.cuentas.valor("SELECT count(*) FROM proyecciones") == 1


def test_una_reconstruccion_a_medias_se_tira(contable: Contable) -> None:
    """One that died leaves a shadow, which no reader sees and the next one removes."""
    contable.deposita(uuid4())
    contable.al_dia()
    with contable.cuentas.motor.escritura() as con:
        con.execute(text("INSERT INTO proyecciones VALUES ('cuentas', 2, false, 0, 0)"))
        con.commit()
    contable.al_dia()
    assert contable.leido()["chica cuentas"] == 1
    contable.proyector.reconstruir(TOTALES)
    assert contable.guardado()["chica cuentas"] == 1
    assert contable.cuentas.valor("SELECT count(*) FROM proyecciones") == 1


@SOLO_POSTGRES
def test_una_base_restaurada_en_otro_servidor(contable: Contable) -> None:
    """Transaction numbers of another server are noticed, not believed; the rebuild puts them right."""
    contable.deposita(uuid4())
    contable.al_dia()
    contable.deposita(uuid4())
    with contable.cuentas.motor.escritura() as con:
        for tabla in ("eventos", "totales_pendientes"):
            con.execute(text(f"UPDATE {tabla} SET tx = '900000000000'"))
        con.commit()
    with pytest.raises(BaseRestaurada, match="proyecciones reconstruir cuentas"):
        contable.proyector.una_ronda()
    contable.proyector.reconstruir(TOTALES)
    contable.deposita(uuid4())
    contable.al_dia()
    assert contable.guardado()["Depositado eventos"] == 3
