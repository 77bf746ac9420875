"""scripts/test_saga.py against a system of paper: what it prints, and when its exit code is 0."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.servicios import RAIZ

GUION = RAIZ / "scripts" / "test_saga.py"
SAGA = "11111111-1111-1111-1111-111111111111"
TIPOS = ("CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE")


def entrada(tipo: str, exitoso: bool | None, resultado: Any = None, error: str | None = None) -> Any:
    return {"id": tipo, "tipo": tipo, "exitoso": exitoso, "error": error, "resultado": resultado}


def saga(estado: str, *pasos: Any, compensaciones: Any = (), error: str | None = None) -> Any:
    """Return a status object; the steps that are not given have not begun."""
    todos = [*pasos, *(entrada(tipo, None) for tipo in TIPOS[len(pasos) :])]
    return {
        "saga_id": SAGA,
        "estado": estado,
        "pasos": todos,
        "compensaciones": list(compensaciones),
        "error_message": error,
    }


CAMPANA = entrada(TIPOS[0], True, {"id": "c1", "estado": "BORRADOR"})
ESPERA = entrada(TIPOS[1], None, {"estado": "PENDIENTE"})
PAGO = entrada(TIPOS[1], True, {"estado": "EXITOSO"})
REPORTE = entrada(TIPOS[2], True, {"estado": "GENERADO"})
RECHAZO = entrada(TIPOS[1], False, {"estado": "FALLIDO"}, "Tarjeta rechazada")
DESHECHA = entrada("CANCELAR_CAMPAÑA", True, {"estado": "CANCELADA"})
BUENA = [
    saga("INICIADA"),
    saga("CAMPAÑA_CREADA", CAMPANA, ESPERA),
    saga("CAMPAÑA_CREADA", CAMPANA, ESPERA),
    saga("COMPLETADA", CAMPANA, PAGO, REPORTE),
]
COMPENSADA = saga("COMPENSADA", CAMPANA, RECHAZO, compensaciones=[DESHECHA], error="Tarjeta rechazada")


class Sistema:
    """All services on one port; `estados` is the story that the status tells, its last word for ever."""

    def __init__(self) -> None:
        self.estados: list[Any] = list(BUENA)
        self.salud: Any = {"status": "healthy"}
        self.campana: Any = {"id": "c1", "estado": "CANCELADA"}
        self.inicio: Any = {"saga_id": SAGA, "estado": "INICIADA"}
        self.pedidos: list[tuple[str, dict[str, Any], str | None]] = []
        sistema = self

        class Manejador(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._contestar(*sistema.leer(self.path))

            def do_POST(self) -> None:
                cuerpo = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                sistema.pedidos.append((self.path, cuerpo, self.headers["Idempotency-Key"]))
                self._contestar(200, sistema.inicio)

            def _contestar(self, estado: int, cuerpo: Any) -> None:
                datos = cuerpo if isinstance(cuerpo, bytes) else json.dumps(cuerpo).encode()
                self.send_response(estado)
                self.send_header("Content-Length", str(len(datos)))
                self.end_headers()
                self.wfile.write(datos)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._servidor = ThreadingHTTPServer(("127.0.0.1", 0), Manejador)
        self.url = f"http://127.0.0.1:{self._servidor.server_port}"
        self._hilo = threading.Thread(target=lambda: self._servidor.serve_forever(0.01))
        self._hilo.start()

    def leer(self, ruta: str) -> tuple[int, Any]:
        if ruta == "/health":
            return 200, self.salud
        if ruta == f"/saga/{SAGA}/status":
            return 200, self.estados.pop(0) if len(self.estados) > 1 else self.estados[0]
        if ruta == "/saga/?limite=5":
            return 200, {"sagas": [{"saga_id": SAGA, "estado": "COMPLETADA"}], "total": 7}
        return (200, self.campana) if ruta == "/campaigns/c1" else (404, {"detail": "no está"})

    def correr(self, *opciones: str) -> subprocess.CompletedProcess[str]:
        """Run the script against this system."""
        urls = [f"--{nombre}={self.url}/" for nombre in ("bff", "orquestador", "principal")]
        orden = [sys.executable, "-W", "error", str(GUION), *urls, *opciones]
        return subprocess.run(orden, capture_output=True, text=True, encoding="utf-8", timeout=60)

    def cerrar(self) -> None:
        self._servidor.shutdown()
        self._servidor.server_close()
        self._hilo.join()


@pytest.fixture
def sistema() -> Iterator[Sistema]:
    sistema = Sistema()
    yield sistema
    sistema.cerrar()


def test_completada(sistema: Sistema) -> None:
    """A saga that ends well is told change by change, each once, and the exit code is 0."""
    hecho = sistema.correr()
    assert (hecho.returncode, hecho.stderr) == (0, "")
    assert hecho.stdout.splitlines() == [
        f"BFF: sano ({sistema.url})",
        f"orquestador: sano ({sistema.url})",
        f"SAGA {SAGA}: INICIADA",
        "  SAGA INICIADA",
        "  SAGA CAMPAÑA_CREADA",
        "  paso CREAR_CAMPAÑA: hecho (BORRADOR)",
        "  paso PROCESAR_PAGO: pendiente (PENDIENTE)",
        "  SAGA COMPLETADA",
        "  paso PROCESAR_PAGO: hecho (EXITOSO)",
        "  paso GENERAR_REPORTE: hecho (GENERADO)",
        "7 SAGAs; las últimas:",
        f"  {SAGA} COMPLETADA",
        "Todo terminó como se esperaba",
    ]


def test_cuerpo_de_la_semilla(sistema: Sistema) -> None:
    """Each run sends the seed's body with a reference and a key of its own."""
    for _ in range(2):
        sistema.estados = list(BUENA)
        assert sistema.correr().returncode == 0
    (ruta, uno, clave), (_, otro, otra_clave) = sistema.pedidos
    assert ruta == "/saga/crear-campana-completa"
    assert clave
    assert clave != otra_clave
    assert uno["pago"].pop("referencia_pago") != otro["pago"].pop("referencia_pago")
    assert uno == otro
    assert uno["campana"]["nombre"] == "Campaña Test"
    assert uno["reporte"]["tipo_reporte"] == "metricas_generales"


