"""What an operator sees and orders over REST: explanations, stuck sagas and dead letters, embedded."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from aeropartners.contratos.campanas import CancelarCampana, CrearCampanaDeSaga
from aeropartners.contratos.pagos import Cargo, ReembolsarPago
from aeropartners.contratos.saga import TEMA_INICIAR, IniciarSaga
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria
from aeropartners.seedwork.infraestructura.base.errores_de_base import RechazoDeLaBase
from tests.api.sistema import Sistema
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

CAMPANA = "CREAR_CAMPAÑA"
ORDEN = {"motivo": "ya está arreglado", "quien": "maría"}
TIPO = "CREAR_CAMPANA_COMPLETA"
PARTES = {k: v for k, v in cuerpo_de_saga().items() if k != "timeout_minutos"}


@pytest.fixture(scope="module")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoloOrquestador]:
    """An orchestrator that nobody answers, with all its loops."""
    with orquestador(tmp_path_factory.mktemp("solo")) as solo:
        yield solo


@pytest.fixture(scope="module")
def parado(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoloOrquestador]:
    """An orchestrator that only writes what HTTP asks: no publisher, no relay, no timers."""
    with orquestador(tmp_path_factory.mktemp("parado"), ("escritor-saga",)) as solo:
        yield solo


@pytest.fixture(scope="module")
def atascada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SoloOrquestador, str]]:
    """A saga whose step and whose undo nobody answered, with no attempt left."""
    entorno = {"SAGA_STEP_TIMEOUT_S": "0.2", "SAGA_COMPENSATION_MAX_RETRIES": "0"}
    with orquestador(tmp_path_factory.mktemp("atascada"), **entorno) as solo:
        saga_id = solo.iniciar()
        solo.hasta_motivo(saga_id, "ATENCION")
        yield solo, saga_id


def test_explica_lo_que_espera(solo: SoloOrquestador) -> None:
    """A saga whose command is published waits for the reply, and says until when."""
    saga_id = solo.iniciar()
    relato = solo.hasta_motivo(saga_id, "RESPUESTA")
    assert relato["espera"]["texto"].startswith(
        "espera la respuesta de campanas a CREAR_CAMPAÑA, intento 1, enviada "
    )
    assert relato["espera"]["ordenes"] == ["cancelar"]
    assert relato["despertar"]["motivo"] == "plazo"
    assert [(m["paso"], m["intento"], m["lugar"]) for m in relato["mensajes"]] == [(CAMPANA, 1, "publicado")]
    assert [(p["tipo"], p["intentos"], p["intentos_maximos"]) for p in relato["pasos"]] == [
        (CAMPANA, 1, 4),
        ("PROCESAR_PAGO", 0, 4),
        ("GENERAR_REPORTE", 0, 4),
    ]
    assert [s["evento"] for s in relato["historia"]] == ["SagaIniciada"]


def test_explica_la_orden_en_la_salida(parado: SoloOrquestador) -> None:
    """While the broker has not confirmed the burst, the command and the event are in the outbox."""
    relato = parado.explicacion(parado.iniciar())
    assert relato["espera"]["motivo"] == "ORDEN_EN_SALIDA"
    assert {(m["tipo"], m["lugar"]) for m in relato["mensajes"]} == {
        ("CrearCampanaDeSaga", "salida"),
        ("SagaIniciada", "salida"),
    }


@pytest.mark.parametrize(
    ("mensaje", "consumidor", "vivo", "motivo"),
    [
        (CrearCampanaDeSaga(uuid.uuid4(), {}), "campaigns-failover", False, "ORDEN_MUERTA"),
        (CrearCampanaDeSaga(uuid.uuid4(), {}), "campaigns-failover", True, "ORDEN_EN_REINTENTOS"),
        (Respuesta(exito=True), "saga-orchestrator", False, "RESPUESTA_MUERTA"),
        (Respuesta(exito=True), "saga-orchestrator", True, "RESPUESTA_EN_REINTENTOS"),
    ],
)
def test_explica_lo_que_esta_detenido(
    solo: SoloOrquestador, mensaje: object, consumidor: str, vivo: bool, motivo: str
) -> None:
    """A message of the saga in `reintentos` or `muertos` is found by its envelope, and is the reason."""
    saga_id = solo.iniciar()
    solo.hasta_motivo(saga_id, "RESPUESTA")
    id = solo.enterrar(consumidor, mensaje, vivo=vivo, saga_id=uuid.UUID(saga_id), paso=CAMPANA, intento=1)
    relato = solo.explicacion(saga_id)
    assert relato["espera"]["motivo"] == motivo
    assert (str(id) in relato["espera"]["texto"]) is motivo.endswith("MUERTA")
    assert str(id) in [m.get("id") for m in relato["mensajes"]]


def test_la_explicacion_juzga_su_id(solo: SoloOrquestador) -> None:
    """An unknown saga is a 404, a badly formed id a 400, in the contract's shape."""
    assert solo.cliente.get("/saga/nada/explicacion").status_code == 400
    respuesta = solo.cliente.get(f"/saga/{(id := uuid.uuid4())}/explicacion")
    assert (respuesta.status_code, respuesta.get_json()) == (404, {"detail": f"SAGA {id} no encontrada"})


