"""The whole system in this process, as `make run` has it, for tests of what its clients see."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.servicios import aplicaciones
from tests.esperas import hasta


class Sistema:
    """Test clients of all applications."""

    def __init__(self, proceso: Proceso) -> None:
        clientes = {nombre: app.test_client() for nombre, app in aplicaciones(proceso).items()}
        self.proceso = proceso
        self.principal = clientes["modulos"]
        self.bff = clientes["bff"]
        self.orquestador = clientes["orquestador"]
        self.sagas_partners = clientes["orquestador-partners"]
        self.integraciones = clientes["integraciones"]
        self.alianzas = clientes["alianzas"]
        self.bff_partners = clientes["bff-partners"]
        self.cafeteria = clientes["cafeteria-api"]

    def estado(self, saga_id: str) -> dict[str, Any]:
        """Return the status object of a saga."""
        respuesta = self.bff.get(f"/saga/{saga_id}/status")
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        return dict(respuesta.get_json())

    def final(self, saga_id: str) -> dict[str, Any]:
        """Wait for the end of a saga and return its status object."""
        finales = {"COMPLETADA", "FALLIDA", "COMPENSADA"}
        hasta(lambda: self.estado(saga_id)["estado"] in finales, f"fin de la saga {saga_id}")
        return self.estado(saga_id)

    def saga_partner(self, saga_id: str) -> dict[str, Any]:
        """Return a partner saga."""
        respuesta = self.sagas_partners.get(f"/api/v1/saga/status/{saga_id}")
        assert respuesta.status_code == 200, respuesta.get_data(as_text=True)
        return dict(respuesta.get_json()["saga"])

    def final_partner(self, saga_id: str) -> dict[str, Any]:
        """Wait for the end of a partner saga and return it."""
        finales = {"completed", "failed", "compensated"}
        hasta(lambda: self.saga_partner(saga_id)["status"] in finales, f"fin de la saga {saga_id}")
        return self.saga_partner(saga_id)


@contextmanager
def levantar(carpeta: Path, **entorno: str) -> Iterator[Sistema]:
    """Start the embedded system in a folder and stop it cleanly."""
    config = leer({"AEROPARTNERS_DATOS": str(carpeta), "GATEWAY_LATENCY_S": "0", **entorno})
    proceso = Proceso(Contenedor(config=config))
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    sistema = Sistema(proceso)
    proceso.empezar()
    try:
        yield sistema
    finally:
        assert proceso.parar(), "el proceso no terminó limpio"
        assert {h.nombre: h.caidas for h in proceso.hilos if h.caidas} == {}
