"""An order whose undo is stuck, over both databases: its mark, its client, the repair, and the cotejo."""

import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.identidades import id_comando
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos
from tests.api.sistema import Sistema, levantar
from tests.api.test_pedidos import RUTA, SAGAS
from tests.conformidad.conftest import REALES
from tests.conformidad.test_cotejo import Terminado, _base
from tests.datos import cuerpo_de_pedido
from tests.esperas import hasta

# No attempt is left after the first: what is not answered within a second has used them up.
PRISA = {
    **{"SAGA_STEP_TIMEOUT_S": "1", "SAGA_COMPENSATION_MAX_RETRIES": "0", "SAGA_BACKOFF_BASE_S": "0.1"},
    "PEDIDO_ESPERA_S": "60",
}
# The module of orders cannot write: it neither creates nor removes one.
ROMPER = {
    "sqlite": (
        "CREATE TRIGGER averia BEFORE INSERT ON eventos WHEN NEW.tipo_flujo = 'cafeteria-pedido'"
        " BEGIN SELECT RAISE(ABORT, 'avería de la prueba'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION averia() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'avería de la prueba'; END $$",
        "CREATE TRIGGER averia BEFORE INSERT ON eventos FOR EACH ROW"
        " WHEN (NEW.tipo_flujo = 'cafeteria-pedido') EXECUTE FUNCTION averia()",
    ),
}
ARREGLAR = {"sqlite": "DROP TRIGGER averia", "postgresql": "DROP FUNCTION averia CASCADE"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=REALES)])
def cafeteria(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The system on each database."""
    carpeta = tmp_path_factory.mktemp("atascado")
    origen = "" if request.param == "sqlite" else request.getfixturevalue("postgres")
    with _base(origen, carpeta) as url, levantar(carpeta, DATABASE_URL=url, **PRISA) as sistema:
        yield sistema


def ejecutar(sistema: Sistema, *ordenes: str) -> None:
    """Run SQL."""
    with sistema.proceso.c.motor().escritura() as con:
        for orden in ordenes:
            con.execute(text(orden))
        con.commit()


def valor(sistema: Sistema, consulta: str) -> Any:
    """Return the one value of a query."""
    with sistema.proceso.c.motor().lectura() as con:
        return con.execute(text(consulta)).scalar()


def test_atascado_y_reparado(cafeteria: Sistema) -> None:
    """500 with the saga in `fallida`; announced; a retry undoes on; and nothing is lost, twice, or stuck."""
    puerta, motor = cafeteria.cafeteria, cafeteria.proceso.c.motor()
    base = "postgresql" if motor.es_postgres else "sqlite"
    bueno = puerta.post(RUTA, json=cuerpo_de_pedido(1))
    assert bueno.status_code == 201, bueno.get_data(as_text=True)
    ejecutar(cafeteria, *ROMPER[base])
    respuesta = puerta.post(RUTA, json=cuerpo_de_pedido(1), headers={"Idempotency-Key": str(uuid.uuid4())})
    assert respuesta.status_code == 500, respuesta.get_data(as_text=True)
    detalle = respuesta.get_json()["detail"]
    assert detalle["mensaje"] == "Error al crear pedido. La reversión no se ha completado."
    saga = detalle["saga"]
    assert (saga["estado"], saga["requiere_atencion"]) == ("fallida", True)
    assert [(s["ejecutado"], s["compensado"]) for s in saga["steps"]] == [
        *[(True, False)] * 3,
        (False, False),
    ]
    reservado = puerta.get(f"{RUTA}inventario/reservas").get_json()
    assert reservado == {"reservas": [{"producto_id": 1, "cantidad_reservada": 1}]}
    ejecutar(cafeteria, ARREGLAR[base])
    lugar = f"{SAGAS}{saga['saga_id']}"
    reintento = puerta.post(f"{lugar}/reintentar")
    assert (reintento.status_code, reintento.get_json()["saga_id"]) == (202, saga["saga_id"])
    hasta(lambda: puerta.get(lugar).get_json()["estado"] == "compensada", "la saga deshecha")
    numero = int(saga["nombre"].partition("-")[2])
    assert puerta.get(f"{RUTA}{numero}").status_code == 404
    assert puerta.get(f"{RUTA}inventario/reservas").get_json() == {"reservas": []}
    assert puerta.post(f"{lugar}/reintentar").status_code == 409
    _cotejar(cafeteria, motor, bueno.get_json()["saga"]["saga_id"], saga["saga_id"])


def _cotejar(cafeteria: Sistema, motor: Motor, buena: str, deshecha: str) -> None:
    """The cotejo explains the announcement's inbox row, and misses it when it is not there."""
    for tabla in ("salida", "reintentos"):
        hasta(lambda tabla=tabla: valor(cafeteria, f"SELECT count(*) FROM {tabla}") == 0, f"{tabla} vacía")
    terminado = Terminado(motor, buena, deshecha, "")
    hasta(terminado.asentado, "el final de las transacciones de otros en el mismo servidor")
    assert terminado.cotejar() == []
    anuncio = _anuncio(motor, deshecha)
    ejecutar(cafeteria, f"DELETE FROM entrada WHERE id = '{anuncio}'")
    [hallazgo] = terminado.cotejar()
    assert (hallazgo.clase, hallazgo.mensaje, hallazgo.saga_id) == ("PERDIDO", anuncio, deshecha)
    assert "volver comandos-pedidos pedidos" in hallazgo.repara


def _anuncio(motor: Motor, saga: str) -> str:
    """Return the id of the announcement: that of the command which its event would have sent."""
    e = saga_eventos.c
    with motor.lectura() as con:
        suceso = select(e.version, e.fecha_creacion).where(
            e.saga_id == UUID(saga), e.clase == str(Tipo.COMPENSACION_FALLIDA)
        )
        [(version, fecha)] = con.execute(suceso).all()
    return str(id_comando(UUID(saga), version, fecha))