def test_lista_las_atascadas(atascada: tuple[SoloOrquestador, str]) -> None:
    """A saga that asks for attention is listed with its reason and the orders that it obeys."""
    solo, saga_id = atascada
    lista = solo.cliente.get("/saga/atascadas").get_json()
    assert [s["saga_id"] for s in lista["sagas"]] == [saga_id]
    assert lista["sagas"][0]["abierto"] == "CANCELAR_CAMPAÑA"
    assert lista["sagas"][0]["espera"]["ordenes"] == ["reintentar", "omitir", "cerrar"]
    assert 'saga_attention_count{saga_type="CREAR_CAMPANA_COMPLETA"} 1.0' in solo.cliente.get(
        "/metrics"
    ).get_data(as_text=True)


def test_cada_orden_queda_con_quien_y_por_que(atascada: tuple[SoloOrquestador, str]) -> None:
    """A retry may say why; each order stands in the story, and the next one in a wrong state is refused."""
    solo, saga_id = atascada
    assert (
        solo.cliente.post(f"/saga/{saga_id}/cancelar", json=ORDEN)
        .get_json()["detail"]
        .endswith("use reintentar, omitir o cerrar")
    )
    assert solo.cliente.post(f"/saga/{saga_id}/reintentar", json=ORDEN).status_code == 202
    solo.hasta_motivo(saga_id, "ATENCION")
    assert solo.cliente.post(f"/saga/{saga_id}/reintentar").status_code == 202
    solo.hasta_motivo(saga_id, "ATENCION")
    omision = {"motivo": "a mano"}
    omitida = solo.cliente.post(f"/saga/{saga_id}/omitir", json=omision, headers={"X-Operador": "luis"})
    assert omitida.get_json()["estado"] == "COMPENSADA"
    ordenes = [(o["orden"], o["quien"], o["motivo"]) for o in solo.explicacion(saga_id)["ordenes"]]
    assert ordenes == [
        ("reintentar", "maría", "ya está arreglado"),
        ("reintentar", "127.0.0.1", "(no se dio motivo)"),
        ("omitir", "luis", "a mano"),
    ]
    rechazo = solo.cliente.post(f"/saga/{saga_id}/cerrar", json=ORDEN)
    assert rechazo.status_code == 409
    assert "ya terminó (COMPENSADA)" in rechazo.get_json()["detail"]


def test_lista_las_que_nadie_despierta(parado: SoloOrquestador) -> None:
    """A wake-up that is long past is stuck too; one of the future is not, though its index is early."""
    dormida, despierta = parado.iniciar(), parado.iniciar()
    viejo = "2026-01-01T00:00:00.000000Z"
    parado.cambiar("UPDATE sagas SET revisar_en = :m WHERE id IN (:a, :b)", m=viejo, a=dormida, b=despierta)
    memoria = "json_set(memoria, '$.pasos[0].plazo', :m)"
    parado.cambiar(f"UPDATE sagas SET plazo = :m, memoria = {memoria} WHERE id = :a", m=viejo, a=dormida)
    lista = parado.cliente.get("/saga/atascadas").get_json()["sagas"]
    assert [(s["saga_id"], s["espera"]["motivo"]) for s in lista] == [(dormida, "SIN_ORQUESTADOR")]
    metricas = parado.cliente.get("/metrics").get_data(as_text=True)
    assert f'saga_waiting_count{{reason="SIN_ORQUESTADOR",saga_type="{TIPO}"}} 1.0' in metricas
    assert "outbox_oldest_seconds" in metricas


