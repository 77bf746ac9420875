"""A saga whose row cannot be decoded, on both databases: looked at beside all others, and made again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.espera import Motivo
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.consultas.explicacion import LecturasExplicacion
from saga_orchestrator.infraestructura.consultas.seleccion import Filtro, Seleccion
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion
from tests.conformidad.archivo import Archivo
from tests.sagas_de_los_sistemas import LECTURAS, registro

ROTURAS = ["[]", "{}", '{"fase":7}', '{"fase":"ATRAS","pasos":[]}', '{"fase":"ADELANTE","actual":9}']


def romper(motor: Motor, id: UUID, memoria: str) -> None:
    """Write a memory that no release has written, and have the saga ask for attention."""
    valor = "CAST(:m AS json)" if motor.es_postgres else ":m"
    with motor.escritura() as con:
        orden = text(f"UPDATE sagas SET memoria = {valor}, requiere_atencion = :si WHERE id = :id")
        con.execute(orden, {"m": memoria, "si": True, "id": str(id)})
        con.commit()


@pytest.mark.parametrize("memoria", ROTURAS)
def test_se_mira_con_las_demas_y_se_rehace(motor: Motor, memoria: str) -> None:
    """Lists, counts, previews and its own story tell that it cannot be read, and how it is repaired."""
    archivo = Archivo(motor)
    rota, sana = (archivo.iniciar(datetime.now(UTC)) for _ in range(2))
    romper(motor, rota, memoria)
    almacen = AlmacenSagas(registro(Ajustes()))
    lecturas = LecturasExplicacion(motor, archivo.reloj, almacen)
    relato = lecturas.una(rota)
    assert relato
    assert relato["espera"]["motivo"] == Motivo.ILEGIBLE
    assert f"saga reconstruir {rota}" in relato["espera"]["texto"]
    assert [a["saga_id"] for a in lecturas.atascadas()] == [rota]
    assert {motivo for _, motivo in lecturas.motivos()} == {Motivo.ILEGIBLE, Motivo.RESPUESTA}
    previstas, _ = Seleccion(motor, archivo.reloj, almacen).prever("cancelar", Filtro(), 10)
    assert {p["id"]: p["se_hara"] for p in previstas} == {rota: False, sana: True}
    rehacer = Reconstruccion(motor, registro(Ajustes()), LECTURAS)
    assert rehacer.ejecutar(None, escribir=True).diferentes == [rota]
    assert rehacer.ejecutar(None, escribir=False).diferentes == []
    relato = lecturas.una(rota)
    assert relato
    assert relato["espera"]["motivo"] == Motivo.ORDEN_EN_SALIDA
