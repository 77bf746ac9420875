"""The rows of the living processes, and what deadlines make of them, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, insert, select, update

from aeropartners.seedwork.aplicacion.censo import AL_HABLA, RELOJ_MAXIMO_S, VIVO, Censo, Desfase, Vivo
from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA, RelojDesviado
from aeropartners.seedwork.aplicacion.retraso import Situacion
from aeropartners.seedwork.infraestructura.base import sql_postgres
from aeropartners.seedwork.infraestructura.base.dialecto import PlazosDeRespuesta
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojDeBase, RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.base.sentencias_postgres import leer
from aeropartners.seedwork.infraestructura.base.tablas import procesos, reintentos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento
from aeropartners.seedwork.infraestructura.operacion.procesos import BARRIDO, ProcesosSQL
from tests.dobles.relojes import RelojTorcido
from tests.esperas import hasta

UNO = Vivo(uuid4(), "orquestador", "1.0", {"sagas": ["A v1"]}, situacion="AL_DIA", demora=timedelta(0))
OTRO = replace(UNO, id=uuid4(), version="1.1", conoce={"sagas": ["A v1", "A v2"]})
A_TIEMPO = timedelta(0)
despertadores = Table(
    "despertadores",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("tipo", String(20)),
    Column("version", Integer),
    Column("revisar_en", Momento, index=True),
    Column("reintento", Momento),
)
PLAZOS = PlazosDeRespuesta(
    "despertadores", ("tipo", "version"), frozenset({("A", 1), ("B", 3)}), "reintento", "sagas"
)


@pytest.fixture
def padron(motor: Motor) -> ProcesosSQL:
    """The rows of a fresh database."""
    return ProcesosSQL(motor, RelojReal())


@pytest.fixture
def plazos(motor: Motor) -> "Timbres":
    """A table of wake-ups."""
    with motor.escritura() as con:
        despertadores.create(con)
        con.commit()
    return Timbres(motor)


class Timbres:
    """Wake-ups of a test's, and what of them is claimed."""

    def __init__(self, motor: Motor) -> None:
        self.motor = motor
        self.sql = dialecto_de(motor)

    def poner(
        self, hace_s: float, tipo: str = "A", version: int = 1, reintento_s: float | None = None
    ) -> UUID:
        """One that was due so long ago, with a try that was due so long ago."""
        id = uuid4()
        with self.motor.escritura() as con:
            ahora = self.sql.ahora(con, RelojReal())
            fila: dict[str, Any] = {"id": id, "tipo": tipo, "version": version}
            fila["revisar_en"] = ahora - timedelta(seconds=hace_s)
            fila["reintento"] = None if reintento_s is None else ahora - timedelta(seconds=reintento_s)
            con.execute(insert(despertadores).values(**fila))
            con.commit()
        return id

    def apartar(self, consumidor: str, cuerpo: bytes) -> None:
        """A message that waits for its next try, which is not due yet."""
        with self.motor.escritura() as con:
            comunes = {"consumidor": consumidor, "id": uuid4(), "tema": "respuestas", "intentos": 0}
            proximo = RelojReal().ahora() + timedelta(minutes=1)
            con.execute(insert(reintentos).values(**comunes, cuerpo=cuerpo, error="", proximo=proximo))
            con.commit()

    def reclamar(self) -> tuple[list[UUID], timedelta]:
        """Claim what is due."""
        with self.motor.escritura() as con:
            return self.sql.vencidos(con, PLAZOS, self.sql.ahora(con, RelojReal()), 100)


def envejecer(motor: Motor, id: UUID, edad: timedelta) -> None:
    """Make a row as old as if its process had written it then."""
    with motor.escritura() as con:
        visto = con.scalar(select(procesos.c.visto).where(procesos.c.id == id))
        assert visto
        con.execute(update(procesos).where(procesos.c.id == id).values(visto=visto - edad))
        con.commit()


def test_cada_vivo_ve_a_los_demas(padron: ProcesosSQL) -> None:
    """A row a process, its last; who writes learns who lives and what each knows."""
    padron.anotar(UNO)
    padron.anotar(replace(OTRO, desfase_s=1.25))
    vivos = {v.id: v for v in padron.anotar(UNO).vivos}
    assert vivos.keys() == {UNO.id, OTRO.id}
    assert replace(vivos[OTRO.id], visto=None) == replace(OTRO, desfase_s=1.25)
    assert list(padron.vivos()) == list(vivos.values())


