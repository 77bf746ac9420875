"""The audit: every operation that changes something, done or refused, and what sagas undo by themselves."""

import csv
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import text
from structlog.testing import capture_logs

from aeropartners.arranque.cli import principal
from aeropartners.arranque.http.servidores import Servidor
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida
from aeropartners.seedwork.infraestructura.seguridad.claves import huella
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from tests.api.mandos import puerto_libre
from tests.api.sistema import Sistema, levantar
from tests.datos import cuerpo_de_saga
from tests.seguridad.paseo import API_KEYS, CLAVES, EQUIVOCADA

RUTA = "/saga/crear-campana-completa"
Fila = dict[str, Any]


def nombre(rol: Rol) -> str:
    """The name of a key that has none."""
    return f"api-key:{huella(CLAVES[rol])[:8]}"


@pytest.fixture(scope="module")
def sistema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """The embedded system with keys on; its clients are an operator's."""
    carpeta = tmp_path_factory.mktemp("auditoria")
    entorno = {"API_KEYS": API_KEYS, "FALLOS_DE_ACCESO": "0", "PERMITIR_LIMPIEZA": "1"}
    with levantar(carpeta, **entorno) as sistema:
        for cliente in (sistema.bff, sistema.orquestador, sistema.principal):
            cliente.environ_base["HTTP_X_API_KEY"] = CLAVES[Rol.OPERADOR]
        yield sistema


def con(rol: Rol) -> dict[str, str]:
    """The headers of a call in this role."""
    return {"X-API-Key": CLAVES[rol]}


def leer(sistema: Sistema, **consulta: Any) -> list[Fila]:
    """Return rows of the audit, as an administrator reads them."""
    leida = sistema.orquestador.get("/api/v1/auditoria", query_string=consulta, headers=con(Rol.ADMIN))
    assert leida.status_code == 200, leida.get_data(as_text=True)
    return list(leida.get_json()["auditoria"])


def iniciar(cliente: FlaskClient, referencia: str = "", **cabeceras: str) -> str:
    """Start a saga and return its id."""
    puestas = {nombre.replace("_", "-"): valor for nombre, valor in cabeceras.items()}
    hecha = cliente.post(RUTA, json=cuerpo_de_saga(referencia or str(uuid.uuid4())), headers=puestas)
    assert hecha.status_code == 200, hecha.get_data(as_text=True)
    return str(hecha.get_json()["saga_id"])


def ultima(sistema: Sistema, correlacion: str) -> list[Fila]:
    """Return the rows of one correlation."""
    return [f for f in leer(sistema, limit=1000) if f["correlation_id"] == correlacion]


def test_quien_inicio_que_cuando_y_desde_donde(sistema: Sistema) -> None:
    """A start through the BFF is one row: the key of the caller, not of the BFF, and its correlation."""
    antes = datetime.now(UTC) - timedelta(seconds=5)
    saga_id = iniciar(sistema.bff, X_Correlation_ID="c-inicio")
    [fila] = ultima(sistema, "c-inicio")
    assert (fila["actor"], fila["rol"], fila["resultado"]) == (nombre(Rol.OPERADOR), "operador", "hecha")
    assert (fila["operacion"], fila["recurso"], fila["saga_id"]) == (f"POST {RUTA}", RUTA, saga_id)
    assert fila["detalle"] == {"estado": 200, "objeto": saga_id}
    assert antes < datetime.fromisoformat(fila["momento"]) < datetime.now(UTC) + timedelta(seconds=5)


def test_desde_donde(sistema: Sistema) -> None:
    """The address of the caller is kept."""
    sistema.orquestador.post(
        RUTA, json={}, headers={"X-Correlation-ID": "c-origen"}, environ_overrides={"REMOTE_ADDR": "10.9.8.7"}
    )
    assert [(f["origen"], f["resultado"]) for f in ultima(sistema, "c-origen")] == [("10.9.8.7", "rechazada")]


