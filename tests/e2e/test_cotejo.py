"""Faults seeded into a running system on real services: the cotejo beside it finds each of them."""

import subprocess
import time
import uuid
from collections.abc import Iterator

import msgspec
import pytest

from aeropartners.contratos import campanas, pagos, saga
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.serializacion import codificar, descifrar_rafaga, descifrar_sobre
from aeropartners.seedwork.infraestructura.base.relojes import Uuid7
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from tests.datos import cuerpo_de_saga
from tests.e2e.bandeja import copiar, repetir
from tests.e2e.cotejo import CotejoVivo, cotejado
from tests.e2e.sistema import Sistema, migrado
from tests.esperas import hasta
from tests.red import RED

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
Pareja = tuple[Sistema, CotejoVivo]


@pytest.fixture(scope="module")
def pareja(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pareja]:
    """A system, and its cotejo beside it."""
    with migrado(tmp_path_factory.mktemp("cotejo"), SAGA_STEP_TIMEOUT_S="300") as sistema:
        copiar(sistema)
        sistema.arrancar()
        sistema.listos()
        with cotejado(sistema, "--ventana", "10") as cotejo:
            yield sistema, cotejo


def iniciar(sistema: Sistema) -> str:
    """Start a saga."""
    cuerpo, clave = cuerpo_de_saga(f"ref-{uuid.uuid4()}"), str(uuid.uuid4())
    respuesta = sistema.pedir("/saga/crear-campana-completa", cuerpo, clave)
    return str(respuesta.raise_for_status().json()["saga_id"])


def terminar(sistema: Sistema, saga_id: str) -> None:
    """Wait for its end."""
    estado = f"SELECT estado FROM sagas WHERE id = '{saga_id}'"
    hasta(lambda: sistema.valor(estado) == "COMPLETADA", f"el fin de {saga_id}")


def matar_al_dia(sistema: Sistema, proceso: str, tema: str, suscripcion: str) -> None:
    """kill -9 once it has confirmed all that it read: else what is there before would be what is skipped."""
    hasta(lambda: not sistema.atrasos().get(f"{tema}/{suscripcion}"), f"{tema} al día")
    sistema.matar(proceso)


def saltar(sistema: Sistema, tema: str, suscripcion: str) -> None:
    """Have the broker forget what a subscription has not read, once there is something."""
    hasta(lambda: sistema.atrasos().get(f"{tema}/{suscripcion}"), f"atraso de {tema}")
    espacio, admin = sistema.entorno["PULSAR_NAMESPACE"], sistema.entorno["PULSAR_ADMIN_URL"]
    ruta = f"{admin}/admin/v2/persistent/public/{espacio}/{tema}/subscription/{suscripcion}/skip_all"
    RED.post(ruta, timeout=20).raise_for_status()


def reparar(hallazgo: dict[str, str]) -> None:
    """Run the command that the finding names."""
    subprocess.run(hallazgo["repara"], shell=True, check=True, timeout=60, stdout=subprocess.DEVNULL)


def enviar(sistema: Sistema, *envios: Envio) -> None:
    """Publish as a process of ours would."""
    prefijo = f"persistent://public/{sistema.entorno['PULSAR_NAMESPACE']}/"
    broker = BrokerPulsar(sistema.entorno["PULSAR_URL"], prefijo, 4)
    broker.enviar(envios)
    broker.asegurar()
    broker.cerrar()


def enviados(sistema: Sistema, tema: str) -> list[Sobre]:
    """Return the commands that were ever sent to a topic."""
    rafagas = [descifrar_rafaga(bytes(c)) for (c,) in sistema.sql("SELECT cuerpo FROM copia")]
    return [descifrar_sobre(bytes(e.cuerpo)) for r in rafagas for e in r if e.tema == tema]


def test_lo_sano_no_da_hallazgos(pareja: Pareja) -> None:
    """Sagas that end, also undone ones, messages sent twice: statements that count them, and no finding."""
    sistema, cotejo = pareja
    ids = [sistema.iniciar_saga(n) for n in range(10)]
    vivas = "SELECT count(*) FROM sagas WHERE fecha_fin IS NULL"
    hasta(lambda: sistema.valor(vivas) == 0, f"el fin de {len(ids)} sagas")
    repetir(sistema)
    hasta(lambda: cotejo.sagas() == len(ids), "los partes de todas", 120)
    # A saga may be told with its first window, and its last messages with the next one.
    hasta(
        lambda: sum(p["mensajes"] for p in cotejo.partes()) > 14 * len(ids) * 0.8,
        "los partes de sus mensajes",
        120,
    )
    assert cotejo.hallazgos() == []
    metricas = RED.get(f"{cotejo.url}/metrics").text
    assert "auditoria_perdidos 0.0" in metricas
    assert f"auditoria_sagas {len(ids):.1f}" in metricas


def test_una_orden_saltada(pareja: Pareja) -> None:
    """A command that the broker was told to forget is found, and its repair brings the saga to its end."""
    sistema, cotejo = pareja
    matar_al_dia(sistema, "modulos", campanas.TEMA_COMANDOS, campanas.SUSCRIPCION)
    id = iniciar(sistema)
    saltar(sistema, campanas.TEMA_COMANDOS, campanas.SUSCRIPCION)
    desde = time.monotonic()
    sistema.arrancar("modulos")
    hallazgo = cotejo.hallar("PERDIDO", lambda h: h["saga_id"] == id, desde)
    assert "no llegó a" in hallazgo["texto"]
    reparar(hallazgo)
    terminar(sistema, id)


