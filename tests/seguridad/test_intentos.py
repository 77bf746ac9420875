"""Whoever fails again and again to say who it is, is not listened to for a while; headers of all answers."""

from flask.testing import FlaskClient

from aeropartners.seedwork.infraestructura.seguridad.claves import huella
from aeropartners.seedwork.infraestructura.seguridad.claves_conocidas import ClavesFijas
from aeropartners.seedwork.infraestructura.web.acceso.control import Acceso
from aeropartners.seedwork.infraestructura.web.acceso.limite_de_accesos import (
    DIRECCIONES,
    VENTANA_S,
    LimiteDeAccesos,
)
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from tests.dobles.relojes import Cronometro

BIEN, MAL = {"X-API-Key": "buena"}, {"X-API-Key": "mala"}


def cliente(intentos: LimiteDeAccesos) -> FlaskClient:
    """An application that asks for a key."""
    acceso = Acceso([ClavesFijas([(huella("buena"), Rol.LECTOR)])], exigido=True, intentos=intentos)
    rutas = [rutas_metricas(), rutas_salud("x", None, tuple)]
    return crear_aplicacion("x", rutas, acceso=acceso).test_client()


def test_tras_muchos_fallos_no_se_escucha_ni_lo_bueno() -> None:
    """429 with Retry-After for that address alone, for a minute; probes are answered all along."""
    cronometro = Cronometro()
    app = cliente(LimiteDeAccesos(3, cronometro))
    for _ in range(3):
        assert app.get("/metrics", headers=MAL).status_code == 401
    negada = app.get("/metrics", headers=BIEN)
    assert negada.status_code == 429
    assert int(negada.headers["Retry-After"]) > 0
    assert app.get("/health").status_code == 200
    otra = {"REMOTE_ADDR": "10.0.0.9"}
    leida = app.get("/metrics", headers=BIEN, environ_overrides=otra)
    assert leida.status_code == 200
    assert 'http_refused_total{reason="acceso"} 1.0' in leida.get_data(as_text=True)
    cronometro.segundos = VENTANA_S
    assert app.get("/metrics", headers=BIEN).status_code == 200


def test_los_fallos_se_olvidan_con_el_tiempo() -> None:
    """Only those of the last minute count, and a right key between them forgives none."""
    cronometro = Cronometro()
    intentos = LimiteDeAccesos(3, cronometro)
    for momento in (0.0, 30.0, 50.0):
        cronometro.segundos = momento
        intentos.fallar("a")
    assert intentos.espera_s("a") == 10
    cronometro.segundos = 61.0
    assert intentos.espera_s("a") == 0
    intentos.fallar("a")
    assert intentos.espera_s("a") == 29


def test_sin_limite_y_sin_llenar_la_memoria() -> None:
    """0 never refuses; of very many addresses the oldest are forgotten."""
    libre, llena = LimiteDeAccesos(0), LimiteDeAccesos(1)
    for _ in range(50):
        libre.fallar("a")
    assert libre.espera_s("a") == 0
    for numero in range(DIRECCIONES + 1):
        llena.fallar(str(numero))
    assert llena.espera_s("0") == 0
    assert llena.espera_s("1") > 0


def test_las_cabeceras_de_toda_respuesta() -> None:
    """Answers and refusals alike: nothing to guess at, to frame, to run or to keep."""
    app = cliente(LimiteDeAccesos(0))
    for respuesta in (app.get("/health"), app.get("/metrics"), app.get("/nada"), app.post("/health")):
        assert respuesta.headers["X-Content-Type-Options"] == "nosniff"
        assert respuesta.headers["X-Frame-Options"] == "DENY"
        assert respuesta.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in respuesta.headers["Content-Security-Policy"]
        assert respuesta.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in respuesta.headers
    assert app.get("/health", base_url="https://x").headers["Strict-Transport-Security"]
