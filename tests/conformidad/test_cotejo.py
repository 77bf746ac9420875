"""The cotejo over both databases: a clean system has no finding, each seeded fault is found and named."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.sistemas import CONSUMOS
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.base.tablas import muertos, reintentos
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from aeropartners.seedwork.infraestructura.operacion.particiones import frontera
from aeropartners.seedwork.infraestructura.operacion.testigo import siguientes
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.libros import Archivo
from saga_orchestrator.cotejo.aplicacion.sospechas import VUELTAS
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo
from saga_orchestrator.cotejo.infraestructura.archivo import ArchivoJson, SinArchivo
from saga_orchestrator.cotejo.infraestructura.libros import LibrosSQL
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.dominio.identidades import id_comando
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos
from saga_orchestrator.modulo import NOMBRE as SAGA
from tests.api.sistema import levantar
from tests.conformidad.conftest import REALES
from tests.datos import cuerpo_de_partner, cuerpo_de_saga
from tests.esperas import hasta
from tests.servicios import base_propia

PASOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")
REPOSO = timedelta(microseconds=1)
MANANA = timedelta(days=1)
SIN_ARCHIVO = SinArchivo()


class AtrasosAlDia:
    """See the port `Atrasos`: the readers of the broker have read everything."""

    def despejado(self) -> datetime | None:
        return datetime.now(UTC) + MANANA

    def volver_a(self, tema: str, suscripcion: str, momento: datetime) -> str | None:
        return f"volver {tema} {suscripcion}"


class Terminado:
    """The tables of a system in which sagas ended, one of each kind by name."""

    def __init__(self, motor: Motor, completada: str, compensada: str, de_partner: str) -> None:
        self.motor = motor
        self.completada = completada
        self.compensada = compensada
        self.de_partner = de_partner

    def flujo(self, paso: int, saga: str = "") -> str:
        return str(id_de_paso(UUID(saga or self.completada), PASOS[paso]))

    def orden(self, version: int) -> str:
        """Return the id of the command that went out with an event of the completed saga."""
        [fecha] = self.filas(
            f"SELECT fecha_creacion FROM saga_eventos WHERE saga_id = '{self.completada}'"
            f" AND version = {version}"
        )
        fecha = datetime.fromisoformat(fecha) if isinstance(fecha, str) else fecha
        return str(id_comando(UUID(self.completada), version, fecha))

    def filas(self, consulta: str) -> list[Any]:
        with self.motor.lectura() as con:
            return list(con.execute(text(consulta)).scalars())

    def hacer(self, *ordenes: str) -> None:
        with self.motor.escritura() as con:
            for orden in ordenes:
                assert con.execute(text(orden)).rowcount > 0, orden
            con.commit()

    def asentado(self) -> bool:
        """Whether all that was committed can be read in order: transactions of other databases count, too."""
        with self.libros().foto() as foto:
            return foto.sin_asentar() is None

    def libros(self, mapa: Mapa | None = None) -> LibrosSQL:
        mapa = mapa or Contenedor(config=leer({})).mapa()
        return LibrosSQL(self.motor, RelojReal(), mapa, CONSUMOS, AtrasosAlDia().volver_a)

    def cotejo(self, archivo: Archivo = SIN_ARCHIVO, mapa: Mapa | None = None) -> Cotejo:
        return Cotejo(self.libros(mapa), AtrasosAlDia(), archivo, timedelta(minutes=1), REPOSO)

    def cotejar(self, rondas: int = VUELTAS + 4, mapa: Mapa | None = None) -> list[Hallazgo]:
        cotejo = self.cotejo(mapa=mapa)
        partes = [p for _ in range(rondas) for p in cotejo.una_ronda()] + cotejo.cerrar()
        assert sum(p.sagas for p in partes) == len(self.filas("SELECT id FROM sagas"))
        return [h for p in partes for h in p.hallazgos]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=REALES)])
def molde(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminado]:
    """A system that ran, on each database; the tests spoil copies of it."""
    carpeta = tmp_path_factory.mktemp("molde")
    origen = "" if request.param == "sqlite" else request.getfixturevalue("postgres")
    with _base(origen, carpeta) as url:
        with levantar(carpeta, DATABASE_URL=url) as sistema:
            bien, mal = (_terminada(sistema, prefijo) for prefijo in ("", "FALLA-"))
            _terminada(sistema, "")
            _de_partner(sistema, 1_000)
            deshecha = _de_partner(sistema, 60_000)
        motor = Motor(url)
        yield Terminado(motor, bien, mal, deshecha)
        motor.cerrar()


def _terminada(sistema: Any, prefijo: str) -> str:
    cuerpo = cuerpo_de_saga(f"{prefijo}{uuid.uuid4()}")
    id = str(sistema.bff.post("/saga/crear-campana-completa", json=cuerpo).get_json()["saga_id"])
    sistema.final(id)
    return id


def _de_partner(sistema: Any, monto: int) -> str:
    cuerpo = cuerpo_de_partner(contrato={"monto": monto})
    respuesta = sistema.sagas_partners.post("/api/v1/saga/partner-creation", json=cuerpo)
    id = str(respuesta.get_json()["saga_id"])
    sistema.final_partner(id)
    return id


@contextmanager
def _base(origen: str, carpeta: Path, molde: str = "") -> Iterator[str]:
    """A database of SQLite, or of the PostgreSQL at `origen`; with `molde`, a copy of that one."""
    if not origen:
        ruta = carpeta / f"{uuid.uuid4().hex}.db"
        if molde:
            shutil.copy(molde.removeprefix("sqlite:///"), ruta)
        yield f"sqlite:///{ruta}"
        return
    with base_propia("cot", molde.rpartition("/")[2], origen) as url:
        yield url


@pytest.fixture
def terminado(molde: Terminado, tmp_path: Path) -> Iterator[Terminado]:
    """A copy to spoil."""
    molde.motor.cerrar()
    origen = molde.motor.url if molde.motor.es_postgres else ""
    with _base(origen, tmp_path, molde.motor.url) as url:
        motor = Motor(url)
        yield Terminado(motor, molde.completada, molde.compensada, molde.de_partner)
        motor.cerrar()


def test_lo_sano_no_da_nada(terminado: Terminado) -> None:
    """Nothing is lost, twice, orphaned or stuck, however often it is looked at."""
    assert terminado.cotejar(20) == []


def test_no_puede_escribir(terminado: Terminado) -> None:
    """The database itself refuses what a snapshot would write."""
    with terminado.libros().foto() as foto, pytest.raises(DBAPIError):
        foto._con.execute(text("DELETE FROM salida"))


@pytest.mark.parametrize("tabla", ["campanas", "partners", "pasarela_cargos"])
def test_se_recorre_por_paginas(terminado: Terminado, tabla: str) -> None:
    """Pages of one key, of ids and of names alike, go through all of them in order and end."""
    mapa = Contenedor(config=leer({})).mapa()
    columna = next(c for c in mapa.columnas.values() if c.table.name == tabla)
    todas = [str(f) for f in terminado.filas(f"SELECT {columna.name} FROM {tabla} ORDER BY {columna.name}")]
    vistas, tras = [], ""
    with terminado.motor.lectura() as con:
        for _ in todas:
            [tras] = siguientes(con, columna, tras, 1)
            vistas.append(tras)
        assert siguientes(con, columna, tras, 1) == []
    assert vistas == todas
    assert len(todas) > 1


Estropear = Callable[[Terminado], str]


CASOS: dict[str, tuple[str, Estropear]] = {}


def caso(clase: str) -> Callable[[Estropear], Estropear]:
    def registrar(estropear: Estropear) -> Estropear:
        CASOS[estropear.__name__] = (clase, estropear)
        return estropear

    return registrar


@caso("DUPLICADO")
def otra_campana(t: Terminado) -> str:
    """A second campaign of one saga."""
    otra, origen = str(Uuid7().nuevo()), t.flujo(0)
    for tabla, clave in (("eventos", "flujo"), ("campanas", "id")):
        with t.motor.lectura() as con:
            fila = con.execute(text(f"SELECT * FROM {tabla} WHERE {clave} = '{origen}'")).mappings().first()
        assert fila is not None
        columnas = [c for c in fila if c not in (clave, "posicion", "tx")]
        lista = ", ".join(columnas)
        t.hacer(
            f"INSERT INTO {tabla} ({clave}, {lista}) SELECT '{otra}', {lista} FROM {tabla}"
            f" WHERE {clave} = '{origen}'"
        )
    return otra


@caso("DUPLICADO")
def otro_cargo(t: Terminado) -> str:
    """A second charge of one payment."""
    clave = f"{t.flujo(1)}:otra"
    t.hacer(
        "INSERT INTO pasarela_cargos (clave, operacion, importe, moneda, exito, lista_en, veces)"
        f" SELECT '{clave}', operacion, importe, moneda, exito, lista_en, 1 FROM pasarela_cargos"
        f" WHERE clave = '{t.flujo(1)}'"
    )
    return clave


@caso("DUPLICADO")
def cargo_de_mas(t: Terminado) -> str:
    """One charge of twice the amount."""
    t.hacer(f"UPDATE pasarela_cargos SET importe = importe * 2 WHERE clave = '{t.flujo(1)}'")
    return t.flujo(1)


@caso("PERDIDO")
def sin_cargo(t: Terminado) -> str:
    """A payment that succeeded and took nothing."""
    t.hacer(f"DELETE FROM pasarela_cargos WHERE clave = '{t.flujo(1)}'")
    return t.flujo(1)


@caso("PERDIDO")
def sin_campana(t: Terminado) -> str:
    """The campaign of a saga that was completed."""
    t.hacer(f"DELETE FROM campanas WHERE id = '{t.flujo(0)}'")
    return t.flujo(0)


@caso("PERDIDO")
def orden_sin_entrada(t: Terminado) -> str:
    """A command that left and that nobody took."""
    t.hacer(f"DELETE FROM entrada WHERE id = '{t.orden(1)}'")
    return t.orden(1)


@caso("PERDIDO")
def evento_sin_entrada(t: Terminado) -> str:
    """A public event that its one reader never took."""
    [id] = t.filas(f"SELECT id FROM eventos WHERE flujo = '{t.flujo(1)}' AND tipo = 'PagoExitoso'")
    t.hacer(f"DELETE FROM entrada WHERE ajena = '{id}'")
    return str(id)


@caso("PERDIDO")
def evento_de_saga(t: Terminado) -> str:
    """An event in the middle of a saga."""
    t.hacer(f"DELETE FROM saga_eventos WHERE saga_id = '{t.completada}' AND version = 2")
    return "filas"


@caso("PERDIDO")
def fila_de_saga(t: Terminado) -> str:
    """A saga's row went back to an older version."""
    t.hacer(f"UPDATE sagas SET version = 3 WHERE id = '{t.completada}'")
    return "filas"


