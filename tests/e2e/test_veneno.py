"""Poison messages: they end among the dead with their reason, and the others go on."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pulsar
import pytest

from tests.datos import cuerpo_de_saga
from tests.e2e.bandeja import copiar, faltas_de_bandeja
from tests.e2e.carga import Carga
from tests.e2e.invariantes import CAMPANAS, esperar_final
from tests.e2e.sistema import Sistema, migrado
from tests.esperas import hasta

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 15
TEMAS = (
    "comandos-campanas",
    "comandos-pagos",
    "comandos-reporting",
    "respuestas-saga",
    "llamadas-pagos",
    "llamadas-reporting",
    "comando-iniciar-saga",
    "payments.evt.completed",
)
ILEGIBLES = (
    *(b"\x00\xff\xfe no es JSON", b"", b"[]", b'{"id": 7}', b'[{"id": 7}, 8, null]', b"[" * 5_000),
    *(rb'{"command":"saludar\u0000"}', rb'{"command":"saludar\ud800"}'),
)
MUERTES_COMO_MUCHO = 6


@pytest.fixture(scope="module")
def sistema_sano(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """A system for all poisons."""
    with migrado(tmp_path_factory.mktemp("veneno"), SAGA_STEP_TIMEOUT_S="600") as sistema:
        copiar(sistema)
        sistema.arrancar()
        sistema.listos()
        yield sistema


@contextmanager
def _carga_sana(sistema: Sistema, semilla: int) -> Iterator[Carga]:
    """A load that nothing of what happens beside it may touch."""
    carga = Carga(sistema, semilla)
    with carga.en_marcha(SAGAS):
        yield carga
    esperar_final(sistema, sistema.valor("SELECT count(*) FROM sagas"))
    assert not (mal := carga.balance()).torcidas, mal
    assert not mal.perdidas, mal
    assert not any((faltas := faltas_de_bandeja(sistema)).values()), faltas


def _publicar(sistema: Sistema, tema: str, cuerpos: list[bytes], **propiedades: str) -> None:
    cliente = pulsar.Client(
        sistema.entorno["PULSAR_URL"], logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
    )
    productor = cliente.create_producer(f"persistent://public/{sistema.entorno['PULSAR_NAMESPACE']}/{tema}")
    for cuerpo in cuerpos:
        productor.send(cuerpo, properties=propiedades)
    cliente.close()


def _muertos(sistema: Sistema) -> int:
    return int(sistema.valor("SELECT count(*) FROM muertos WHERE error <> ''"))


def test_lo_ilegible_se_entierra(sistema_sano: Sistema) -> None:
    """Bytes that are no message, on every topic, packed or not, alone or beside another one."""
    with _carga_sana(sistema_sano, 1) as carga:
        carga.esperar(SAGAS // 3)
        for tema in TEMAS:
            _publicar(sistema_sano, tema, list(ILEGIBLES))
            _publicar(sistema_sano, tema, list(ILEGIBLES), paquete="1")
        temas = "SELECT count(DISTINCT tema) FROM muertos WHERE error <> ''"
        hasta(lambda: sistema_sano.valor(temas) == len(TEMAS), "un muerto de cada tema")
    assert _muertos(sistema_sano) >= len(TEMAS) * len(ILEGIBLES)


def test_lo_demasiado_grande_se_entierra(sistema_sano: Sistema) -> None:
    """A start that a broker takes, but whose events it would refuse, blocks nobody's outbox."""
    antes = _muertos(sistema_sano)
    with _carga_sana(sistema_sano, 2) as carga:
        carga.esperar(SAGAS // 3)
        _publicar(sistema_sano, "comando-iniciar-saga", [_inicio(megas) for megas in (1.0, 3.0, 4.5)])
        hasta(lambda: _muertos(sistema_sano) == antes + 3, "tres muertos más")


@pytest.mark.parametrize("punto", ["campanas.entrada", "pagos.llamador.llamar", "saga-orchestrator.entrada"])
def test_lo_que_mata_se_entierra(sistema_sano: Sistema, punto: str) -> None:
    """A message that kills whoever handles it is buried after a few deaths; those beside it are done."""
    sistema, veneno = sistema_sano, f"VENENO-{uuid.uuid4()}"
    victima = "orquestador" if punto.startswith("saga") else "modulos"
    antes = _muertos(sistema)
    sistema.matar(victima)
    sistema.arrancar(victima, PUNTO_DE_CHOQUE=f"{punto}@{veneno}")
    sistema.listos()
    with _carga_sana(sistema, 10 + len(punto)) as carga:
        carga.esperar(SAGAS // 3)
        envenenada = _envenenar(sistema, punto, veneno)
        for _ in range(MUERTES_COMO_MUCHO):
            hasta(lambda: _muertos(sistema) > antes or not sistema.vive(victima), "una muerte o un entierro")
            if _muertos(sistema) > antes:
                break
            sistema.esperar_muerte(victima)
            sistema.arrancar(victima, PUNTO_DE_CHOQUE=f"{punto}@{veneno}")
        assert _muertos(sistema) == antes + 1
        assert sistema.vive(victima)
        sistema.matar(victima)  # the undo would carry the poison as well: it comes to a mended process
        sistema.arrancar(victima)
        sistema.listos()
        if envenenada:
            sistema.pedir(f"/saga/{envenenada}/cancelar", {"motivo": "su mensaje murió"}, f"fin-{veneno}")
    motivo = sistema.valor(f"SELECT error FROM muertos WHERE position('{veneno}'::bytea IN cuerpo) > 0")
    assert "murió" in motivo


def test_todo_cuadra_al_final(sistema_sano: Sistema) -> None:
    """After all poisons every invariant holds."""
    CAMPANAS.comprobar_siempre(sistema_sano)


def _envenenar(sistema: Sistema, punto: str, veneno: str) -> str:
    """Send what holds the poison; return its saga, if one was started."""
    if punto.startswith("saga"):
        _publicar(sistema, "comando-iniciar-saga", [_inicio(0.001, veneno)])
        return ""
    cuerpo = cuerpo_de_saga(veneno)
    cuerpo["campana"]["descripcion"] = veneno
    respuesta = sistema.pedir("/saga/crear-campana-completa", cuerpo, veneno)
    return str(respuesta.raise_for_status().json()["saga_id"])


def _inicio(megas: float, marca: str = "") -> bytes:
    datos = cuerpo_de_saga()
    datos["campana"]["descripcion"] = marca + "x" * int(megas * 1_000_000)
    inicio = {"event_id": str(uuid.uuid4()), "saga_id": str(uuid.uuid4()), "tipo": "CREAR_CAMPANA_COMPLETA"}
    return json.dumps({**inicio, "datos_iniciales": datos}).encode()
