"""What /health, /ready and /metrics say of a loop, a database, a broker and a neighbour that are wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import create_default_context
from typing import Any

from sqlalchemy import insert

from aeropartners.seedwork.aplicacion.serializacion import codificar_rafaga
from aeropartners.seedwork.infraestructura.tablas import salida
from arranque.config import leer
from arranque.contenedor import Contenedor
from arranque.hilos import Hilo, Ronda
from arranque.procesos import Proceso
from bff.cliente import ClienteOrquestador, PorRed
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.esperas import hasta


def pedir(solo: SoloOrquestador, ruta: str) -> tuple[int, dict[str, Any]]:
    """The answer of one of them."""
    respuesta = solo.cliente.get(ruta)
    return respuesta.status_code, dict(respuesta.get_json())


def test_todo_bien(tmp_path: Path) -> None:
    """Nothing is wrong: both say so, and every loop has its figures."""
    with orquestador(tmp_path) as solo:
        hasta(lambda: pedir(solo, "/ready")[0] == 200, "el orquestador listo")
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
        assert (problema["que"], problema["error"]) == ("bucle roto", "ValueError: avería de la prueba")
        assert datetime.fromisoformat(problema["desde"]) <= datetime.now(UTC)
        estado, cuerpo = pedir(solo, "/health")
        assert (estado, cuerpo["status"], cuerpo["problemas"]) == (200, "healthy", [problema])


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
        assert vistos[0][1]["error"] == bases[0]["error"] == "OperationalError"
        assert vistos[0][1]["broker"] == "desconocido"
        assert pedir(solo, "/health")[0] == 200


def test_el_bff_dice_que_el_orquestador_no_contesta(tmp_path: Path) -> None:
    """Since the first request that found nobody; it stays ready, for it is asked again."""
    cliente = ClienteOrquestador(PorRed("http://127.0.0.1:9", create_default_context()))
    proceso = Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)})))
    bff = proceso.app_bff(cliente).test_client()
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