def test_desde_donde_a_traves_del_bff(sistema: Sistema) -> None:
    """The caller's address, as the BFF saw it and whatever the caller says of itself, and the BFF's."""
    cabeceras = {"X-Correlation-ID": "c-por-el-bff", "X-Origen": "1.2.3.4"}
    desde = {"REMOTE_ADDR": "10.9.8.7"}
    cuerpo = cuerpo_de_saga(str(uuid.uuid4()))
    assert sistema.bff.post(RUTA, json=cuerpo, headers=cabeceras, environ_overrides=desde).status_code == 200
    assert [f["origen"] for f in ultima(sistema, "c-por-el-bff")] == ["10.9.8.7 por 127.0.0.1"]


def test_lo_que_el_servicio_se_pide_a_si_mismo_no_firma_por_nadie(sistema: Sistema) -> None:
    """A report reads its data from the application that makes it: the row is its caller's all the same."""
    pedido, cabeceras = {"tipo_reporte": "metricas_generales"}, {"X-Correlation-ID": "c-reporte"}
    assert sistema.principal.post("/reporting/report", json=pedido, headers=cabeceras).status_code == 200
    assert [f["actor"] for f in ultima(sistema, "c-reporte")] == [nombre(Rol.OPERADOR)]


@pytest.mark.parametrize("clave", ["", "X-Clave-De-Servicio", "X-API-Key"])
def test_desde_donde_lo_dice_solo_un_servicio(sistema: Sistema, clave: str) -> None:
    """What anybody says of where it calls from is not believed; a service that shows a key of its own is."""
    cabeceras = {"X-Correlation-ID": f"c-dicho-{clave}", "X-Origen": "fe80::1%\x1b[2J" + "z" * 300}
    cabeceras |= {clave: CLAVES[Rol.SERVICIO]} if clave else {}
    hecha = sistema.orquestador.post(RUTA, json={}, headers=cabeceras)
    assert hecha.status_code == 400
    visto = "fe80::1 por 127.0.0.1" if clave == "X-Clave-De-Servicio" else "127.0.0.1"
    assert [f["origen"] for f in ultima(sistema, f"c-dicho-{clave}")] == [visto]


@pytest.mark.parametrize("rol", [Rol.LECTOR, Rol.OPERADOR, None])
def test_una_clave_que_no_es_de_servicio_no_habla_por_nadie(sistema: Sistema, rol: Rol | None) -> None:
    """Nor one that nobody gave."""
    clave = CLAVES[rol] if rol else EQUIVOCADA
    cabeceras = {"X-Correlation-ID": f"c-por-{rol}", "X-Origen": "1.2.3.4", "X-Clave-De-Servicio": clave}
    assert sistema.orquestador.post(RUTA, json={}, headers=cabeceras).status_code == 400
    assert [f["origen"] for f in ultima(sistema, f"c-por-{rol}")] == ["127.0.0.1"]


def test_la_vida_de_una_saga_que_termina_bien(sistema: Sistema) -> None:
    """Only its start: the happy path writes no row more."""
    saga_id = iniciar(sistema.bff)
    assert sistema.final(saga_id)["estado"] == "COMPLETADA"
    assert [f["operacion"] for f in leer(sistema, saga_id=saga_id)] == [f"POST {RUTA}"]


def test_las_compensaciones_automaticas(sistema: Sistema) -> None:
    """Each undo that the saga begins and ends by itself, in order, signed by the orchestrator."""
    saga_id = iniciar(sistema.bff, f"FALLA-{uuid.uuid4()}", X_Correlation_ID="c-deshecha")
    assert sistema.final(saga_id)["estado"] == "COMPENSADA"
    _inicio, *deshechas = leer(sistema, saga_id=saga_id)
    assert [(f["actor"], f["rol"], f["operacion"], f["resultado"]) for f in deshechas] == [
        ("saga-orchestrator", "sistema", "compensacion", "iniciada"),
        ("saga-orchestrator", "sistema", "compensacion", "hecha"),
    ]
    assert deshechas[0]["detalle"]["paso_a_compensar"] == "CREAR_CAMPAÑA"
    assert deshechas[1]["detalle"]["tipo_compensacion"] == "CANCELAR_CAMPAÑA"
    assert {f["correlation_id"] for f in deshechas} == {"c-deshecha"}


