"""A program with plain pulsar-client and the contract's JSON alone plays the alliances; ours is stopped."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.datos import cuerpo_de_partner
from tests.e2e.sistema import Sistema
from tests.esperas import hasta
from tests.red import RED

pytestmark = [pytest.mark.servicios]
PROGRAMA = textwrap.dedent(
    """
    import json, sys, uuid
    import pulsar

    broker, espacio, listo = sys.argv[1:]
    raiz = f"persistent://public/{espacio}/"
    cliente = pulsar.Client(broker, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
    comandos = cliente.subscribe(raiz + "gestion-de-integraciones", "alianzas-ajenas",
                                 initial_position=pulsar.InitialPosition.Earliest)
    eventos = cliente.create_producer(raiz + "administracion-financiera-compliance")
    print(listo, flush=True)
    while True:
        mensaje = comandos.receive()
        comando = json.loads(mensaje.data())
        print(json.dumps(comando), flush=True)
        alianza = "alliance-" + uuid.uuid4().hex[:6]
        creando = comando["command"] == "create_alliance"
        mala = creando and comando["contrato"]["monto"] > 50000
        evento = {
            "event_type": "alliance_creation_failed" if mala else "alliance_created" if creando
                          else "alliance_cancelled",
            "event_id": str(uuid.uuid4()), "saga_id": comando["saga_id"],
            "correlation_id": comando["correlation_id"], "partner_id": comando["partner_id"],
            "contrato_id": alianza, "alliance_id": alianza, "estado": "activo",
        }
        if mala:
            evento.update(error="demasiado", causa_rechazo="demasiado", validacion_fallida="MONTO_INVALIDO")
        eventos.send(json.dumps(evento).encode())
        comandos.acknowledge(mensaje)
    """
)


@pytest.fixture
def programa(sistema: Sistema, tmp_path: Path) -> object:
    """The program as a process, reading before the first command is sent."""
    fuente = tmp_path / "ajenas.py"
    fuente.write_text(PROGRAMA)
    espacio = sistema.entorno["PULSAR_NAMESPACE"]
    orden = [sys.executable, str(fuente), os.environ["PULSAR_URL"], espacio, "listo"]
    proceso = subprocess.Popen(orden, stdout=subprocess.PIPE, text=True)
    assert proceso.stdout
    try:
        assert proceso.stdout.readline() == "listo\n"
        yield proceso
    finally:
        proceso.kill()
        proceso.wait()
        proceso.stdout.close()


def test_un_programa_ajeno_completa_la_saga(sistema: Sistema, programa: "subprocess.Popen[str]") -> None:
    """One saga is completed by it and one is undone because it refused; ours never ran."""
    sistema.arrancar("orquestador-partners", "integraciones", "bff-partners")
    sistema.listos()
    base = sistema.url["bff-partners"]

    def saga(monto: int) -> dict[str, object]:
        cuerpo = cuerpo_de_partner(contrato={"monto": monto})
        id = (
            RED.post(f"{base}/api/v1/partners/", json=cuerpo, timeout=20).raise_for_status().json()["saga_id"]
        )

        def leida() -> dict[str, object] | None:
            vista = dict(RED.get(f"{base}/api/v1/saga/status/{id}", timeout=20).json()["saga"])
            return vista if vista["status"] in ("completed", "compensated", "failed") else None

        return hasta(leida, f"fin de {id}")

    bien, mal = saga(1000), saga(60000)
    assert (bien["status"], str(bien["alliance_id"])[:9]) == ("completed", "alliance-")
    assert (mal["status"], mal["error"]) == ("compensated", "demasiado")
    assert programa.stdout
    comando = json.loads(programa.stdout.readline())
    assert (comando["command"], comando["saga_id"]) == ("create_alliance", bien["saga_id"])
    assert {"partner_id", "partner_data", "correlation_id", "contrato"} <= comando.keys()
    assert sistema.valor("SELECT count(*) FROM contratos") == 0
    estados = dict(sistema.sql("SELECT id, estado FROM partners"))
    assert (estados[bien["partner_id"]], estados[mal["partner_id"]]) == ("ACTIVO", "ELIMINADO")