def test_un_muerto_reenviado_se_trata(solo: SoloOrquestador) -> None:
    """A start that died starts its saga when it is sent back; who and why are kept for good."""
    saga_id = uuid.uuid4()
    id = solo.enterrar("saga-orchestrator", IniciarSaga(saga_id, TIPO, PARTES), saga_id=saga_id)
    visto = solo.cliente.get(f"/muertos/{id}").get_json()
    assert (visto["tipo"], visto["saga_id"], visto["intentos"]) == ("IniciarSaga", str(saga_id), 3)
    assert visto["cuerpo"]["cuerpo"]["tipo"] == TIPO
    reenviado = solo.cliente.post(f"/muertos/{id}/reencolar", json=ORDEN)
    assert (reenviado.status_code, reenviado.get_json()["destino"]) == (202, "reintentos")
    hasta(lambda: solo.cliente.get(f"/saga/{saga_id}/status").status_code == 200, "la saga del reenviado")
    assert id not in solo.muertos()
    [orden] = solo.explicacion(str(saga_id))["ordenes"]
    assert (orden["orden"], orden["quien"], orden["motivo"]) == (
        "muertos.reencolar",
        *reversed(ORDEN.values()),
    )
    otra_vez = solo.cliente.post(f"/muertos/{id}/reencolar", json=ORDEN)
    assert otra_vez.status_code == 409
    assert "ya no está muerto: maría lo reencoló" in otra_vez.get_json()["detail"]


def test_un_publico_crudo_se_traduce_al_reenviarse(solo: SoloOrquestador) -> None:
    """What died as it came from a public topic goes through its translator, and into the inbox."""
    saga_id, id = uuid.uuid4(), uuid.uuid4()
    inicio = {"event_id": uuid.uuid4(), "saga_id": saga_id, "tipo": TIPO, "datos_iniciales": PARTES}
    solo.enterrar_crudo("saga-orchestrator", id, TEMA_INICIAR, codificar(inicio))
    assert solo.cliente.post(f"/muertos/{id}/reencolar", json=ORDEN).status_code == 202
    hasta(lambda: solo.cliente.get(f"/saga/{saga_id}/status").status_code == 200, "la saga del público")


def test_uno_que_vuelve_a_fallar_vuelve_a_morir(solo: SoloOrquestador) -> None:
    """Sent back, it has its three attempts again; then it is dead again, and can be seen with its orders."""
    id = solo.enterrar("saga-orchestrator", CancelarCampana(uuid.uuid4(), "x"))
    assert solo.cliente.post(f"/muertos/{id}/reencolar", json=ORDEN).status_code == 202
    hasta(lambda: id in solo.muertos(), "el mensaje muerto otra vez")
    visto = solo.cliente.get(f"/muertos/{id}").get_json()
    assert (visto["intentos"], "no conoce CancelarCampana" in visto["error"]) == (3, True)
    assert [o["quien"] for o in visto["ordenes"]] == ["maría"]


