"""Two of each process of the partners' system, and one of each killed under load."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.caos import ObjetivoPartners
from tests.e2e.invariantes import esperar_final
from tests.e2e.invariantes_partners import PARTNERS
from tests.e2e.sistema import SERVICIOS_PARTNERS, migrado

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS, POR_MUERTE = 60, 10


def test_dos_de_cada_uno_y_muere_uno(tmp_path: Path) -> None:
    """Every saga ends as it should: one partner and one contract each, or neither lives."""
    objetivo = ObjetivoPartners()
    with migrado(tmp_path, **objetivo.entorno) as sistema:
        sistema.arrancar(*objetivo.procesos)
        sistema.listos()
        hechas = threading.Semaphore(0)

        def iniciar(numero: int) -> None:
            sistema.iniciar_partner(numero)
            hechas.release()

        with ThreadPoolExecutor(4) as clientes:
            pedidas = [clientes.submit(iniciar, numero) for numero in range(1, SAGAS + 1)]
            for servicio in SERVICIOS_PARTNERS:
                for _ in range(POR_MUERTE):
                    assert hechas.acquire(timeout=120), "las SAGAs no se aceptan"
                sistema.matar(servicio)
                sistema.arrancar(servicio)
            for pedida in pedidas:
                pedida.result(180)
        sistema.listos()
        esperar_final(sistema, SAGAS, 240)
        PARTNERS.comprobar(sistema, SAGAS, SAGAS // 5)