@caso("PERDIDO")
def evento_de_flujo(t: Terminado) -> str:
    """The newest event of a payment."""
    t.hacer(f"DELETE FROM eventos WHERE flujo = '{t.flujo(1)}' AND tipo = 'PagoProcesando'")
    return t.flujo(1)


@caso("HUERFANO")
def campana_en_pie(t: Terminado) -> str:
    """The campaign of a saga that was undone."""
    id = t.flujo(0, t.compensada)
    t.hacer(f"UPDATE campanas SET estado = 'BORRADOR' WHERE id = '{id}'")
    return id


@caso("HUERFANO")
def partner_en_pie(t: Terminado) -> str:
    """The partner of a saga that was undone."""
    id = str(id_de_paso(UUID(t.de_partner), "create_partner"))
    t.hacer(f"UPDATE partners SET estado = 'ACTIVO' WHERE id = '{id}'")
    return id


@caso("HUERFANO")
def contrato_en_pie(t: Terminado) -> str:
    """The contract of a saga that was undone."""
    id = str(id_de_paso(UUID(t.de_partner), "create_alliance"))
    t.hacer(f"UPDATE contratos SET estado = 'activo' WHERE id = '{id}'")
    return id


@caso("HUERFANO")
def cargo_de_nadie(t: Terminado) -> str:
    """A charge that no payment asked for."""
    clave = str(uuid.uuid4())
    t.hacer(
        "INSERT INTO pasarela_cargos (clave, operacion, importe, moneda, exito, lista_en, veces)"
        f" SELECT '{clave}', operacion, importe, moneda, exito, lista_en, 1 FROM pasarela_cargos"
        f" WHERE clave = '{t.flujo(1)}'"
    )
    return clave