def test_quien_para_o_muere_deja_de_vivir(motor: Motor, padron: ProcesosSQL) -> None:
    """A clean stop takes the row away; a dead one's stops counting in 15 s, and is swept in the end."""
    for vivo in (UNO, OTRO):
        padron.anotar(vivo)
    padron.borrar(OTRO.id)
    assert [v.id for v in padron.vivos()] == [UNO.id]
    envejecer(motor, UNO.id, VIVO + timedelta(seconds=1))
    assert padron.vivos() == []
    envejecer(motor, UNO.id, BARRIDO)
    padron.anotar(OTRO)
    with motor.lectura() as con:
        assert con.scalars(select(procesos.c.id)).all() == [OTRO.id]


def test_un_reloj_que_se_va_no_hace_ids(motor: Motor) -> None:
    """Ahead or behind, by more than 5 s: no id is made until it is right; the database's time is known."""
    if not motor.es_postgres:
        pytest.skip("SQLite vive en el proceso: no hay otro reloj")
    reloj, desfase = RelojTorcido(timedelta(0)), Desfase()
    censo = Censo(ProcesosSQL(motor, reloj), desfase, uuid4(), "1.0", tic=iter(range(0, 100, 10)).__next__)
    ids, de_base = Uuid7(desfase), RelojDeBase(reloj, desfase)
    for segundos in (0.0, RELOJ_MAXIMO_S - 0.5, RELOJ_MAXIMO_S + 1, 0.0, -RELOJ_MAXIMO_S - 1, 1.0):
        reloj.desvio = timedelta(seconds=segundos)
        censo.una_ronda()
        assert desfase.segundos == pytest.approx(segundos, abs=0.4)
        assert abs((de_base.ahora() - RelojReal().ahora()).total_seconds()) < 0.4
        if abs(segundos) > RELOJ_MAXIMO_S:
            with pytest.raises(RelojDesviado, match="respecto al de la base"):
                ids.nuevo()
        else:
            assert ids.nuevo().version == 7


@pytest.mark.parametrize("segundos", [-3600, 3600])
def test_quien_vive_lo_dice_el_reloj_de_la_base(motor: Motor, padron: ProcesosSQL, segundos: int) -> None:
    """A process whose clock is an hour off is seen now, and its own clock buries nobody."""
    if not motor.es_postgres:
        pytest.skip("SQLite vive en el proceso: no hay otro reloj")
    padron.anotar(UNO)
    desviado = ProcesosSQL(motor, RelojTorcido(timedelta(seconds=segundos)))
    assert {v.id for v in desviado.anotar(OTRO).vivos} == {UNO.id, OTRO.id}
    assert {v.id for v in desviado.vivos()} == {UNO.id, OTRO.id}
    vistos = [v.visto for v in padron.vivos() if v.visto]
    assert len(vistos) == 2
    assert max(vistos) - min(vistos) < VIVO


def test_los_plazos_son_de_quien_los_entiende(plazos: Timbres) -> None:
    """A row of a version that this process does not know stays for one that does."""
    uno, otro = plazos.poner(1), plazos.poner(2, "B", 3)
    plazos.poner(3, "A", 2)
    plazos.poner(3, "B", 1)
    assert plazos.reclamar() == ([otro, uno], A_TIEMPO)


def test_un_plazo_espera_a_la_respuesta_apartada(motor: Motor, plazos: Timbres) -> None:
    """A reply that came in time and could not be handled yet, for a lock or a fault of ours, comes first.

    Only what waits for the same reader counts, and only the row that it names waits.
    """
    suyo, otro = plazos.poner(40), plazos.poner(20)
    plazos.apartar("sagas", f'{{"saga_id":"{suyo}"}}'.encode() + b"\xff")
    plazos.apartar("pagos", f'{{"saga_id":"{otro}"}}'.encode())
    assert plazos.reclamar()[0] == [otro]
    with motor.escritura() as con:
        con.execute(delete(reintentos))
        con.commit()
    assert plazos.reclamar()[0] == [suyo, otro]


def test_sin_orquestadores_los_plazos_vencen(plazos: Timbres, padron: ProcesosSQL) -> None:
    """A process that reads no replies keeps nobody from anything."""
    padron.anotar(replace(UNO, situacion=None, demora=None))
    assert plazos.reclamar()[1] == A_TIEMPO


