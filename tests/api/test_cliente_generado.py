"""A client that openapi-python-client generates of what the services declare, and the saga it follows."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask import Flask

from aeropartners.arranque.sistemas import SERVICIOS
from tests.api.documentos import documento
from tests.api.sistema import Sistema
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

FINALES = {"COMPLETADA", "FALLIDA", "COMPENSADA"}


def generar(app: Flask, carpeta: Path, nombre: str) -> None:
    """Make the package `nombre` in a folder; whatever the generator cannot express fails."""
    (carpeta / "openapi.json").write_text(json.dumps(documento(app)))
    (carpeta / "config.yml").write_text("post_hooks: []\n")
    orden = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    orden += ["--path", carpeta / "openapi.json", "--config", carpeta / "config.yml"]
    orden += ["--output-path", carpeta / nombre]
    hecho = subprocess.run(orden, capture_output=True, text=True, check=False)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr


@pytest.mark.parametrize("servicio", SERVICIOS)
def test_cada_servicio_da_un_cliente(embebido: Sistema, servicio: str, tmp_path: Path) -> None:
    """The generator leaves nothing out, and warns of nothing."""
    generar(embebido.proceso.aplicaciones[servicio], tmp_path, "cliente")


def test_un_cliente_generado_sigue_una_saga(
    embebido: Sistema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts a saga, twice with the same key, finds it where `Location` says, and sees its end."""
    bff = embebido.proceso.aplicaciones["bff"]
    generar(bff, tmp_path, "cliente_del_bff")
    monkeypatch.syspath_prepend(tmp_path)
    raiz: Any = importlib.import_module("cliente_del_bff")
    iniciar: Any = importlib.import_module("cliente_del_bff.api.saga.saga_iniciar")
    estado: Any = importlib.import_module("cliente_del_bff.api.saga.saga_estado")
    modelos: Any = importlib.import_module("cliente_del_bff.models")
    cliente = raiz.Client("http://localhost", httpx_args={"transport": httpx.WSGITransport(app=bff)})
    cuerpo = modelos.InicioEsquema.from_dict(cuerpo_de_saga())

    primera, repetida = (
        iniciar.sync_detailed(client=cliente, body=cuerpo, idempotency_key="generado-1") for _ in range(2)
    )
    saga_id = primera.parsed.saga_id
    assert isinstance(saga_id, UUID)
    assert repetida.parsed.saga_id == saga_id
    assert primera.headers["Location"] == f"/saga/{saga_id}/status"

    def terminada() -> Any:
        saga = estado.sync(str(saga_id), client=cliente)
        return saga if saga.estado.value in FINALES else None

    saga = hasta(terminada, f"fin de la saga {saga_id}")
    assert saga.estado.value == "COMPLETADA"
    assert [(paso.tipo, paso.exitoso) for paso in saga.pasos] == [
        ("CREAR_CAMPAÑA", True),
        ("PROCESAR_PAGO", True),
        ("GENERAR_REPORTE", True),
    ]
    assert saga.fecha_fin > saga.fecha_inicio