def test_una_orden_rechazada_por_su_estado(sistema: Sistema) -> None:
    """An order that the saga's state does not allow is kept as well, once, with who, why and its code."""
    saga_id = iniciar(sistema.bff)
    sistema.final(saga_id)
    orden = {"motivo": "porque sí", "quien": "maría"}
    assert sistema.bff.post(f"/saga/{saga_id}/cancelar", json=orden).status_code == 409
    [_inicio, fila] = leer(sistema, saga_id=saga_id)
    assert (fila["operacion"], fila["resultado"]) == ("POST /saga/<saga_id>/cancelar", "rechazada")
    assert (fila["motivo"], fila["detalle"]["codigo"]) == ("porque sí", "CONFLICTO_DE_ESTADO")
    assert (fila["actor"], fila["detalle"]["quien"]) == (nombre(Rol.OPERADOR), "maría")


def test_lo_que_no_llega_a_hacerse(sistema: Sistema) -> None:
    """No key, a wrong one, a role that may not, a bad body, an order about nothing: each is one row."""
    nada = uuid.uuid4()
    sin_clave = {"HTTP_X_API_KEY": ""}
    sistema.principal.post(
        "/pagos/", json={}, headers={"X-Correlation-ID": "c-1"}, environ_overrides=sin_clave
    )
    sistema.bff.post(RUTA, json={}, headers={"X-Correlation-ID": "c-2", "X-API-Key": EQUIVOCADA})
    sistema.principal.post("/pagos/", json={}, headers={"X-Correlation-ID": "c-3"} | con(Rol.LECTOR))
    sistema.principal.post("/pagos/", json={}, headers={"X-Correlation-ID": "c-4"})
    sistema.orquestador.post(
        f"/muertos/{nada}/descartar", json={"motivo": "x", "quien": "y"}, headers={"X-Correlation-ID": "c-5"}
    )
    vistas = {
        f["correlation_id"]: (f["actor"], f["rol"], f["resultado"], f["detalle"].get("estado"))
        for f in leer(sistema, limit=1000)
    }
    operador = nombre(Rol.OPERADOR)
    assert vistas["c-1"] == ("anónimo", None, "rechazada", 401)
    assert vistas["c-2"] == ("anónimo", None, "rechazada", 401)
    assert vistas["c-3"] == (nombre(Rol.LECTOR), "lector", "rechazada", 403)
    assert vistas["c-4"] == (operador, "operador", "rechazada", 400)
    assert vistas["c-5"] == (operador, "operador", "rechazada", 404)


def test_los_partners_solos_tambien_la_leen(sistema: Sistema) -> None:
    """The partners' orchestrator answers for it as well, an administrator alone, in its own form."""
    partner = {"nombre": "Example", "email": f"{uuid.uuid4()}@example.com"}
    inicio = sistema.sagas_partners.post(
        "/api/v1/saga/partner-creation", json=partner, headers=con(Rol.OPERADOR)
    ).get_json()
    ruta, consulta = "/api/v1/auditoria", {"saga_id": inicio["saga_id"]}
    leida = sistema.sagas_partners.get(ruta, query_string=consulta, headers=con(Rol.ADMIN))
    assert [f["operacion"] for f in leida.get_json()["auditoria"]] == ["POST /api/v1/saga/partner-creation"]
    negada = sistema.sagas_partners.get(ruta, headers=con(Rol.OPERADOR))
    assert (negada.status_code, negada.get_json()["codigo"]) == (403, "NO_AUTORIZADO")


def test_leer_no_es_una_operacion(sistema: Sistema) -> None:
    """What changes nothing and is answered leaves no row, nor does a question that was badly put."""
    nuestra = {"X-Correlation-ID": "c-lectura"}
    assert sistema.bff.get("/saga/", headers=nuestra).status_code == 200
    assert sistema.bff.get("/saga/?limite=nada", headers=nuestra).status_code == 400
    assert sistema.bff.get("/nada", headers={"X-API-Key": EQUIVOCADA, **nuestra}).status_code == 404
    assert ultima(sistema, "c-lectura") == []