@pytest.mark.parametrize("situacion", [s for s in Situacion if s is not Situacion.AL_DIA])
def test_ningun_plazo_mientras_alguien_no_ha_leido(
    plazos: Timbres, padron: ProcesosSQL, situacion: Situacion
) -> None:
    """One of two may have replies that nobody has read: only next tries are claimed, however old the rest."""
    plazos.poner(86_400)
    reintento = plazos.poner(60, reintento_s=1)
    plazos.poner(60, reintento_s=-60)
    padron.anotar(UNO)
    padron.anotar(replace(OTRO, situacion=str(situacion), demora=INDEFINIDA))
    assert plazos.reclamar() == ([reintento], INDEFINIDA)
    padron.anotar(OTRO)
    assert len(plazos.reclamar()[0]) == 3


def test_quien_va_tarde_retrasa_los_plazos_lo_que_tarda(plazos: Timbres, padron: ProcesosSQL) -> None:
    """A loop that is always 30 s late holds back the deadlines of the last 30 s, and no others."""
    viejo = plazos.poner(40)
    plazos.poner(20)
    padron.anotar(replace(UNO, demora=timedelta(seconds=30)))
    padron.anotar(OTRO)
    assert plazos.reclamar() == ([viejo], timedelta(seconds=30))


def test_de_quien_calla_no_se_sabe_lo_que_ha_leido(
    motor: Motor, plazos: Timbres, padron: ProcesosSQL
) -> None:
    """A process that hangs or died may hold replies: until it counts as dead nobody can tell."""
    plazos.poner(60)
    padron.anotar(UNO)
    padron.anotar(OTRO)
    envejecer(motor, OTRO.id, AL_HABLA + timedelta(seconds=1))
    assert plazos.reclamar()[0] == []
    envejecer(motor, OTRO.id, VIVO)
    assert len(plazos.reclamar()[0]) == 1


def test_el_filtro_no_deja_el_indice(motor: Motor, plazos: Timbres, monkeypatch: pytest.MonkeyPatch) -> None:
    """With thousands of sleeping rows the due ones are found by the index of their wake-ups, by any plan."""
    if not motor.es_postgres:
        pytest.skip("EXPLAIN de PostgreSQL")
    pedidas: list[tuple[Any, ...]] = []

    def anotar(con: Any, orden: str, *valores: Any) -> Any:
        pedidas.append(valores)
        return leer(con, orden, *valores)

    monkeypatch.setattr(sql_postgres, "leer", anotar)
    for _ in range(3):
        plazos.poner(1)
    with motor.escritura() as con:
        con.exec_driver_sql(
            "INSERT INTO despertadores SELECT gen_random_uuid(), 'A', 1, now() + interval '1 hour', NULL"
            " FROM generate_series(1, 5000)"
        )
        con.commit()
        con.exec_driver_sql("ANALYZE despertadores")
        plazos.sql.vencidos(con, PLAZOS, RelojReal().ahora(), 100)
        nombre = con.exec_driver_sql("SELECT name FROM pg_prepared_statements").scalar_one()
        lugares = ", ".join(["%s"] * len(pedidas[0]))
        for modo in ("force_generic_plan", "force_custom_plan"):
            con.exec_driver_sql(f"SET LOCAL plan_cache_mode = {modo}")
            dicho = con.exec_driver_sql(f"EXPLAIN EXECUTE {nombre}({lugares})", pedidas[0]).scalars().all()
            assert "ix_despertadores_revisar_en" in "\n".join(dicho)
            assert "Seq Scan on despertadores" not in "\n".join(dicho)


def test_un_censo_que_late(motor: Motor) -> None:
    """The loop writes its row again and again, tells what it read at once, and leaves nothing behind."""
    lecturas = [(Situacion.SIN_CONEXION, 0.0), (Situacion.AL_DIA, 0.0), (Situacion.AL_DIA, 9.0)]
    instantes = iter((0.0, 0.1, 3.0))
    padron = ProcesosSQL(motor, RelojReal())
    censo = Censo(padron, Desfase(), uuid4(), "1.0", tic=lambda: next(instantes), servicio="orquestador")
    censo.leer = iter(lecturas).__next__
    demoras = []
    for _ in lecturas:
        censo.una_ronda()
        demoras += [v.demora for v in padron.vivos()]
    assert demoras == [INDEFINIDA, A_TIEMPO, timedelta(seconds=11)]
    assert [v.servicio for v in censo.vivos] == ["orquestador"]
    censo.terminar()
    assert hasta(lambda: padron.vivos() == [], "la fila borrada", 5)
