"""How long a write would wait behind those before it, and when that is too long."""

import pytest

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.bucles.limite_de_espera import LimiteDeEspera
from tests.dobles.relojes import Cronometro


def test_una_escritura_que_esperaria_demasiado_se_rechaza() -> None:
    """Two groups of 2 s ahead are fair, a third is not; the wait is said."""
    cronometro = Cronometro()
    espera = LimiteDeEspera(50, cronometro)
    with espera.un_grupo():
        cronometro.segundos += 2
    espera.exigir(149)
    with espera.un_grupo():
        espera.exigir(99)
        with pytest.raises(DemasiadasPeticiones) as rechazo:
            espera.exigir(100)
    assert (rechazo.value.motivo, rechazo.value.espera_s) == ("cola", 6)


def test_un_grupo_que_no_acaba_rechaza_a_los_demas() -> None:
    """What it has taken so far is what it takes; when it ends, nothing is ahead."""
    cronometro = Cronometro()
    espera = LimiteDeEspera(50, cronometro)
    with espera.un_grupo():
        espera.exigir(0)
        cronometro.segundos += 5.1
        with pytest.raises(DemasiadasPeticiones):
            espera.exigir(0)
    espera.exigir(0)
    espera.exigir(49)
