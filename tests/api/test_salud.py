"""What /health, /ready and /metrics say of a loop, a database, a broker and a neighbour that are wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest
from sqlalchemy import insert

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.arranque.sistemas.campanas.descriptor import app_bff
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Sordera
from aeropartners.seedwork.aplicacion.serializacion import codificar_rafaga
from aeropartners.seedwork.infraestructura.base.tablas import salida, temas_detenidos
from aeropartners.seedwork.infraestructura.web.rutas.salud import en_palabras
from bff.cliente import ClienteOrquestador, PorRed
from tests.api.sistema import levantar
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta


def pedir(solo: SoloOrquestador, ruta: str) -> tuple[int, dict[str, Any]]:
    """The answer of one of them."""
    respuesta = solo.cliente.get(ruta)
    return respuesta.status_code, dict(respuesta.get_json())


def test_todo_bien(tmp_path: Path) -> None:
    """Nothing is wrong: both say so, and every loop has its figures."""
    with orquestador(tmp_path) as solo:
        hasta(lambda: pedir(solo, "/health")[1]["problemas"] == [], "que todo esté bien")
        assert pedir(solo, "/ready")[1] == {
            "status": "ready",
            "service": "saga-orchestrator",
            "problemas": [],
        }
        assert pedir(solo, "/health") == (
            200,
            {
                "status": "healthy",
                "service": "saga-orchestrator",
                "version": "1.0.0",
                "broker": "al día",
                "problemas": [],
            },
        )
        metricas = solo.cliente.get("/metrics").get_data(as_text=True)
        for hilo in solo.proceso.hilos:
            assert f'loop_up{{loop="{hilo.nombre}"}} 1.0' in metricas
            assert f'loop_failures_total{{loop="{hilo.nombre}"}} 0.0' in metricas
        assert 'loop_lag_seconds{loop="relevo"}' in metricas


def test_un_bucle_roto_se_nombra(tmp_path: Path) -> None:
    """Not ready, by the loop's name, with the error and the moment; alive all the same."""

    def romper() -> int:
        raise ValueError("avería de la prueba")

    with orquestador(tmp_path) as solo:
        roto = Hilo("roto", lambda: Ronda(romper))
        solo.proceso.hilos.append(roto)
        roto.empezar()
        hasta(lambda: roto.caidas, "una caída")
        hasta(lambda: len(pedir(solo, "/ready")[1]["problemas"]) == 1, "los demás bucles")
        estado, cuerpo = pedir(solo, "/ready")
        [problema] = cuerpo["problemas"]
        assert (estado, cuerpo["status"]) == (503, "not_ready")
        assert (problema["que"], problema["error"]) == ("bucle roto", "falló; el registro dice por qué")
        assert datetime.fromisoformat(problema["desde"]) <= datetime.now(UTC)
        estado, cuerpo = pedir(solo, "/health")
        assert (estado, cuerpo["status"], cuerpo["problemas"]) == (200, "healthy", [problema])


@pytest.mark.parametrize(
    ("error", "dicho"),
    [
        ("ValueError: avería en tabla secreta", "falló; el registro dice por qué"),
        ("ConexionPerdida: connection to server at 10.0.0.1 failed", "perdió la base de datos"),
        ("OperationalError: (psycopg2.OperationalError) FATAL: role x", "no alcanza la base de datos"),
        ("su ronda no termina desde hace 61 s", "su ronda no termina desde hace 61 s"),
        ("consumidor-pagos va 7 s atrasado; los inicios", "consumidor-pagos va 7 s atrasado; los inicios"),
    ],
)
def test_la_salud_solo_dice_palabras_nuestras(error: str, dicho: str) -> None:
    """Anybody reads it: what a driver says names hosts, roles, statements and values, and is for the log."""
    assert en_palabras(error) == dicho


def test_un_broker_que_no_confirma_se_dice(tmp_path: Path) -> None:
    """Since the oldest burst that waits; neither answer turns red."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        viejo = datetime.now(UTC) - timedelta(minutes=5)
        fila = {"lote": solo.proceso.c.ids().nuevo(), "creado": viejo, "cuerpo": codificar_rafaga([])}
        with solo.motor.escritura() as con:
            con.execute(insert(salida).values(**fila))
            con.commit()
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor")
        for ruta in ("/health", "/ready"):
            estado, cuerpo = pedir(solo, ruta)
            [problema] = cuerpo["problemas"]
            assert (estado, problema["que"]) == (200, "broker")
            assert datetime.fromisoformat(problema["desde"]) == viejo
        assert pedir(solo, "/health")[1]["broker"] == "atrasado"


def test_un_tema_que_no_toma_nada_se_dice(tmp_path: Path) -> None:
    """By its name, why, and since when, with the age of what waits: in all three, and nothing turns red."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        viejo = datetime.now(UTC) - timedelta(minutes=5)
        with solo.motor.escritura() as con:
            lote = solo.proceso.c.ids().nuevo()
            con.execute(insert(salida).values(lote=lote, creado=viejo, cuerpo=codificar_rafaga([])))
            con.execute(insert(temas_detenidos).values(tema="eventos-x", causa="TopicNotFound", desde=viejo))
            con.commit()
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor")
        for ruta in ("/health", "/ready"):
            estado, cuerpo = pedir(solo, ruta)
            [problema] = [p for p in cuerpo["problemas"] if p["que"] == "tema eventos-x"]
            assert estado == 200
            assert datetime.fromisoformat(problema["desde"]) == viejo
            assert problema["error"].startswith("no toma mensajes (TopicNotFound); lo más viejo de la salida")
        metricas = solo.cliente.get("/metrics").get_data(as_text=True)
        [linea] = [li for li in metricas.splitlines() if li.startswith("outbox_topic_waiting_seconds{")]
        assert 'topic="eventos-x"' in linea
        assert 'cause="TopicNotFound"' in linea
        assert float(linea.rsplit(" ", 1)[1]) >= 300


