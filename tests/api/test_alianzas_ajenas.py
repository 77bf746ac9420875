"""The alliances' topics on the embedded broker, with a foreign program in place of ours."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.contratos import alianzas, partners
from aeropartners.seedwork.aplicacion.mensajes import Envio
from tests.api.sistema import Sistema
from tests.api.test_saga_partners import INICIO, partner
from tests.datos import cuerpo_de_partner
from tests.esperas import hasta

CREADA, FALLIDA = {"event_type": "alliance_created"}, {"event_type": "alliance_creation_failed"}


class Ajenas:
    """A program that reads commands and says events, in the contract's JSON alone."""

    def __init__(self, sistema: Sistema) -> None:
        self.s = sistema
        tienda = sistema.proceso.c.tienda()
        assert tienda
        tienda.preparar({alianzas.TEMA_COMANDOS: ["ajenas"]})
        self._broker = sistema.proceso.c.broker()
        self._lector = self._broker.suscribir([alianzas.TEMA_COMANDOS], "ajenas")

    def comando(self) -> dict[str, Any]:
        """Return the next command."""
        [recibido] = hasta(lambda: self._lector.recibir(1, 0.1), "un comando para alianzas")
        self._lector.confirmar([recibido])
        return dict(json.loads(recibido.cuerpo))

    def decir(self, tema: str, **campos: Any) -> None:
        """Say an event."""
        cuerpo = msgspec.Raw(json.dumps({"event_id": str(uuid.uuid4()), **campos}).encode())
        self._broker.enviar([Envio(tema, "x", cuerpo, {})])
        self._broker.asegurar()

    def responder(self, comando: dict[str, Any], **campos: Any) -> None:
        """Answer a command."""
        self.decir(alianzas.TEMA_EVENTOS, saga_id=comando["saga_id"], **campos)

    def iniciar(self) -> str:
        """Start a saga."""
        return str(self.s.sagas_partners.post(INICIO, json=cuerpo_de_partner()).get_json()["saga_id"])


@contextmanager
def ajenas(carpeta: Path, **entorno: str) -> Iterator[Ajenas]:
    """The embedded system without our alliances."""
    config = leer({"AEROPARTNERS_DATOS": str(carpeta), "SAGA_BACKOFF_BASE_S": "0.05", **entorno})
    proceso = Proceso(Contenedor(config=config))
    proceso.migrar()
    proceso.anadir_modulos(proceso.c.piezas())
    proceso.hilos = [h for h in proceso.hilos if h.nombre != "consumidor-alianzas"]
    sistema = Sistema(proceso)
    proceso.empezar()
    try:
        yield Ajenas(sistema)
    finally:
        assert proceso.parar(), "el proceso no terminó limpio"


def test_un_programa_ajeno_completa_la_saga(tmp_path: Path) -> None:
    """Its event closes the step, with the id that it gave."""
    with ajenas(tmp_path) as a:
        saga_id = a.iniciar()
        comando = a.comando()
        assert (comando["command"], comando["saga_id"]) == ("create_alliance", saga_id)
        assert comando["contrato"]["monto"] == 1000.0
        assert len(comando["partner_id"]) >= 10
        a.responder(comando, alliance_id="alliance-456", **CREADA)
        final = a.s.final_partner(saga_id)
        assert (final["status"], final["alliance_id"]) == ("completed", "alliance-456")


def test_un_error_tecnico_se_reintenta(tmp_path: Path) -> None:
    """ERROR_TECNICO is tried again; a breach is not."""
    with ajenas(tmp_path) as a:
        saga_id = a.iniciar()
        a.responder(a.comando(), validacion_fallida="ERROR_TECNICO", error="caída", **FALLIDA)
        a.responder(a.comando(), validacion_fallida="MONTO_INVALIDO", error="no", **FALLIDA)
        final = a.s.final_partner(saga_id)
        assert (final["status"], final["error"]) == ("compensated", "no")
        assert partner(a.s, final["partner_id"])["estado"] == "ELIMINADO"


def test_el_silencio_cancela_aunque_nadie_creara(tmp_path: Path) -> None:
    """At the deadline the alliance may exist: it is cancelled, and only then the partner is deleted."""
    with ajenas(tmp_path, STEP_TIMEOUT_CREATE_ALLIANCE_S="0.3") as a:
        saga_id = a.iniciar()
        creacion, cancelacion = a.comando(), a.comando()
        assert (cancelacion["command"], cancelacion["alliance_id"]) == ("cancel_alliance", None)
        assert a.s.saga_partner(saga_id)["status"] == "compensating"
        assert partner(a.s, creacion["partner_id"])["estado"] == "ACTIVO"
        a.responder(creacion, alliance_id="tarde", **CREADA)
        a.responder(cancelacion, event_type="alliance_cancelled", alliance_id="tarde")
        final = a.s.final_partner(saga_id)
        assert final["status"] == "compensated"
        assert final["compensation_actions"] == [
            "cancel_alliance:tarde",
            f"delete_partner:{creacion['partner_id']}",
        ]


def test_una_alianza_despues_del_rechazo_se_cancela(tmp_path: Path) -> None:
    """The saga gave up and was undone; an alliance that turns up is cancelled as well."""
    with ajenas(tmp_path) as a:
        saga_id = a.iniciar()
        comando = a.comando()
        a.responder(comando, error="no", **FALLIDA)
        assert a.s.final_partner(saga_id)["status"] == "compensated"
        a.responder(comando, alliance_id="tarde", **CREADA)
        cancelacion = a.comando()
        assert (cancelacion["command"], cancelacion["alliance_id"]) == ("cancel_alliance", "tarde")
        assert a.s.saga_partner(saga_id)["status"] == "compensating"
        a.responder(cancelacion, event_type="alliance_cancelled", alliance_id="tarde")
        assert a.s.final_partner(saga_id)["status"] == "compensated"


def test_un_comando_ajeno_inicia_una_saga(tmp_path: Path) -> None:
    """A foreign ComandoCrearPartner starts one, under the id that it names."""
    with ajenas(tmp_path) as a:
        saga_id, cuerpo = str(uuid.uuid4()), cuerpo_de_partner()
        for _ in range(2):
            a.decir(partners.TEMA_CREAR_PARTNER, saga_id=saga_id, **cuerpo)
        comando = a.comando()
        assert (comando["saga_id"], comando["partner_data"]["email"]) == (saga_id, cuerpo["email"])
        a.responder(comando, alliance_id="a", **CREADA)
        assert a.s.final_partner(saga_id)["status"] == "completed"


def test_un_partner_del_que_se_oye_tarde_se_borra(tmp_path: Path) -> None:
    """The saga failed for want of an answer; `eventos-partners` tells of a partner: it is deleted."""
    with ajenas(tmp_path) as a:
        cuerpo = cuerpo_de_partner()
        a.s.integraciones.post("/api/v1/partners", json=cuerpo)
        inicio = a.s.sagas_partners.post(INICIO, json=cuerpo)
        saga_id = inicio.get_json()["saga_id"]
        assert a.s.final_partner(saga_id)["status"] == "failed"
        otro = a.s.integraciones.post("/api/v1/partners", json=cuerpo_de_partner()).get_json()["partner"]
        a.decir(partners.TEMA_EVENTOS, event_type="partner_created", saga_id=saga_id, partner_id=otro["id"])
        hasta(lambda: a.s.saga_partner(saga_id)["status"] == "compensated", "la compensación")
        assert partner(a.s, otro["id"])["estado"] == "ELIMINADO"