@caso("HUERFANO")
def copia_reciente(t: Terminado) -> str:
    """A copy of a command, under a new id of the time in which it was sent."""
    return _entrada(t, str(Uuid7().nuevo()))


@caso("HUERFANO")
def copia_cualquiera(t: Terminado) -> str:
    """A copy under an id that tells no time."""
    return _entrada(t, str(uuid.uuid4()))


@caso("HUERFANO")
def evento_ajeno_reciente(t: Terminado) -> str:
    """An event that came by a public topic and that nobody here published, under an id of this time."""
    return _entrada(t, str(Uuid7().nuevo()), publica=True)


@caso("HUERFANO")
def evento_ajeno_cualquiera(t: Terminado) -> str:
    """The same under an id that tells no time."""
    return _entrada(t, str(uuid.uuid4()), publica=True)


def _entrada(t: Terminado, id: str, *, publica: bool = False) -> str:
    if publica:
        nuestra = id_ajeno(UUID(id))
        t.hacer(f"INSERT INTO entrada (id, consumidor, ajena) VALUES ('{nuestra}', 'pagos', '{id}')")
    else:
        t.hacer(f"INSERT INTO entrada (id, consumidor) VALUES ('{id}', 'pagos')")
    return id


@caso("ATASCADO")
def sin_despertar(t: Terminado) -> str:
    """An open saga that nothing will wake."""
    t.hacer(f"UPDATE sagas SET fecha_fin = NULL WHERE id = '{t.completada}'")
    return "despertar"