class Sorda:
    """A subscription that is not served."""

    def __init__(self, *, sin_broker: bool) -> None:
        self.sordera = Sordera(datetime.now(UTC), "TopicNotFound", sin_broker)


@pytest.mark.parametrize(("sin_broker", "esperado"), [(True, 200), (False, 503)])
def test_una_suscripcion_sorda_se_dice(tmp_path: Path, sin_broker: bool, esperado: int) -> None:
    """At once, by name and cause; not ready when it is refused, ready when only the broker is away."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor")
        sorda: Any = Sorda(sin_broker=sin_broker)
        solo.proceso.suscripciones["saga-x"] = sorda
        estado, cuerpo = pedir(solo, "/ready")
        [problema] = cuerpo["problemas"]
        assert (estado, problema["que"], problema["error"]) == (
            esperado,
            "suscripción saga-x",
            "TopicNotFound",
        )
        assert pedir(solo, "/health")[0] == 200
        metricas = solo.cliente.get("/metrics").get_data(as_text=True)
        assert 'subscription_up{subscription="saga-x"} 0.0' in metricas
        assert 'subscription_deaf_seconds{cause="TopicNotFound",subscription="saga-x"}' in metricas


def test_faltar_particiones_de_ahora_importa(tmp_path: Path) -> None:
    """Not ready, and it says which, since when; what upkeep could not do yet turns nothing red."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor")
        cuidado = solo.proceso.mantenimiento = solo.proceso.c.mantenimiento()
        cuidado.fallos = {"sagas_20260105": "canceling statement due to lock timeout"}
        assert pedir(solo, "/ready")[0] == 200
        assert "upkeep_failures 1.0" in solo.cliente.get("/metrics").get_data(as_text=True)
        cuidado.faltan = (datetime.now(UTC), ["sagas_20260105"])
        estado, cuerpo = pedir(solo, "/ready")
        [problema] = cuerpo["problemas"]
        assert (estado, problema["que"]) == (503, "particiones")
        assert "sagas_20260105" in problema["error"]
        assert "partitions_missing 1.0" in solo.cliente.get("/metrics").get_data(as_text=True)


def test_lo_que_ha_de_acabar_es_vital(tmp_path: Path) -> None:
    """Every consumer, caller, timer, writer, the publisher and the relay; upkeep and rebuilds may last."""
    vitales = {"consumidor", "llamador", "vigilante", "escritor", "publicador", "relevo"}
    with levantar(tmp_path) as sistema:
        hilos = {h.nombre: h.vital for h in sistema.proceso.hilos}
        vigilados = sistema.proceso.guardian._hilos
        assert {n for n, vital in hilos.items() if vital} == {
            n for n in hilos if n.partition("-")[0] in vitales
        }
        assert {n.partition("-")[0] for n, vital in hilos.items() if vital} == vitales
        assert {"mantenimiento", "proyector"} <= {n for n, vital in hilos.items() if not vital}
        assert {h.nombre for h in vigilados} == set(hilos)
        assert sistema.proceso.guardian._hilo.is_alive()


def test_una_base_degradada_es_503_con_cuando_volver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever loop or request meets it: the session is thrown away, and the next one may write."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor")
        ejecutor = solo.proceso.escritores["saga"]._ejecutor

        def degradada(*_partes: Any) -> None:
            raise ConexionPerdida("cannot execute INSERT in a read-only transaction")

        monkeypatch.setattr(ejecutor, "ejecutar", degradada)
        negada = solo.cliente.post("/saga/crear-campana-completa", json=cuerpo_de_saga())
        assert (negada.status_code, bool(negada.headers["Retry-After"])) == (503, True)
        assert "read-only" not in negada.get_data(as_text=True)
        monkeypatch.undo()
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el escritor otra vez")
        assert solo.iniciar()


def test_sin_base_de_datos_se_dice_desde_cuando(tmp_path: Path) -> None:
    """Both are red, and every answer has the moment of the first one that found it away."""
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        archivo = tmp_path / "aeropartners.db"
        guardado = archivo.rename(tmp_path / "guardado.db")
        archivo.mkdir()
        vistos = [pedir(solo, ruta) for ruta in ("/health", "/health", "/ready")]
        archivo.rmdir()
        guardado.rename(archivo)
        bases = [next(p for p in c["problemas"] if p["que"] == "base de datos") for _, c in vistos]
        assert [estado for estado, _ in vistos] == [503] * 3
        assert {b["desde"] for b in bases} == {bases[0]["desde"]}
        assert vistos[0][1]["status"] == "unhealthy"
        assert vistos[0][1]["error"] == bases[0]["error"] == "no se puede alcanzar"
        assert vistos[0][1]["broker"] == "desconocido"
        assert pedir(solo, "/health")[0] == 200


def test_el_bff_dice_que_el_orquestador_no_contesta(tmp_path: Path) -> None:
    """Since the first request that found nobody; it stays ready, for it is asked again."""
    cliente = ClienteOrquestador(PorRed("http://127.0.0.1:9", create_default_context()))
    proceso = Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)})))
    bff = app_bff(proceso, cliente).test_client()
    assert bff.get("/ready").get_json()["problemas"] == []
    assert bff.get("/saga/").status_code == 503
    primero = cliente.caido_desde
    assert primero
    assert bff.get("/saga/").status_code == 503
    listo = bff.get("/ready")
    [problema] = listo.get_json()["problemas"]
    assert (listo.status_code, problema["que"]) == (200, "orquestador")
    assert datetime.fromisoformat(problema["desde"]) == primero
    assert proceso.parar()
