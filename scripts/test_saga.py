#!/usr/bin/env python3
"""Checks a running campaign system from outside: health, one saga to its end, the list; only HTTP."""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

FINALES = ("COMPLETADA", "FALLIDA", "COMPENSADA")
MARCAS = {True: "hecho", False: "falló", None: "pendiente"}


class Fallo(Exception):
    """What the system should have done and did not; the message is for the person at the terminal."""


def pedir(metodo: str, url: str, cuerpo: dict[str, Any] | None = None, **cabeceras: str) -> Any:
    """Return the JSON of an answer; raises Fallo when there is none or it is an error."""
    datos = None if cuerpo is None else json.dumps(cuerpo).encode()
    peticion = urllib.request.Request(
        url, data=datos, method=metodo, headers={"Content-Type": "application/json", **cabeceras}
    )
    try:
        with urllib.request.urlopen(peticion, timeout=15) as respuesta:
            return json.load(respuesta)
    except urllib.error.HTTPError as error:
        raise Fallo(
            f"{metodo} {url} contestó {error.code}: {error.read().decode(errors='replace')}"
        ) from error
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise Fallo(f"{metodo} {url} no contesta: {error}") from error


def comprobar_salud(urls: dict[str, str]) -> None:
    """Require that each service says it is healthy."""
    for nombre, url in urls.items():
        if pedir("GET", f"{url}/health").get("status") != "healthy":
            raise Fallo(f"{nombre} no está sano: {url}/health")
        print(f"{nombre}: sano ({url})")


def iniciar(bff: str, fallar_pago: bool) -> str:
    """Start a saga with the seed's body and a fresh reference; return its id."""
    referencia = f"{'FALLA-' if fallar_pago else 'ref-'}{uuid.uuid4()}"
    cuerpo = {
        "campana": {
            "nombre": "Campaña Test",
            "tipo": "PROMOCIONAL",
            "presupuesto": {"monto": 1000.0, "moneda": "USD"},
            "fecha_inicio": "2025-01-01T00:00:00",
            "fecha_fin": "2025-12-31T23:59:59",
            "id_afiliado": "afiliado_test",
            "descripcion": "Campaña de prueba",
        },
        "pago": {
            "id_afiliado": "afiliado_test",
            "monto": 1000.0,
            "moneda": "USD",
            "referencia_pago": referencia,
        },
        "reporte": {
            "tipo_reporte": "metricas_generales",
            "filtros": {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31"},
        },
        "timeout_minutos": 30,
    }
    cabeceras = {"Idempotency-Key": str(uuid.uuid4())}
    respuesta = pedir("POST", f"{bff}/saga/crear-campana-completa", cuerpo, **cabeceras)
    print(f"SAGA {respuesta['saga_id']}: {respuesta['estado']}")
    return str(respuesta["saga_id"])


def seguir(bff: str, saga_id: str, segundos: float) -> dict[str, Any]:
    """Print each change of the saga until it ends; return its last status."""
    limite = time.monotonic() + segundos
    visto: set[str] = set()
    while True:
        saga: dict[str, Any] = pedir("GET", f"{bff}/saga/{saga_id}/status")
        lineas = [f"  estado {saga['estado']}"]
        for entrada in [*saga["pasos"], *saga["compensaciones"]]:
            if entrada["exitoso"] is not None:
                error = f": {entrada['error']}" if entrada["error"] else ""
                lineas.append(f"  {entrada['tipo']} {MARCAS[entrada['exitoso']]}{error}")
        for linea in lineas:
            if linea not in visto:
                visto.add(linea)
                print(linea)
        if saga["estado"] in FINALES:
            return saga
        if time.monotonic() > limite:
            raise Fallo(f"La SAGA {saga_id} sigue {saga['estado']} tras {segundos:.0f} s")
        time.sleep(0.2)


def comprobar_final(saga: dict[str, Any], principal: str, fallar_pago: bool) -> None:
    """Require the end that was asked for; for a refusal also the campaign CANCELADA."""
    esperado = "COMPENSADA" if fallar_pago else "COMPLETADA"
    if saga["estado"] != esperado:
        raise Fallo(f"Terminó {saga['estado']}, se esperaba {esperado}: {saga['error_message']}")
    if fallar_pago:
        campana = pedir("GET", f"{principal}/campaigns/{saga['pasos'][0]['resultado']['id']}")
        if campana["estado"] != "CANCELADA":
            raise Fallo(f"La campaña quedó {campana['estado']}, se esperaba CANCELADA")
        print(f"campaña {campana['id']}: CANCELADA")


def principal() -> int:
    """Run the checks; exit code 0 only when the saga ended as expected."""
    analizador = argparse.ArgumentParser(description=__doc__)
    analizador.add_argument("--bff", default="http://localhost:8090")
    analizador.add_argument("--orquestador", default="http://localhost:8091")
    analizador.add_argument("--principal", default="http://localhost:8000")
    analizador.add_argument("--fallar-pago", action="store_true", help="mostrar la compensación")
    analizador.add_argument("--espera", type=float, default=60, help="segundos como máximo")
    opciones = analizador.parse_args()
    try:
        comprobar_salud({"BFF": opciones.bff, "orquestador": opciones.orquestador})
        saga_id = iniciar(opciones.bff, opciones.fallar_pago)
        saga = seguir(opciones.bff, saga_id, opciones.espera)
        comprobar_final(saga, opciones.principal, opciones.fallar_pago)
        lista = pedir("GET", f"{opciones.bff}/saga/?limite=5")
        print(f"{lista['total']} SAGAs; las últimas:")
        for una in lista["sagas"]:
            print(f"  {una['saga_id']} {una['estado']}")
    except Fallo as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    print("Todo terminó como se esperaba")
    return 0


if __name__ == "__main__":
    sys.exit(principal())