@caso("ATASCADO")
def despertar_pasado(t: Terminado) -> str:
    """An open saga whose wake-up is long past."""
    ayer = datetime.now(UTC) - MANANA
    momento = f"'{ayer:%Y-%m-%dT%H:%M:%S.%fZ}'"
    t.hacer(
        f"UPDATE sagas SET fecha_fin = NULL, plazo = {momento}, revisar_en = {momento}"
        f" WHERE id = '{t.completada}'"
    )
    return "despertar"


@pytest.mark.parametrize("nombre", CASOS)
def test_lo_estropeado_se_halla(terminado: Terminado, nombre: str) -> None:
    """One finding of that kind, which names the message and says how to repair it, and no other one."""
    clase, estropear = CASOS[nombre]
    mensaje = estropear(terminado)
    hallazgos = terminado.cotejar()
    assert [(h.clase, h.mensaje) for h in hallazgos] == [(clase, mensaje)], hallazgos
    assert hallazgos[0].repara
    assert hallazgos[0].saga_id in ("", terminado.completada, terminado.compensada, terminado.de_partner)


EDITADOS = ("fila_de_saga", "campana_en_pie", "sin_campana", "cargo_de_nadie", "copia_cualquiera")


@pytest.mark.parametrize("nombre", EDITADOS)
def test_lo_que_se_edita_despues_se_halla(terminado: Terminado, nombre: str) -> None:
    """What no new event tells of is found by the round through all the rest, after all was read."""
    hasta(terminado.asentado, "el final de las transacciones de otros en el mismo servidor")
    cotejo = terminado.cotejo()
    while not (cotejo.al_dia and cotejo.vueltas):
        assert all(p.hallazgos == [] for p in cotejo.una_ronda())
    clase, estropear = CASOS[nombre]
    mensaje = estropear(terminado)
    partes = [p for _ in range(VUELTAS + 4) for p in cotejo.una_ronda()] + cotejo.cerrar()
    assert [(h.clase, h.mensaje) for p in partes for h in p.hallazgos] == [(clase, mensaje)]