def test_leer_lo_que_no_se_puede_si_queda(sistema: Sistema) -> None:
    """A key that nobody knows, and a role that may not: each is one row, a line and a count, reading too."""
    dichas = {"X-Correlation-ID": "c-lectura", "X-API-Key": EQUIVOCADA}
    with capture_logs() as lineas:
        assert sistema.bff.get("/saga/", headers=dichas).status_code == 401
        assert (
            sistema.orquestador.get(
                "/api/v1/auditoria", headers={"X-Correlation-ID": "c-lectura"}
            ).status_code
            == 403
        )
    filas = ultima(sistema, "c-lectura")
    assert [(f["actor"], f["operacion"], f["resultado"], f["detalle"]) for f in filas] == [
        ("anónimo", "GET /saga/", "rechazada", {"estado": 401}),
        (nombre(Rol.OPERADOR), "GET /api/v1/auditoria/", "rechazada", {"estado": 403}),
    ]
    assert [d["operacion"] for d in lineas if d["event"] == "acceso_negado"] == [
        f["operacion"] for f in filas
    ]
    medido = sistema.orquestador.get("/metrics").get_data(as_text=True)
    assert re.search(r'http_denied_total\{status="403"\} [1-9]', medido)


def test_una_ruta_rota_tambien_queda(sistema: Sistema) -> None:
    """What a database would not store and a terminal would obey is kept as it was escaped, in one line."""
    for rota in ("/saga/%00/cancelar", "/saga/%0A%1B%5B2J/cancelar", "/saga/%ff/cancelar"):
        pedida = sistema.orquestador.post(rota, json={"motivo": "x"}, headers={"X-Correlation-ID": "c-rota"})
        assert 400 <= pedida.status_code < 500, rota
    recursos = [f["recurso"] for f in ultima(sistema, "c-rota")]
    assert recursos[:2] == ["/saga/%00/cancelar", "/saga/%0A%1B[2J/cancelar"]
    assert len(recursos) == 3
    assert all(r.isprintable() for r in recursos)


def test_una_clave_de_idempotencia_repetida(sistema: Sistema) -> None:
    """The same request again changes nothing and leaves no row; with another body it is a refusal."""
    clave, cuerpo = {"Idempotency-Key": str(uuid.uuid4())}, cuerpo_de_saga(str(uuid.uuid4()))
    dichas = {**clave, "X-Correlation-ID": "c-repetida"}
    for _ in range(2):
        assert sistema.bff.post(RUTA, json=cuerpo, headers=dichas).status_code == 200
    assert sistema.bff.post(RUTA, json=cuerpo_de_saga("otra"), headers=dichas).status_code == 409
    assert [f["resultado"] for f in ultima(sistema, "c-repetida")] == ["hecha", "rechazada"]


def test_la_limpieza_se_audita_en_su_propia_transaccion(sistema: Sistema) -> None:
    """What it removed, by whom; and the audit itself stays."""
    antes = len(leer(sistema, limit=1000))
    cabeceras = {"X-Correlation-ID": "c-limpia"} | con(Rol.ADMIN)
    assert sistema.principal.delete("/pagos/cleanup", headers=cabeceras).status_code == 200
    [fila] = ultima(sistema, "c-limpia")
    assert (fila["actor"], fila["resultado"]) == (nombre(Rol.ADMIN), "hecha")
    assert "eliminadas" in fila["detalle"]
    assert len(leer(sistema, limit=1000)) == antes + 1


