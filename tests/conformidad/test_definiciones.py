"""The registered definitions, on both databases: who was first, what was edited, and what waits unread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select

from aeropartners.contratos.saga import SUSCRIPCION
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase, Vivo, en_palabras
from aeropartners.seedwork.aplicacion.serializacion import VersionDesconocida
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.operacion.procesos import ProcesosSQL
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import saga_pasos, sagas
from saga_orchestrator.infraestructura.mantenimiento.apertura import Apertura
from saga_orchestrator.infraestructura.mantenimiento.definiciones import (
    TARDE,
    DefinicionEditada,
    DefinicionesSQL,
    definiciones,
)
from tests.saga.lenguaje import DEFINICION

PASOS = DEFINICION.pasos
OTRO = replace(PASOS[0].presentacion, evento="Otro")
EDITADA = replace(DEFINICION, pasos=(replace(PASOS[0], presentacion=OTRO), *PASOS[1:]))
Abrir = Callable[..., UUID]


@pytest.fixture
def abrir(motor: Motor) -> Abrir:
    """Write the rows of a saga of some version, that was due so long ago."""

    def una(version: int, *, hace_s: float = 0, abierta: bool = True) -> UUID:
        id, momento = uuid4(), RelojReal().ahora()
        comunes = {"version": 1, "created_at": momento, "updated_at": momento}
        with motor.escritura() as con:
            con.execute(
                insert(sagas).values(
                    **comunes,
                    id=id,
                    tipo=DEFINICION.tipo,
                    definicion=version,
                    estado="INICIADA",
                    datos_iniciales={},
                    memoria={"fase": "ADELANTE", "pasos": [{"id": str(uuid4()), "paso": 0}]},
                    fecha_inicio=momento,
                    fecha_fin=None if abierta else momento,
                    timeout_minutos=1,
                    correlation_id="",
                    requiere_atencion=False,
                    revisar_en=momento - timedelta(seconds=hace_s) if abierta else None,
                )
            )
            fila = {"id": uuid4(), "saga_id": id, "orden": 1, "tipo_paso": "COSER", "intentos": 1}
            con.execute(insert(saga_pasos).values(**comunes, **fila, compensacion={"tipo": "DESCOSER"}))
            con.commit()
        return id

    return una


def registrar(motor: Motor, *suyas: Definicion) -> None:
    """Register as a process does at its start."""
    DefinicionesSQL(motor, RelojReal()).registrar(Registro(suyas))


def test_varios_a_la_vez_registran_lo_mismo(motor: Motor) -> None:
    """Eight processes start together: one row, and nobody fails."""
    with ThreadPoolExecutor(8) as piscina:
        list(piscina.map(lambda _: registrar(motor, DEFINICION), range(8)))
    with motor.lectura() as con:
        assert con.scalar(select(func.count()).select_from(definiciones)) == 1


def test_una_editada_se_rechaza_mientras_tenga_sagas(motor: Motor, abrir: Abrir) -> None:
    """It says what differs and what to do; ended sagas, and those of other versions, are no reason."""
    registrar(motor, DEFINICION)
    abrir(1, abierta=False)
    abrir(2)
    registrar(motor, EDITADA)
    registrar(motor, DEFINICION)
    abrir(1)
    with pytest.raises(DefinicionEditada, match=r"pasos 1\.evento: SagaCampañaCreada → Otro.*versión 2"):
        registrar(motor, EDITADA)
    registrar(motor, DEFINICION, replace(EDITADA, version=2))


def test_cada_version_con_sus_sagas(motor: Motor, abrir: Abrir) -> None:
    """Those that are registered, and those that only sagas name; an operator lets one begin."""
    tabla = DefinicionesSQL(motor, RelojReal())
    registrar(motor, DEFINICION)
    abrir(1)
    abrir(3)
    abrir(3)
    vistas = [(v.version, v.abiertas, bool(v.registrada)) for v in tabla.todas()]
    assert vistas == [(1, 1, True), (3, 2, False)]
    for permitida, esperadas in ((True, {(DEFINICION.tipo, 1)}), (False, set())):
        with motor.escritura() as con:
            assert tabla.permitir(con, DEFINICION.tipo, 1, permitida)
            assert not tabla.permitir(con, DEFINICION.tipo, 3, permitida)
            con.commit()
        assert tabla.permitidas() == esperadas


def conoce(*versiones: int) -> dict[str, list[str]]:
    """What the row of an orchestrator says that it can read."""
    return {SUSCRIPCION: [en_palabras(DEFINICION.tipo, v) for v in versiones]}


def test_empieza_la_que_todos_conocen_o_un_operador_permite(motor: Motor) -> None:
    """While an orchestrator of the old release lives, only an operator's word begins the new version."""
    tabla, padron = DefinicionesSQL(motor, RelojReal()), ProcesosSQL(motor, RelojReal())
    nueva, viejo = replace(DEFINICION, version=2), Vivo(uuid4(), "orquestador", "1.0", conoce(1))
    censo = Censo(padron, Desfase(), uuid4(), "1.1", tic=count(0, 10).__next__, conoce=dict(conoce(1, 2)))
    apertura = Apertura(censo, tabla)
    suyo = Registro((DEFINICION, nueva), apertura.abierta)
    tabla.registrar(suyo)
    padron.anotar(viejo)

    def empieza() -> int | None:
        censo.una_ronda()
        apertura.una_ronda()
        elegida = suyo.de_inicio(DEFINICION.tipo)
        return elegida and elegida.version

    assert empieza() == 1
    for permitida, version in ((True, 2), (False, 1)):
        with motor.escritura() as con:
            assert tabla.permitir(con, DEFINICION.tipo, 2, permitida)
            con.commit()
        assert empieza() == version
    padron.borrar(viejo.id)
    assert empieza() == 2


def test_lo_vencido_que_nadie_despierta_se_cuenta(motor: Motor, abrir: Abrir) -> None:
    """Sagas of a version that this process does not know, due for longer than who knows it would wait."""
    tabla, conocidas = DefinicionesSQL(motor, RelojReal()), [(DEFINICION.tipo, 1)]
    tarde = TARDE.total_seconds() + 1
    abrir(1, hace_s=tarde)
    abrir(2)
    assert tabla.sin_despertar(conocidas) == []
    abrir(2, hace_s=tarde)
    [falta] = tabla.sin_despertar(conocidas)
    assert (falta.nombre, falta.cuantos) == (f"{DEFINICION.tipo} v2", 1)


def test_una_ajena_se_lee_y_no_se_trata(motor: Motor, abrir: Abrir) -> None:
    """To work on it is refused, saying which version; to look at it gives the words of its rows."""
    sql, almacen = dialecto_de(motor), AlmacenSagas(Registro((DEFINICION,)))
    ajena = abrir(2)
    with motor.lectura() as con:
        with pytest.raises(VersionDesconocida) as error:
            almacen.cargar(con, sql, [ajena])
        saga = almacen.leer(con, sql, [ajena])[ajena]
    assert (error.value.que, error.value.version) == (DEFINICION.tipo, 2)
    assert saga.es_ajena
    assert (saga.paso(0).tipo, saga.definicion.version) == ("COSER", 2)
    undo = saga.paso(0).compensacion
    assert undo
    assert undo.tipo == "DESCOSER"