def _campanas_sin_testigo() -> Mapa:
    """The systems as they would be if the module of campaigns gave no witness."""
    c = Contenedor(config=leer({}))
    piezas = [replace(p, testigo=None) if p.nombre == "campanas" else p for p in c.piezas().values()]
    testigos = [p.con_testigo().testigo for p in piezas if p.nombre != SAGA]
    return Mapa(c.registro(), c.persistencia_saga(), [t for t in testigos if t])


@pytest.mark.parametrize("nombre", ["", "orden_sin_entrada", "sin_campana"])
def test_un_modulo_sin_testigo_no_da_hallazgos_falsos(terminado: Terminado, nombre: str) -> None:
    """What follows from its table explains all that is sound, and what it lost is found."""
    clase, estropear = CASOS.get(nombre, ("", None))
    mensaje = estropear(terminado) if estropear else ""
    hallazgos = terminado.cotejar(mapa=_campanas_sin_testigo())
    assert [(h.clase, h.mensaje) for h in hallazgos] == ([(clase, mensaje)] if nombre else [])


def test_una_saga_borrada_deja_huerfanos(terminado: Terminado) -> None:
    """Each effect of a saga that is not there any more is one."""
    for tabla in ("saga_compensaciones", "saga_pasos", "saga_eventos", "sagas"):
        clave = "id" if tabla == "sagas" else "saga_id"
        with terminado.motor.escritura() as con:
            con.execute(text(f"DELETE FROM {tabla} WHERE {clave} = '{terminado.completada}'"))
            con.commit()
    hallazgos = [h for h in terminado.cotejar() if h.saga_id == terminado.completada]
    suyos = {terminado.flujo(paso) for paso in range(3)}
    assert {(h.clase, h.mensaje) for h in hallazgos} >= {("HUERFANO", flujo) for flujo in suyos}


def _hace(dias: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=dias)


@pytest.mark.parametrize(("dias", "clases"), [(30, []), (1, ["HUERFANO"])], ids=["retirada", "reciente"])
def test_una_saga_que_se_retiro_no_deja_huerfanos(terminado: Terminado, dias: int, clases: list[str]) -> None:
    """What is left of a saga that retention may have taken is no finding; of a younger one it is."""
    saga = UUID(int=frontera(_hace(dias)).int | 7 << 76 | 2 << 62 | 1)
    terminado.hacer(f"UPDATE eventos SET saga_id = '{saga}' WHERE flujo = '{terminado.flujo(0)}'")
    assert [h.clase for h in terminado.cotejar()] == clases


@pytest.mark.parametrize(("dias", "clases"), [(30, []), (1, ["PERDIDO"])], ids=["vieja", "reciente"])
def test_la_bandeja_no_lo_recuerda_todo(terminado: Terminado, dias: int, clases: list[str]) -> None:
    """What was sent before the oldest inbox row is not said to be lost."""
    [id] = terminado.filas(
        f"SELECT id FROM eventos WHERE flujo = '{terminado.flujo(1)}' AND tipo = 'PagoExitoso'"
    )
    fecha = f"'{_hace(dias):%Y-%m-%dT%H:%M:%S.%fZ}'"
    terminado.hacer(
        f"DELETE FROM entrada WHERE ajena = '{id}'", f"UPDATE eventos SET fecha = {fecha} WHERE id = '{id}'"
    )
    assert [h.clase for h in terminado.cotejar()] == clases