def test_se_busca_por_tiempo_y_se_pagina(sistema: Sistema) -> None:
    """By an interval, in pages of a stable order, the total counted before paging; for administrators."""
    for _ in range(3):
        iniciar(sistema.bff)
    todas = leer(sistema, limit=1000)
    assert [f["momento"] for f in todas] == sorted(f["momento"] for f in todas)
    medio = todas[-2]["momento"]
    assert leer(sistema, desde=medio, limit=1000) == [f for f in todas if f["momento"] >= medio]
    assert leer(sistema, hasta=medio, limit=1000) == [f for f in todas if f["momento"] < medio]
    assert leer(sistema, limit=1, offset=1) == todas[1:2]
    pagina = sistema.orquestador.get("/api/v1/auditoria?limit=1", headers=con(Rol.ADMIN)).get_json()
    assert (pagina["total"], pagina["limit"], pagina["offset"]) == (len(todas), 1, 0)
    sin = sistema.orquestador.get("/api/v1/auditoria?contar=false", headers=con(Rol.ADMIN)).get_json()
    assert (sin["total"], len(sin["auditoria"])) == (None, len(todas))
    for consulta in ("limit=0", "saga_id=x", "desde=ayer", "offset=-1"):
        malo = sistema.orquestador.get(f"/api/v1/auditoria?{consulta}", headers=con(Rol.ADMIN))
        assert malo.status_code == 400, consulta
    assert sistema.orquestador.get("/api/v1/auditoria").status_code == 403


def test_la_base_no_deja_cambiarla(sistema: Sistema) -> None:
    """Neither UPDATE nor DELETE, whatever the program does (the SQLite of the embedded system)."""
    motor = sistema.proceso.c.motor()
    for orden in ("UPDATE auditoria SET actor = 'otro'", "DELETE FROM auditoria"):
        with pytest.raises(Exception, match="solo admite filas nuevas"), motor.escritura() as conexion:
            conexion.execute(text(orden))


def test_sin_base_a_mano_la_negativa_sigue_siendolo(
    sistema: Sistema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal whose row cannot be written is still answered as one, and the log says that it is missing."""
    with capture_logs() as dichas:
        monkeypatch.setattr(sistema.proceso.c.auditor(), "_motor", _Caido())
        assert sistema.orquestador.post(RUTA, json={}).status_code == 400
    # The loops of the system log as well.
    errores = [(d["event"], d["operacion"]) for d in dichas if "operacion" in d and d["log_level"] != "debug"]
    assert errores == [("auditoria_no_escrita", f"POST {RUTA}")]


class _Caido:
    """A database that is away."""

    def escritura(self) -> Any:
        raise ConexionPerdida("sin base")


def test_se_exporta_entera(sistema: Sistema, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows, page after page, by an administrator's key alone; a formula stays text in CSV."""
    saga_id = iniciar(sistema.bff, f"FALLA-{uuid.uuid4()}")
    sistema.final(saga_id)
    orden = {"motivo": "=1+1", "quien": "maría"}
    assert sistema.orquestador.post(f"/saga/{saga_id}/cerrar", json=orden).status_code == 409
    servidor = Servidor(sistema.orquestador.application, "127.0.0.1", puerto_libre(), "PUERTO")
    servidor.empezar()
    try:

        def exportar(*opciones: str, rol: Rol = Rol.ADMIN) -> Result:
            entorno = {"ORQUESTADOR_URL": servidor.url, "API_KEY": CLAVES[rol]}
            return CliRunner().invoke(principal, ["auditoria", "exportar", *opciones], env=entorno)

        lineas = exportar("--json").stdout.splitlines()
        assert [json.loads(linea) for linea in lineas] == leer(sistema, limit=1000)
        for filas in (1, 2, 3):  # rows of one moment on both sides of the end of a page
            monkeypatch.setattr("aeropartners.arranque.cli.auditoria.PAGINA", filas)
            assert exportar("--json").stdout.splitlines() == lineas
        suyas = list(csv.DictReader(exportar("--saga", saga_id).stdout.splitlines()))
        assert [f["resultado"] for f in suyas] == ["hecha", "iniciada", "hecha", "rechazada"]
        assert suyas[-1]["motivo"] == "'=1+1"
        negada = exportar(rol=Rol.OPERADOR)
        assert negada.exit_code == 1
        assert "Su rol no permite" in negada.output
    finally:
        servidor.parar()
