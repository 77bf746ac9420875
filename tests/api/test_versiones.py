"""Processes of other releases beside an orchestrator: what it shows, refuses, leaves alone and waits for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from aeropartners.arranque.cli import principal
from aeropartners.arranque.cli.servir import empezar
from aeropartners.arranque.config import leer
from aeropartners.arranque.consola.peticiones import Fallo
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import SAGA, Proceso
from aeropartners.contratos.saga import SUSCRIPCION, TEMA_RESPUESTAS
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import en_sobre
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.broker.broker_embebido import Tienda
from tests.api.sistema import Sistema, levantar
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

TIPO = "CREAR_CAMPANA_COMPLETA"


@pytest.fixture
def solo(tmp_path: Path) -> Iterator[SoloOrquestador]:
    """An orchestrator alone."""
    with orquestador(tmp_path, SAGA_STEP_TIMEOUT_S="600") as solo:
        yield solo


def ajena(solo: SoloOrquestador) -> str:
    """A saga of the next version."""
    saga_id = solo.iniciar()
    solo.cambiar("UPDATE sagas SET definicion = 2 WHERE id = :id", id=saga_id)
    return saga_id


def test_nada_de_lo_que_se_lee_falla(solo: SoloOrquestador) -> None:
    """A saga of an unknown version, due long ago and asking for attention, beside one of ours."""
    hasta(lambda: solo.cliente.get("/ready").status_code == 200, "el orquestador listo")
    nuestra, suya = solo.iniciar(), ajena(solo)
    solo.cambiar("UPDATE sagas SET plazo = '2020-01-01T00:00:00.000000Z', revisar_en = plazo")
    solo.cambiar("UPDATE sagas SET requiere_atencion = 1 WHERE id = :id", id=suya)
    rutas = (
        *("/ready", "/health", "/metrics", "/saga/", "/saga/atascadas", "/saga/simular/cancelar"),
        *(f"/saga/{id}/{que}" for id in (nuestra, suya) for que in ("status", "explicacion")),
    )
    respuestas = {ruta: solo.cliente.get(ruta) for ruta in rutas}
    assert {ruta: r.status_code for ruta, r in respuestas.items() if r.status_code != 200} == {}
    relato: Any = respuestas[f"/saga/{suya}/explicacion"].get_json()
    assert relato["espera"]["motivo"] == "OTRA_VERSION"
    assert f"{TIPO} v2" in relato["espera"]["texto"]
    assert [p["tipo"] for p in relato["pasos"]] == ["CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE"]
    previas: Any = respuestas["/saga/simular/cancelar"].get_json()
    assert {e["id"]: e["se_hara"] for e in previas["elegidos"]}[suya] is False


def test_una_orden_para_otra_version_se_manda_a_otra_parte(solo: SoloOrquestador) -> None:
    """503 with words and `Retry-After`: another copy may know it. It is no fault of this one."""
    saga_id = ajena(solo)
    respuesta = solo.cliente.post(f"/saga/{saga_id}/cancelar", json={"motivo": "porque sí"})
    assert respuesta.status_code == 503
    assert respuesta.headers["Retry-After"]
    assert f"{TIPO} v2" in respuesta.get_data(as_text=True)


def test_una_respuesta_para_otra_version_espera_y_se_dice(tmp_path: Path) -> None:
    """Neither dead nor tried; `/health`, a metric and `aeropartners definiciones` name what is missing."""
    with orquestador(tmp_path, SAGA_STEP_TIMEOUT_S="600") as solo:
        saga_id = ajena(solo)
        ids, ahora = solo.proceso.c.ids(), solo.proceso.c.reloj().ahora()
        respuesta = Sobre(
            id=ids.nuevo(),
            tipo="Respuesta",
            clave=saga_id,
            saga_id=saga_id,  # type: ignore[arg-type]
            paso="CREAR_CAMPAÑA",
            intento=1,
            fecha=ahora,
            cuerpo=msgspec.Raw(codificar(Respuesta(exito=True))),
        )
        tienda = solo.proceso.c.tienda()
        assert isinstance(tienda, Tienda)
        tienda.guardar([en_sobre(TEMA_RESPUESTAS, respuesta)])
        nombre = f"versión {TIPO} v2"
        hasta(lambda: nombre in str(solo.cliente.get("/health").get_json()["problemas"]), nombre, 30)
        linea = f'version_waiting{{consumer="{SUSCRIPCION}",version="2",what="{TIPO}"}} 1.0'
        assert linea in solo.cliente.get("/metrics").get_data(as_text=True)
        assert solo.cliente.get("/ready").status_code == 200
        assert solo.muertos() == set()
        entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "DATABASE_URL": None, "PULSAR_URL": None}
        hecho = CliRunner().invoke(principal, ["definiciones", "--json"], env=entorno)
        assert hecho.exit_code == 0, hecho.output
        dicho = msgspec.json.decode(hecho.stdout)
        assert [(f["que"], f["version"], f["cuantos"]) for f in dicho["esperan"]] == [(TIPO, 2, 1)]
        suyas = {(d["tipo"], d["version"]): d for d in dicho["definiciones"]}
        assert suyas[TIPO, 2]["abiertas"] == 1
        assert suyas[TIPO, 1]["abierta"] is True
        assert suyas[TIPO, 2]["abierta"] is False


def test_un_operador_deja_empezar_una_version(tmp_path: Path) -> None:
    """With a reason, which is audited; one that nobody registered is refused, and nothing is done unsaid."""
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "DATABASE_URL": None, "PULSAR_URL": None}

    def mandar(opcion: str, version: str, *resto: str) -> tuple[int, str]:
        orden = ["definiciones", "--json", opcion, TIPO, version, *resto]
        hecho = CliRunner().invoke(principal, orden, env=entorno)
        return hecho.exit_code, hecho.output

    with orquestador(tmp_path) as solo:
        assert mandar("--permitir", "1")[0] == 2
        codigo, dicho = mandar("--permitir", "7", "--motivo", "x")
        assert (codigo, f"{TIPO} v7" in dicho) == (1, True)
        for opcion, permitida in (("--permitir", True), ("--retirar", False)):
            codigo, dicho = mandar(opcion, "1", "--motivo", "la vieja no vuelve")
            assert codigo == 0, dicho
            suyas = {(d["tipo"], d["version"]): d for d in msgspec.json.decode(dicho)["definiciones"]}
            suya = suyas[TIPO, 1]
            assert suya["permitida"] is permitida
            assert (len(suya["la_conocen"]), suya["orquestadores"]) == (1, 1)
        with solo.motor.lectura() as con:
            consulta = "SELECT operacion, recurso, motivo FROM auditoria ORDER BY momento, id"
            filas = [tuple(f) for f in con.exec_driver_sql(consulta)]
    recurso = f"definiciones/{TIPO}/1"
    assert filas == [(f"definiciones.{o}", recurso, "la vieja no vuelve") for o in ("permitir", "retirar")]


def test_una_definicion_editada_no_empieza_mientras_tenga_sagas(tmp_path: Path) -> None:
    """The process says what differs and from which version on it may, and none of its loops has begun."""
    with orquestador(tmp_path, SAGA_STEP_TIMEOUT_S="600") as solo:
        solo.iniciar()
        otra = "UPDATE definiciones SET forma = json_set(forma, '$.pasos[0].evento', 'Otro') WHERE tipo = :t"
        solo.cambiar(otra, t=TIPO)
    proceso = Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)})))
    proceso.anadir_modulos((SAGA,))
    try:
        with pytest.raises(Fallo, match=r"pasos 1\.evento: Otro → .*versión 2"):
            empezar(proceso, "orquestador")
        assert proceso.c.padron().vivos() == []
        proceso.hilos = [h for h in proceso.hilos if h._hilo.is_alive()]
        assert proceso.hilos == []
    finally:
        assert proceso.parar()


def test_los_plazos_de_otra_version_no_paran_los_nuestros(tmp_path: Path) -> None:
    """A saga of an unknown version is due first, for ever; the next one times out all the same."""
    with orquestador(tmp_path, SAGA_STEP_TIMEOUT_S="1") as solo:
        suya = ajena(solo)
        solo.cambiar("UPDATE sagas SET revisar_en = '2020-01-01T00:00:00.000000Z' WHERE id = :id", id=suya)
        nuestra = solo.iniciar()
        hasta(
            lambda: solo.cliente.get(f"/saga/{nuestra}/status").get_json()["estado"] != "INICIADA",
            "el plazo de la nuestra",
            30,
        )
        assert solo.cliente.get(f"/saga/{suya}/status").get_json()["estado"] == "INICIADA"
        assert solo.cliente.get("/ready").status_code == 200


def test_un_reloj_desviado_no_empieza_nada(solo: SoloOrquestador) -> None:
    """Not ready, starts are answered 503 and make nothing, reads go on; it recovers by itself."""
    desfase = solo.proceso.c.desfase()
    desfase.segundos, desfase.desde = 7.0, datetime.now(UTC)
    negada = solo.cliente.post("/saga/crear-campana-completa", json=cuerpo_de_saga())
    assert (negada.status_code, bool(negada.headers["Retry-After"])) == (503, True)
    no_lista = solo.cliente.get("/ready")
    assert no_lista.status_code == 503
    assert "reloj" in [p["que"] for p in no_lista.get_json()["problemas"]]
    assert solo.cliente.get("/saga/").get_json()["total"] == 0
    hasta(lambda: solo.cliente.get("/ready").status_code == 200, "que el reloj se mida otra vez", 20)
    assert solo.iniciar()


def test_lo_contestado_mientras_no_habia_orquestador_cuenta(tmp_path: Path) -> None:
    """Answers lie on the topic for longer than a step may take; whoever comes reads them before it judges."""
    entorno = {"SAGA_STEP_TIMEOUT_S": "2", "SAGA_TIMEOUT_MINUTOS": "1"}
    with levantar(tmp_path, **entorno) as sistema:
        sagas = _sin_orquestador(sistema)
    with levantar(tmp_path, **entorno) as sistema:
        finales = {id: sistema.final(id)["estado"] for id in sagas}
    assert set(finales.values()) == {"COMPLETADA"}, finales


def _sin_orquestador(sistema: Sistema) -> list[str]:
    """Start sagas, and take the orchestrator's loops away as soon as their commands are on their way."""
    nombres = ("consumidor-saga", "vigilante-saga", "proyector")
    suyos = [h for h in sistema.proceso.hilos if h.nombre in nombres]
    for hilo in suyos:
        hilo.parar()
    assert all(hilo.esperar(30) for hilo in suyos)
    sagas = []
    for _ in range(5):
        respuesta = sistema.bff.post("/saga/crear-campana-completa", json=cuerpo_de_saga())
        sagas.append(str(respuesta.get_json()["saga_id"]))

    def valor(consulta: str) -> Any:
        with sistema.proceso.c.motor().lectura() as con:
            return con.exec_driver_sql(consulta).scalar()

    hasta(lambda: valor("SELECT count(*) FROM campanas") == len(sagas), "las campañas de todas")
    vencidas = "SELECT count(*) FROM sagas WHERE plazo < strftime('%Y-%m-%dT%H:%M:%f', 'now')"
    hasta(lambda: valor(vencidas) == len(sagas), "que venzan todos los plazos", 20)
    assert {sistema.estado(id)["estado"] for id in sagas} == {"INICIADA"}
    return sagas
