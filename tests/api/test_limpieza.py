"""Cleanup of ended sagas, by what ended and not by a word, and of one's own system alone."""

import uuid
from pathlib import Path

from sqlalchemy import select

from saga_orchestrator.infraestructura.almacen.tablas import sagas
from tests.api.sistema import levantar
from tests.datos import cuerpo_de_saga


def test_solo_se_quita_lo_que_termino(tmp_path: Path) -> None:
    """An open saga with a last word stays, and so does another system's ended one with the same words."""
    with levantar(tmp_path, PERMITIR_LIMPIEZA="1", GATEWAY_LATENCY_S="600") as s:

        def iniciar(referencia: str) -> str:
            cuerpo = cuerpo_de_saga(referencia)
            return str(s.bff.post("/saga/crear-campana-completa", json=cuerpo).get_json()["saga_id"])

        abierta = iniciar(str(uuid.uuid4()))
        terminadas = []
        for _ in range(2):
            terminadas.append(iniciar(str(uuid.uuid4())))
            s.bff.post(f"/saga/{terminadas[-1]}/cancelar", json={"motivo": "x", "quien": "y"})
            assert s.final(terminadas[-1])["fecha_fin"]
        ajena, propia = terminadas
        motor = s.proceso.c.motor()
        with motor.escritura() as con:
            con.execute(sagas.update().where(sagas.c.id == uuid.UUID(ajena)).values(tipo="OTRA"))
            con.execute(sagas.update().where(sagas.c.id == uuid.UUID(abierta)).values(estado="FALLIDA"))
            con.commit()
        assert s.orquestador.delete(f"/saga/{abierta}").status_code == 409
        assert s.orquestador.delete("/saga/cleanup").get_json()["total_eliminadas"] == 1
        with motor.lectura() as con:
            quedan = {str(id) for id in con.scalars(select(sagas.c.id))}
    assert quedan == {abierta, ajena}
    assert propia not in quedan
