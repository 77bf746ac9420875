"""This release and the next one side by side: forth, back and forth under load, nothing is lost for it."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.e2e.carga import CLASES, Carga
from tests.e2e.invariantes import CAMPANAS, esperar_final
from tests.e2e.siguiente import REVISION, siguiente
from tests.e2e.sistema import CLI, Sistema, migrado
from tests.esperas import hasta

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
COPIAS = ("", "@2")
# Participants before those who ask them, and on the way back after them: nobody is asked for what it
# does not know yet, while somebody else lives who would know what to do about it.
IDA = (("modulos",), ("orquestador", "bff"))
VUELTA = tuple(reversed(IDA))
SEGUNDAS = "SELECT count(*) FROM sagas WHERE definicion = 2"
AL_DIA = "SELECT count(*) FROM procesos WHERE situacion = 'AL_DIA'"
VENCIDAS = "SELECT count(*) FROM sagas WHERE plazo < now() - interval '1 second'"
DE_OTRA_VERSION = "SELECT count(*) FROM reintentos WHERE falta IS NOT NULL"


class SinOrdenes(Carga):
    """Clients that only start: an order for a saga that no living process knows is 503 until one does."""

    clases = tuple(c for c in CLASES if not c.cancela)


def relevar(sistema: Sistema, orden: Sequence[Sequence[str]], version: Mapping[str, str]) -> None:
    """Replace every process by one of another release: while one half is away, the other works."""
    for servicios in orden:
        for copia in COPIAS:
            nombres = [f"{s}{copia}" for s in servicios]
            assert set(sistema.parar(*nombres).values()) == {0}
            sistema.arrancar(*nombres, **version)
            sistema.listos(*nombres)


def test_dos_versiones_ida_vuelta_e_ida(tmp_path: Path) -> None:
    """0 lost, 0 undone for it, 0 dead letters; the new definition begins once all know it, and not before."""
    nueva, registro = siguiente(tmp_path), tmp_path / "orquestador.log"
    with migrado(tmp_path) as sistema:
        sistema.arrancar(*(f"{s}{c}" for s in ("modulos", "orquestador", "bff") for c in COPIAS))
        sistema.listos()
        hasta(lambda: sistema.valor(AL_DIA) == len(COPIAS), "los dos orquestadores al día")
        carga, comienzo = SinOrdenes(sistema, 28, 0.05), time.monotonic()
        with carga.en_marcha():
            carga.esperar(5)
            sistema.ejecutar("migrar", **nueva)
            relevar(sistema, IDA[:1], nueva)
            assert sistema.valor(SEGUNDAS) == 0
            relevar(sistema, IDA[1:], nueva)
            hasta(lambda: sistema.valor(SEGUNDAS) > 20, "sagas de la versión nueva")
            relevar(sistema, VUELTA, {})
            sistema.ejecutar("migrar")
            assert sistema.valor("SELECT version_num FROM alembic_version") == REVISION
            carga.esperar_mas(20)
            relevar(sistema, IDA, nueva)
            carga.esperar_mas(20)
        todas = sistema.valor("SELECT count(*) FROM sagas")
        esperar_final(sistema, todas)
        balance, segundas = carga.balance(), sistema.valor(SEGUNDAS)
        print(f"{balance.cifras}, {segundas} de la versión nueva, en {time.monotonic() - comienzo:.0f} s")
        assert balance.bueno, balance
        assert 0 < segundas < todas
        assert sistema.valor("SELECT count(*) FROM muertos") == 0
        assert sistema.valor(DE_OTRA_VERSION) == 0
        # Whether an old copy is handed something of a new saga is chance; what it does then is conformidad's.
        print(f"una copia vieja vio algo de la nueva: {'version_desconocida' in registro.read_text()}")
        assert not (violadas := CAMPANAS.violaciones(sistema)), violadas
        assert set(sistema.parar().values()) == {0}
        assert sistema.valor("SELECT count(*) FROM procesos") == 0


def test_lo_contestado_mientras_no_habia_orquestador_cuenta(tmp_path: Path) -> None:
    """It dies, and everybody answers; whoever comes after every deadline is past reads before it judges."""
    with migrado(tmp_path, SAGA_STEP_TIMEOUT_S="8") as sistema:
        sistema.arrancar()
        sistema.listos()
        sagas = [sistema.iniciar_saga(numero) for numero in range(1, 5)]
        sistema.matar("orquestador")
        abiertas = sistema.valor("SELECT count(*) FROM sagas WHERE fecha_fin IS NULL")
        assert abiertas
        hasta(lambda: sistema.valor(VENCIDAS) == abiertas, "que venzan todos los plazos", 60)
        sistema.arrancar("orquestador")
        finales = f"SELECT count(*) FROM sagas WHERE estado = 'COMPLETADA' AND id IN {tuple(sagas)}"
        terminadas = "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"
        hasta(lambda: sistema.valor(terminadas) == len(sagas), "el fin de las sagas")
        assert sistema.valor(finales) == len(sagas), sistema.sql(
            "SELECT id, estado, error_message FROM sagas"
        )


def test_embebido_ida_vuelta_e_ida(tmp_path: Path) -> None:
    """One folder under this release, the next, this and the next: each demonstration ends as it should."""
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path / "datos"), "GATEWAY_LATENCY_S": "0"}
    nueva, puertos = siguiente(tmp_path), Sistema({"DATABASE_URL": "", **entorno}, tmp_path)
    variables = (
        *("PUERTO_PRINCIPAL", "PUERTO_BFF", "PUERTO_ORQUESTADOR", "PUERTO_ORQUESTADOR_PARTNERS"),
        *("PUERTO_INTEGRACIONES", "PUERTO_ALIANZAS", "PUERTO_BFF_PARTNERS"),
    )
    propias = {v: puertos.url[v].rpartition(":")[2] for v in variables}
    sin_servicios = {"PULSAR_URL": "", "DATABASE_URL": ""}
    for version in ({}, nueva, {}, nueva):
        hecho = subprocess.run(
            [*CLI, "demo", "--una-vez"],
            env={**puertos.entorno, **propias, **sin_servicios, **version},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert hecho.returncode == 0, hecho.stdout.decode()[-2000:] + hecho.stderr.decode()[-2000:]
    dicho = subprocess.run(
        [*CLI, "definiciones", "--json"],
        env={**puertos.entorno, **sin_servicios, **nueva},
        capture_output=True,
        timeout=60,
        check=True,
    )
    conocidas = msgspec.json.decode(dicho.stdout)["definiciones"]
    assert ("CREAR_CAMPANA_COMPLETA", 2) in [(d["tipo"], d["version"]) for d in conocidas]
