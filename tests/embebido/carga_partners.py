"""As `carga`, with partner sagas: `python -m tests.embebido.carga_partners SAGAS`; every fifth is refused."""

import os
import sys
import uuid
from pathlib import Path

from tests.api.sistema import levantar
from tests.datos import cuerpo_de_partner
from tests.e2e.averias import nadie_contesta
from tests.e2e.invariantes_partners import PARTNERS
from tests.embebido.carga import Vivo
from tests.esperas import hasta

CAIDA = "http://127.0.0.1:9"
# Attempts enough for a neighbour that is away while a process starts again.
PACIENCIA = {"SAGA_BACKOFF_BASE_S": "0.3", "SAGA_MAX_RETRIES": "8"}


class VivoPartners(Vivo):
    """The running system, asked for partner sagas."""

    def iniciar(self, numero: int) -> str:
        """Start the saga of this number, or find it."""
        nombre = uuid.uuid5(uuid.NAMESPACE_OID, str(numero)).hex
        monto = 60000 if numero % 5 == 0 else 1000
        cuerpo = cuerpo_de_partner(email=f"{nombre}@example.com", contrato={"monto": monto})
        respuesta = self.pedir(self.sistema.bff_partners, "/api/v1/partners/", cuerpo, numero)
        assert respuesta.status_code == 202, respuesta.get_data(as_text=True)
        return str(respuesta.get_json()["saga_id"])


def principal(carpeta: Path, sagas: int, punto: str) -> None:
    """Start the sagas, wait until all ended and everything is published, count, and stop cleanly."""
    entorno = {"INTEGRACIONES_API_URL": CAIDA} if nadie_contesta(punto) else {}
    with levantar(carpeta, PUNTO_DE_CHOQUE=punto, **PACIENCIA, **entorno) as sistema:
        vivo = VivoPartners(sistema)
        vivo.preparar(punto)
        for saga_id in [vivo.iniciar(numero) for numero in range(1, sagas + 1)]:
            sistema.final_partner(saga_id)
        hasta(vivo.en_reposo, "la salida vacía y los temas sin atraso")
        PARTNERS.comprobar(vivo, sagas, sagas // 5)


if __name__ == "__main__":
    principal(Path(os.environ["AEROPARTNERS_DATOS"]), int(sys.argv[1]), os.environ["PUNTO_DE_CHOQUE"])
