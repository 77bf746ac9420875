"""kill -9 of each process while sagas run: nothing is lost and nothing is done twice."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SERVICIOS, Sistema
from tests.e2e.invariantes import comprobar, esperar_final
from tests.esperas import hasta

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 100


def test_muere_cada_proceso_una_vez(sistema: Sistema) -> None:
    """Each process is killed once while 100 sagas run; every one ends, with each effect once."""
    sistema.arrancar()
    sistema.listos()
    muertes = {20: "orquestador", 45: "modulos", 70: "bff"}
    ids = []
    for numero in range(1, SAGAS + 1):
        ids.append(sistema.iniciar_saga(numero))
        if victima := muertes.get(numero):
            sistema.matar(victima)
            sistema.arrancar(victima)
    sistema.listos()
    esperar_final(sistema, SAGAS)
    assert len(set(ids)) == SAGAS
    comprobar(sistema, SAGAS, SAGAS // 5)
    assert sistema.parar() == dict.fromkeys(SERVICIOS, 0)


def test_dos_copias_y_una_muere(sistema: Sistema) -> None:
    """With the modules killed in the middle of their work, what was in flight is done once."""
    sistema.arrancar()
    sistema.listos()
    for numero in range(1, 31):
        sistema.iniciar_saga(numero)
    hasta(
        lambda: sistema.valor("SELECT count(*) FROM pagos WHERE estado = 'PROCESANDO'") > 0,
        "un cobro en vuelo",
    )
    sistema.matar("modulos")
    sistema.matar("orquestador")
    sistema.arrancar("modulos", "orquestador")
    sistema.listos()
    esperar_final(sistema, 30)
    comprobar(sistema, 30, 6)


def test_cada_mensaje_dos_veces(sistema: Sistema) -> None:
    """Every burst is published a second time; inboxes drop what comes again."""
    sistema.arrancar()
    sistema.listos()
    sistema.sql(
        "CREATE TABLE copia AS SELECT lote, cuerpo FROM salida WHERE false;"
        "CREATE FUNCTION copiar() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO copia VALUES (NEW.lote, NEW.cuerpo); RETURN NEW; END $$;"
        "CREATE TRIGGER copiar AFTER INSERT ON salida FOR EACH ROW EXECUTE FUNCTION copiar();"
        "SELECT 1"
    )
    for numero in range(1, 26):
        sistema.iniciar_saga(numero)
    esperar_final(sistema, 25)
    sistema.sql("DROP TRIGGER copiar ON salida; SELECT 1")
    sistema.sql(
        "INSERT INTO salida (lote, creado, cuerpo)"
        " SELECT gen_random_uuid(), now() - interval '1 hour', cuerpo FROM copia RETURNING 1"
    )
    esperar_final(sistema, 25)
    comprobar(sistema, 25, 5)


@pytest.fixture
def pulsar_sano() -> Iterator[None]:
    """A standalone broker that was killed registers its bookie over and over until a clean restart."""
    yield
    _servicio("abajo", "pulsar")
    _servicio("arriba", "pulsar")


@pytest.mark.usefixtures("pulsar_sano")
def test_el_broker_no_esta_al_empezar(sistema: Sistema) -> None:
    """A saga that starts while the broker is down waits for it, and then ends."""
    sistema.arrancar()
    sistema.listos()
    _servicio("matar", "pulsar")
    try:
        for numero in range(1, 6):
            sistema.iniciar_saga(numero)
        assert sistema.valor("SELECT count(*) FROM saga_log WHERE estado = 'INICIADA'") == 5
    finally:
        _servicio("arriba", "pulsar")
    esperar_final(sistema, 5, 180)
    comprobar(sistema, 5, 1)


def _servicio(verbo: str, nombre: str) -> None:
    subprocess.run([sys.executable, "infra/servicios", verbo, nombre], check=True, timeout=300)


def test_muere_la_base_de_datos(sistema: Sistema) -> None:
    """kill -9 of PostgreSQL under load, restarted on its directories: every saga ends, once each."""
    sistema.arrancar()
    sistema.listos()
    for numero in range(1, 16):
        sistema.iniciar_saga(numero)
    _servicio("matar", "postgres")
    _servicio("arriba", "postgres")
    for numero in range(16, 21):
        sistema.iniciar_saga(numero)
    sistema.listos()
    esperar_final(sistema, 20)
    comprobar(sistema, 20, 4)