def test_una_respuesta_saltada(pareja: Pareja) -> None:
    """So is a reply."""
    sistema, cotejo = pareja
    sistema.matar("modulos")
    id = iniciar(sistema)
    # Killed with its command in the outbox it sends it again, and is answered again: nothing is lost then.
    hasta(lambda: sistema.valor("SELECT count(*) FROM salida") == 0, "la orden fuera de la bandeja de salida")
    matar_al_dia(sistema, "orquestador", saga.TEMA_RESPUESTAS, saga.SUSCRIPCION)
    sistema.arrancar("modulos")
    saltar(sistema, saga.TEMA_RESPUESTAS, saga.SUSCRIPCION)
    desde = time.monotonic()
    sistema.arrancar("orquestador")
    hallazgo = cotejo.hallar("PERDIDO", lambda h: h["saga_id"] == id, desde)
    assert "la respuesta de" in hallazgo["texto"]
    reparar(hallazgo)
    terminar(sistema, id)


def test_una_copia_de_una_orden(pareja: Pareja) -> None:
    """A command published again under a new id is named by that id, though it had no effect."""
    sistema, cotejo = pareja
    id = iniciar(sistema)
    terminar(sistema, id)
    original = next(s for s in enviados(sistema, pagos.TEMA_COMANDOS) if str(s.saga_id) == id)
    copia = msgspec.structs.replace(original, id=Uuid7().nuevo())
    desde = time.monotonic()
    enviar(sistema, Envio(pagos.TEMA_COMANDOS, copia.clave, msgspec.Raw(codificar(copia))))
    cotejo.hallar("HUERFANO", lambda h: h["mensaje"] == str(copia.id), desde)


@pytest.mark.parametrize("nuevo", [Uuid7().nuevo, uuid.uuid4], ids=["uuid7", "uuid4"])
def test_una_copia_de_un_evento(pareja: Pareja, nuevo: "type[uuid.UUID]") -> None:
    """A public event published again under a new id, which would be counted twice."""
    sistema, cotejo = pareja
    id = str(nuevo())
    cuerpo = {
        "event_id": id,
        "event_type": "PagoExitoso",
        "data": {"id_afiliado": "afiliado_test", "monto": 9},
    }
    propiedades = {"event_type": "PagoExitoso", "event_id": id, "source": "pagos"}
    desde = time.monotonic()
    enviar(sistema, Envio(campanas.TEMA_PAGOS_EXITOSOS, id, msgspec.Raw(codificar(cuerpo)), propiedades))
    cotejo.hallar("HUERFANO", lambda h: h["mensaje"] == id, desde)


def test_filas_editadas(pareja: Pareja) -> None:
    """A second charge, a campaign that stands again, an open saga that nobody will wake."""
    sistema, cotejo = pareja
    deshecha = sistema.valor("SELECT CAST(id AS text) FROM sagas WHERE estado = 'COMPENSADA' LIMIT 1")
    cobrado = sistema.valor("SELECT CAST(id AS text) FROM pagos WHERE estado = 'EXITOSO' LIMIT 1")
    terminada = sistema.valor("SELECT CAST(id AS text) FROM sagas WHERE estado = 'COMPLETADA' LIMIT 1")
    desde = time.monotonic()
    sistema.sql(
        "INSERT INTO pasarela_cargos SELECT clave || ':2', operacion, importe, moneda, exito, mensaje,"
        f" lista_en, veces FROM pasarela_cargos WHERE clave = '{cobrado}' RETURNING 1"
    )
    sistema.sql(
        "UPDATE campanas SET estado = 'ACTIVA' WHERE id IN (SELECT flujo FROM eventos"
        f" WHERE saga_id = '{deshecha}' AND tipo_flujo = 'campana') RETURNING 1"
    )
    sistema.sql(f"UPDATE sagas SET fecha_fin = NULL WHERE id = '{terminada}' RETURNING 1")
    cotejo.hallar("DUPLICADO", lambda h: h["mensaje"] == f"{cobrado}:2", desde)
    cotejo.hallar("HUERFANO", lambda h: h["saga_id"] == deshecha, desde)
    cotejo.hallar("ATASCADO", lambda h: h["saga_id"] == terminada, desde)


def test_sigue_por_donde_iba(pareja: Pareja) -> None:
    """Killed and started again it says nothing twice, and counts no saga twice."""
    sistema, cotejo = pareja
    antes = len(cotejo.hallazgos())
    hasta(
        lambda: cotejo.sagas() == sistema.valor("SELECT count(*) FROM sagas"),
        "al día",
    )
    cotejo.matar()
    cotejo.arrancar()
    id = iniciar(sistema)
    terminar(sistema, id)
    todas = sistema.valor("SELECT count(*) FROM sagas")
    hasta(lambda: cotejo.sagas() == todas, "los partes de todas", 60)
    assert len(cotejo.hallazgos()) >= antes
