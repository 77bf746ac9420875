"""When starts are refused, when again not, and what is said of it."""

from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion.admision import MIB, Admision, DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.bucles.espera_justa import EsperaJusta
from aeropartners.seedwork.aplicacion.puertos import PeorRetraso
from tests.unidad.seedwork.reloj import Reloj

PROCESO = UUID(int=7)


def retraso(segundos: float, bucle: str = "consumidor-pagos") -> PeorRetraso:
    """A loop that is so late."""
    return PeorRetraso(PROCESO, bucle, segundos)


def test_cierra_por_encima_y_abre_por_debajo_de_la_mitad() -> None:
    """From more than 5 s on, until no more than 2.5 s; the reason is the newest, the beginning the first."""
    reloj = Reloj()
    admision = Admision(5, reloj)
    admision.mirar(retraso(5))
    assert admision.cierre is None
    admision.mirar(retraso(5.1))
    cerrada = reloj.momento
    reloj.pasar(1)
    admision.mirar(retraso(2.6, "consumidor-saga"))
    cierre = admision.cierre
    assert cierre
    assert cierre.retraso
    assert (cierre.desde, cierre.retraso.bucle) == (cerrada, "consumidor-saga")
    admision.mirar(retraso(2.5))
    assert admision.cierre is None
    admision.mirar(retraso(4.9))
    assert admision.cierre is None


def test_lo_que_nadie_dice_abre() -> None:
    """When nobody is late any more there is no row, and starts are let in."""
    admision = Admision(5, Reloj())
    admision.mirar(retraso(9))
    admision.mirar(None)
    admision.exigir()


def test_rechaza_con_cuando_volver() -> None:
    """In words, and with a wait that grows with the delay within bounds."""
    admision = Admision(5, Reloj())
    for segundos, espera_s in ((5.1, 6), (29.5, 30), (400, 30)):
        admision.mirar(retraso(segundos))
        with pytest.raises(DemasiadasPeticiones, match=f"va {segundos:.0f} s atrasado") as rechazo:
            admision.exigir()
        assert (rechazo.value.motivo, rechazo.value.espera_s) == ("retraso", espera_s)


def test_una_opinion_vieja_no_cierra() -> None:
    """When the loop that looks hangs, or its database is away, starts are judged by what happens to them."""
    reloj = Reloj()
    admision = Admision(5, reloj)
    admision.mirar(retraso(9))
    reloj.pasar(4.9)
    assert admision.cierre
    reloj.pasar(0.2)
    admision.exigir()


def test_cero_admite_siempre() -> None:
    """0 turns it off."""
    admision = Admision(0, Reloj())
    admision.mirar(retraso(1e6))
    admision.exigir()


def test_una_salida_llena_cierra_y_medio_llena_abre() -> None:
    """More than so many MiB in the outbox refuses starts, until it holds no more than half of that."""
    admision = Admision(5, Reloj(), limite_mib=1_024)
    for mib, cerrada in ((1_024, False), (1_025, True), (513, True), (512, False), (1_000, False)):
        admision.mirar(None, mib * MIB)
        assert bool(admision.cierre) is cerrada, mib
    admision.mirar(None, 2_000 * MIB)
    with pytest.raises(DemasiadasPeticiones) as rechazo:
        admision.exigir()
    assert (rechazo.value.motivo, rechazo.value.espera_s) == ("salida", 30)
    assert admision.cierre
    assert admision.cierre.motivo == (
        "la salida guarda 2000 MiB que el broker no toma; los inicios se rechazan con 429"
    )


def test_un_broker_fuera_no_rechaza_a_nadie() -> None:
    """However long nothing leaves: only how much waits counts, and without a limit not even that."""
    reloj = Reloj()
    admision = Admision(5, reloj, limite_mib=1_024)
    for _ in range(100):
        reloj.pasar(60)
        admision.mirar(None, 900 * MIB)
        admision.exigir()
    sin_limite = Admision(5, reloj)
    sin_limite.mirar(None, 10_000_000 * MIB)
    sin_limite.exigir()


class Cronometro:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.segundos = 0.0

    def __call__(self) -> float:
        return self.segundos


def test_una_escritura_que_esperaria_demasiado_se_rechaza() -> None:
    """Two groups of 2 s ahead are fair, a third is not; the wait is said."""
    cronometro = Cronometro()
    espera = EsperaJusta(50, cronometro)
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
    espera = EsperaJusta(50, cronometro)
    with espera.un_grupo():
        espera.exigir(0)
        cronometro.segundos += 5.1
        with pytest.raises(DemasiadasPeticiones):
            espera.exigir(0)
    espera.exigir(0)
    espera.exigir(49)