def test_fallar_pago(sistema: Sistema) -> None:
    """With `--fallar-pago` the reference is one that fails, and the campaign must be CANCELADA."""
    sistema.estados = [COMPENSADA]
    hecho = sistema.correr("--fallar-pago")
    assert hecho.returncode == 0
    assert sistema.pedidos[0][1]["pago"]["referencia_pago"].startswith("FALLA")
    for linea in (
        "  paso PROCESAR_PAGO: falló (FALLIDO): Tarjeta rechazada",
        "  compensación CANCELAR_CAMPAÑA: hecho (CANCELADA)",
        "campaña c1: CANCELADA",
    ):
        assert linea in hecho.stdout.splitlines()


def test_campana_sin_cancelar(sistema: Sistema) -> None:
    """A compensated saga whose campaign is not CANCELADA did not end as expected."""
    sistema.estados, sistema.campana = [COMPENSADA], {"id": "c1", "estado": "ACTIVA"}
    hecho = sistema.correr("--fallar-pago")
    assert (hecho.returncode, hecho.stderr) == (
        1,
        "ERROR: La campaña quedó ACTIVA, se esperaba CANCELADA\n",
    )


@pytest.mark.parametrize(
    ("opciones", "final", "dice"),
    [
        ((), COMPENSADA, "Terminó COMPENSADA, se esperaba COMPLETADA: Tarjeta rechazada"),
        ((), saga("FALLIDA", error="mal"), "Terminó FALLIDA, se esperaba COMPLETADA: mal"),
        (("--fallar-pago",), BUENA[-1], "Terminó COMPLETADA, se esperaba COMPENSADA: None"),
        (("--espera", "0"), BUENA[1], f"La SAGA {SAGA} sigue CAMPAÑA_CREADA tras 0 s"),
        ((), {"estado": "COMPLETADA"}, "Respuesta con una forma inesperada: falta 'pasos'"),
        ((), b"<html>", f"GET URL/saga/{SAGA}/status no contestó JSON"),
        ((), [1], f"GET URL/saga/{SAGA}/status no contestó un objeto JSON"),
    ],
)
def test_otro_final(sistema: Sistema, opciones: tuple[str, ...], final: Any, dice: str) -> None:
    """Any other end is exit code 1, with one line that says what was found and what was expected."""
    sistema.estados = [final]
    hecho = sistema.correr(*opciones)
    assert (hecho.returncode, hecho.stderr) == (1, f"ERROR: {dice.replace('URL', sistema.url)}\n")


def test_servicio_caido(sistema: Sistema) -> None:
    """A service that is down is named, and no saga is started."""
    hecho = sistema.correr("--orquestador", "http://127.0.0.1:9")
    assert hecho.returncode == 1
    assert (
        "El servicio orquestador no está disponible: GET http://127.0.0.1:9/health no contesta"
        in hecho.stderr
    )
    assert "Traceback" not in hecho.stderr
    assert sistema.pedidos == []


def test_servicio_enfermo(sistema: Sistema) -> None:
    """So is one that says itself that it is not healthy."""
    sistema.salud = {"status": "unhealthy"}
    hecho = sistema.correr()
    assert hecho.returncode == 1
    assert "El servicio BFF no está sano (unhealthy)" in hecho.stderr


def test_rechazo_al_iniciar(sistema: Sistema) -> None:
    """An answer without a saga is told as what it is."""
    sistema.inicio = {"detail": "no"}
    hecho = sistema.correr()
    assert (hecho.returncode, hecho.stderr) == (
        1,
        "ERROR: Respuesta con una forma inesperada: falta 'saga_id'\n",
    )


@pytest.mark.parametrize("final", [BUENA[-1], COMPENSADA])
def test_json(sistema: Sistema, final: Any) -> None:
    """With `--json` the output is one object, whatever the end."""
    sistema.estados = [final]
    hecho = sistema.correr("--json")
    informe = json.loads(hecho.stdout)
    bien = final["estado"] == "COMPLETADA"
    assert (hecho.returncode, hecho.stderr, informe["exito"]) == (0 if bien else 1, "", bien)
    assert (informe["saga_id"], informe["saga"]) == (SAGA, final)
    assert informe["lista"]["total"] == 7
    assert (informe["error"] is None) is bien


def test_lo_que_dice_el_sistema_no_mueve_el_cursor(sistema: Sistema) -> None:
    """Neither in a line nor in an error nor in the document: escapes are shown as escapes."""
    malo = "x\x1b[2J\nFALSO\x9b\u202e"
    sistema.estados = [
        saga("COMPENSADA", CAMPANA, entrada(TIPOS[1], False, {"estado": malo}, malo), error=malo)
    ]
    for opciones in ([], ["--json"]):
        hecho = sistema.correr(*opciones)
        assert hecho.returncode == 1
        lineas = (hecho.stdout + hecho.stderr).split("\n")
        assert all(linea.isprintable() for linea in lineas)
        assert not [linea for linea in lineas if linea.startswith("FALSO")]
        assert r"\u001b[2J" in hecho.stdout + hecho.stderr