def test_los_rechazos_de_un_reenvio_dicen_que_hacer(solo: SoloOrquestador) -> None:
    """Unknown, waiting, ambiguous and undecodable letters, and orders without a reason, are refused."""

    def rechazo(id: object, **cuerpo: str) -> tuple[int, str]:
        respuesta = solo.cliente.post(f"/muertos/{id}/reencolar", json=cuerpo or ORDEN)
        return respuesta.status_code, str(respuesta.get_json()["detail"])

    assert rechazo("nada") == (400, "ID de mensaje inválido")
    assert rechazo(id := uuid.uuid4()) == (404, f"El mensaje {id} no está entre los muertos")
    vivo = solo.enterrar("pagos", Respuesta(exito=True), vivo=True)
    estado, detalle = rechazo(vivo)
    assert (estado, "espere a ese intento" in detalle) == (409, True)
    assert solo.cliente.get(f"/muertos/{vivo}").status_code == 404
    roto = solo.enterrar_crudo("pagos", uuid.uuid4(), "comandos-pagos", b"\xff{")
    estado, detalle = rechazo(roto)
    assert (estado, "pida a quien lo emitió" in detalle) == (409, True)
    assert solo.cliente.get(f"/muertos/{roto}").get_json()["tipo"] is None
    doble = solo.enterrar_crudo("pagos", uuid.uuid4(), "x", b"{}")
    solo.enterrar_crudo("reporting", doble, "x", b"{}")
    assert (
        rechazo(doble)[1] == "El mensaje está muerto en varios consumidores (pagos, reporting): diga en cuál"
    )
    assert solo.cliente.get(f"/muertos/{doble}?consumidor=pagos").get_json()["consumidor"] == "pagos"
    assert rechazo(roto, motivo="x")[0] == rechazo(roto, quien="x", motivo=" ")[0] == 400
    assert {vivo, roto, doble} & solo.muertos() == {roto, doble}


def test_la_lista_de_muertos_filtra_y_pagina(solo: SoloOrquestador) -> None:
    """The list counts before paging, by consumer, newest first; the gauge says the same."""
    ids = [str(solo.enterrar("lista", Respuesta(exito=True))) for _ in range(3)]
    pagina = solo.cliente.get("/muertos/?consumidor=lista&limite=2").get_json()
    assert (pagina["total"], [m["id"] for m in pagina["muertos"]]) == (3, ids[:0:-1])
    assert solo.cliente.get("/muertos?consumidor=nadie").get_json()["muertos"] == []
    assert solo.cliente.get("/muertos/?limite=0").status_code == 400
    metricas = solo.cliente.get("/metrics").get_data(as_text=True)
    assert 'dead_messages{consumer="lista"} 3.0' in metricas
    assert "database_up 1.0" in metricas


def test_la_auditoria_no_se_cambia(solo: SoloOrquestador) -> None:
    """The database refuses to change or remove what was audited."""
    id = solo.enterrar("saga-orchestrator", Respuesta(exito=True))
    assert solo.cliente.post(f"/muertos/{id}/reencolar", json=ORDEN).status_code == 202
    for orden in ("UPDATE auditoria SET actor = 'otro'", "DELETE FROM auditoria"):
        with pytest.raises(RechazoDeLaBase, match="solo admite filas nuevas"), solo.motor.escritura() as con:
            con.execute(text(orden))
    with solo.motor.lectura() as con:
        assert con.execute(select(func.count()).select_from(auditoria)).scalar_one() >= 1


def test_un_muerto_de_un_llamador_vuelve_a_su_tema(embebido: Sistema) -> None:
    """A caller reads no `reintentos`: its order goes out on its topic again, and is done."""
    solo = SoloOrquestador.__new__(SoloOrquestador)
    solo.proceso, solo.motor = embebido.proceso, embebido.proceso.c.motor()
    saga = embebido.final(
        embebido.bff.post("/saga/crear-campana-completa", json=cuerpo_de_saga()).get_json()["saga_id"]
    )
    pago = uuid.UUID(saga["pasos"][1]["resultado"]["id_pago"])
    orden = ReembolsarPago(pago, Cargo(1000, "USD", "x"), cobrado=True)  # type: ignore[arg-type]
    id = solo.enterrar("pagos-llamador", orden, "llamadas-pagos")
    reenviado = embebido.orquestador.post(f"/muertos/{id}/reencolar", json=ORDEN)
    assert reenviado.get_json()["destino"] == "llamadas-pagos"

    def reembolsado() -> int:
        with solo.motor.lectura() as con:
            consulta = text("SELECT count(*) FROM pasarela_cargos WHERE clave = :c")
            return int(con.execute(consulta, {"c": f"{pago}:reembolso"}).scalar_one())

    hasta(reembolsado, "el reembolso del mensaje reenviado")
    metricas = embebido.principal.get("/metrics").get_data(as_text=True)
    assert "outbox_bursts" in metricas
