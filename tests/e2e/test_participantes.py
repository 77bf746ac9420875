"""Participants that misbehave: a gateway on a bad day, and a module that does not answer at all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aeropartners.simulacion.invariantes import despertares_falsos
from tests.e2e.bandeja import copiar, faltas_de_bandeja
from tests.e2e.carga import CANCELADA, Carga
from tests.e2e.invariantes import CAMPANAS, esperar_final
from tests.e2e.sistema import Sistema, migrado
from tests.esperas import hasta

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 25
# Short deadlines, so that silence and lateness are noticed; an undo asks twice, then calls for help.
IMPACIENTE = {"SAGA_STEP_TIMEOUT_S": "4", "SAGA_BACKOFF_BASE_S": "0.2", "SAGA_COMPENSATION_MAX_RETRIES": "1"}
PARADAS = (
    "SELECT count(*) FROM sagas s JOIN saga_compensaciones c ON c.saga_id = s.id"
    " WHERE s.requiere_atencion AND c.tipo_compensacion = 'REVERTIR_PAGO' AND c.error LIKE 'Tiempo de%'"
)
RASTROS = {
    "reembolsos": "SELECT count(*) FROM pasarela_cargos WHERE operacion = 'REEMBOLSO'",
    "claves repetidas": "SELECT count(*) FROM pasarela_cargos WHERE veces > 1",
    "cobros tardíos": "SELECT count(*) FROM eventos WHERE tipo = 'CobroTardio'",
    "pagos exitosos": "SELECT count(*) FROM pagos WHERE estado = 'EXITOSO'",
}
CARGAS = range(10, 15)
VIVAS = "SELECT count(*) FROM sagas WHERE fecha_fin IS NULL AND NOT requiere_atencion"


@pytest.fixture(scope="module")
def sistema_impaciente(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """A system for both."""
    with migrado(tmp_path_factory.mktemp("participantes"), **IMPACIENTE) as sistema:
        copiar(sistema)
        sistema.arrancar("orquestador", "bff")
        yield sistema


@contextmanager
def _cargado(sistema: Sistema, semilla: int) -> Iterator[Carga]:
    """A load whose successes may be undone, and at the end all that must be true of it."""
    carga = Carga(sistema, semilla, en_vez_de_exito=CANCELADA)
    with carga.en_marcha(SAGAS):
        yield carga
    esperar_final(sistema, sistema.valor("SELECT count(*) FROM sagas"))
    assert carga.balance().bueno, carga.balance()
    assert not any((faltas := faltas_de_bandeja(sistema)).values()), faltas


def test_la_pasarela_se_porta_mal(sistema_impaciente: Sistema) -> None:
    """Late after the deadline, twice, cut off, garbage: no money is kept for a saga that was undone."""
    sistema = sistema_impaciente
    averias = "tarde=0.3,doble=0.2,corte=0.2,basura=0.2"
    sistema.arrancar("modulos", GATEWAY_FAULTS=averias, GATEWAY_LATE_S="8", GATEWAY_SEED="3")
    sistema.listos()
    # What befalls a payment hangs on its key, which is the saga's: a load may miss a fault by chance.
    for semilla in CARGAS:
        with _cargado(sistema, semilla):
            pass
        if not (faltan := _sin_ver(sistema)):
            break
    assert not faltan, faltan
    CAMPANAS.comprobar_siempre(sistema)


def _sin_ver(sistema: Sistema) -> list[str]:
    """Return the faults, and what they lead to, that have not happened yet."""
    registro = (sistema.registros / "modulos.log").read_text(errors="replace")
    rastros = [que for que, consulta in RASTROS.items() if not sistema.valor(consulta)]
    return rastros + [que for que in ("TimeoutError", "RespuestaIlegible") if que not in registro]


def test_un_participante_no_contesta(sistema_impaciente: Sistema) -> None:
    """Sagas whose payment never answers call for help with the reason, and end when it is there again."""
    sistema = sistema_impaciente
    sistema.matar("modulos")
    sistema.arrancar("modulos", opciones=["--modulos", "campanas,reporting"])
    sistema.listos()
    with _cargado(sistema, 2) as carga:
        carga.esperar(SAGAS)
        hasta(lambda: sistema.valor(VIVAS) == 0, "toda saga terminada o a la espera de un operador")
        assert sistema.valor(PARADAS) > 0
        assert sistema.valor("SELECT count(*) FROM sagas WHERE requiere_atencion") == sistema.valor(PARADAS)
        assert not (falsos := despertares_falsos(sistema)), falsos
        sistema.matar("modulos")
        sistema.arrancar("modulos")
        sistema.listos()
        hasta(lambda: sistema.valor(PARADAS) == 0, "nadie pide atención")
    CAMPANAS.comprobar_siempre(sistema)
