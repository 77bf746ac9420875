"""A whole system in one process, and the operator's service beside it, on real services."""

from pathlib import Path

import pytest

from aeropartners.arranque.sistemas import SISTEMAS
from tests.e2e.sistema import migrado
from tests.esperas import hasta
from tests.red import RED

pytestmark = pytest.mark.servicios


def test_un_sistema_en_un_proceso(tmp_path: Path) -> None:
    """Each of its services answers on its own port; the operator sees and orders its sagas."""
    [partners] = [s for s in SISTEMAS if s.nombre == "partners"]
    with migrado(tmp_path) as sistema:
        puertos = {s.variables[0]: sistema.url[s.nombre].rpartition(":")[2] for s in partners.servicios}
        sistema.url["partners"] = sistema.url[partners.puerta]
        sistema.arrancar("partners", PORT="0", **puertos)
        sistema.arrancar("operador")
        sistema.listos()
        for servicio in partners.servicios:
            assert RED.get(f"{sistema.url[servicio.nombre]}/ready").status_code == 200, servicio.nombre
        saga_id = sistema.iniciar_partner(1)
        operador = sistema.url["operador"]

        def estado() -> str:
            sagas = RED.get(f"{operador}/saga/todas").json()["sagas"]
            return str(next(s["estado"] for s in sagas if s["saga_id"] == saga_id))

        hasta(lambda: estado() == "completed", "la SAGA completa")
        tarde = RED.post(f"{operador}/saga/{saga_id}/cancelar", json={"motivo": "tarde"})
        assert tarde.status_code == 409, tarde.text
        assert sistema.parar() == {"partners": 0, "operador": 0}