@pytest.mark.parametrize(
    ("caja", "clases"), [("reintentos", []), ("muertos", ["ATASCADO"]), ("descartado", [])]
)
def test_lo_apartado_no_esta_perdido(terminado: Terminado, caja: str, clases: list[str]) -> None:
    """What is tried again is waited for, what is dead is said to wait, what an operator discarded is not.

    Nothing of it is lost, and none is left undecided but what is tried again.
    """
    terminado.hacer(f"DELETE FROM entrada WHERE id = '{terminado.orden(1)}'")
    sobre = Sobre(
        id=uuid.uuid4(),
        tipo="ProcesarPago",
        version=1,
        clave="x",
        fecha=_hace(0),
        cuerpo=msgspec.Raw(b"{}"),
        saga_id=UUID(terminado.completada),
    )
    comun = {"consumidor": "pagos", "id": sobre.id, "tema": "t", "intentos": 3, "error": ""}
    with terminado.motor.escritura() as con:
        caja_, momento = (reintentos, "proximo") if caja == "reintentos" else (muertos, "fecha")
        con.execute(caja_.insert().values(**comun, cuerpo=codificar(sobre), **{momento: _hace(0)}))
        con.commit()
    if caja == "descartado":
        Muertos(terminado.motor, RelojReal(), Uuid7(), {"pagos": ()}).ordenar(
            "descartar", sobre.id, "pagos", "maría", "no hace falta"
        )
    cotejo = terminado.cotejo()
    partes = [p for _ in range(20) for p in cotejo.una_ronda()] + cotejo.cerrar()
    assert [str(h.clase) for p in partes for h in p.hallazgos] == clases
    assert {h.mensaje for p in partes for h in p.hallazgos} <= {str(sobre.id)}
    assert cotejo.indecisas == (1 if caja == "reintentos" else 0)


def test_desde_ahora_no_mira_lo_anterior(terminado: Terminado) -> None:
    """What was committed before is in no statement; what was edited in it is found all the same."""
    hasta(terminado.asentado, "el final de las transacciones de otros en el mismo servidor")
    cotejo = terminado.cotejo()
    cotejo.empezar_ahora()
    partes = [p for _ in range(3) for p in cotejo.una_ronda()] + cotejo.cerrar()
    assert sum(p.sagas for p in partes) == 0
    assert cotejo.vueltas > 0


def test_lo_que_se_confirma_tarde_explica_sus_ordenes(terminado: Terminado) -> None:
    """An event that stands behind a younger one is read a stretch later than its command's inbox row."""
    e = saga_eventos.c
    primero = (e.saga_id == UUID(terminado.completada)) & (e.version == 1)
    with terminado.motor.lectura() as con:
        [fecha] = con.scalars(select(e.fecha_creacion).where(primero))
    cotejo = terminado.cotejo()
    for momento in (fecha + MANANA, fecha):
        with terminado.motor.escritura() as con:
            con.execute(saga_eventos.update().where(primero).values(fecha_creacion=momento))
            con.commit()
        partes = [p for _ in range(VUELTAS - 1) for p in cotejo.una_ronda()]
        assert bool(cotejo.indecisas) is (momento != fecha)
    assert [h for p in partes + cotejo.cerrar() for h in p.hallazgos] == []


@pytest.mark.parametrize("nombre", CASOS)
def test_lo_sospechado_no_se_olvida(terminado: Terminado, tmp_path: Path, nombre: str) -> None:
    """A cotejo that is killed before it is sure leaves its suspicions to the next one."""
    clase, estropear = CASOS[nombre]
    mensaje = estropear(terminado)
    archivo = ArchivoJson(tmp_path / "marca.json")
    hallados = set()
    for rondas in (VUELTAS - 1, VUELTAS + 4):
        cotejo = terminado.cotejo(archivo)
        for _ in range(rondas):
            cotejo.una_ronda()
            hallados |= {(h.clase, h.mensaje) for h in cotejo.nuevos}
    assert hallados == {(clase, mensaje)}


def test_junto_a_una_transaccion_que_dura_se_espera(terminado: Terminado) -> None:
    """What was committed behind one cannot be read in order: it is not compared until that one ends."""
    if not terminado.motor.es_postgres:
        pytest.skip("un solo escritor: nadie dura junto a otro")
    with terminado.motor.lectura() as otra:
        otra.execute(text("SELECT pg_current_xact_id()"))
        orden = terminado.orden(1)
        tras = f"UPDATE saga_eventos SET tx = pg_current_xact_id() WHERE saga_id = '{terminado.completada}'"
        terminado.hacer(tras)
        cotejo = terminado.cotejo()
        hallazgos = [h for _ in range(20) for p in cotejo.una_ronda() for h in p.hallazgos]
        assert hallazgos == [], orden
        otra.rollback()
    assert terminado.cotejar(20) == []
