#!/usr/bin/env python3
"""Checks a running campaign system from outside: health, one saga to its end, the list; only HTTP."""

import argparse
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

from legible import legible, sin_clave

FINALES = ("COMPLETADA", "FALLIDA", "COMPENSADA")
MARCAS = {True: "hecho", False: "falló", None: "pendiente"}
PAUSA_S = 0.2
# What the system asks for when it has keys on.
CLAVE = {"X-API-Key": os.environ["API_KEY"]} if os.environ.get("API_KEY") else {}


class Fallo(Exception):
    """What the system should have done and did not; the message is for the person at the terminal."""


class Informe:
    """What happened: lines for a person as they come, or one JSON object at the end."""

    def __init__(self, en_json: bool) -> None:
        self._en_json = en_json
        self.datos: dict[str, Any] = {"exito": False, "error": None}

    def decir(self, linea: str) -> None:
        """Print a line for a person."""
        if not self._en_json:
            print(legible(linea), flush=True)

    def cerrar(self, error: str | None) -> int:
        """Say how it ended and return the exit code."""
        self.datos |= {"exito": error is None, "error": error}
        if self._en_json:
            print("\n".join(map(legible, json.dumps(self.datos, ensure_ascii=False, indent=1).split("\n"))))
        elif error is None:
            print("Todo terminó como se esperaba")
        else:
            print(f"ERROR: {legible(sin_clave(error))}", file=sys.stderr)
        return 0 if error is None else 1


def pedir(metodo: str, url: str, cuerpo: dict[str, Any] | None = None, **cabeceras: str) -> dict[str, Any]:
    """Return the JSON object of an answer; raises Fallo when there is none or it is an error."""
    datos = None if cuerpo is None else json.dumps(cuerpo).encode()
    try:
        peticion = urllib.request.Request(
            url, data=datos, method=metodo, headers={"Content-Type": "application/json", **CLAVE, **cabeceras}
        )
        with urllib.request.urlopen(peticion, timeout=15) as respuesta:
            leido = json.load(respuesta)
    except urllib.error.HTTPError as error:
        texto = error.read().decode(errors="replace")
        raise Fallo(f"{metodo} {url} contestó {error.code}: {texto}") from error
    except json.JSONDecodeError as error:
        raise Fallo(f"{metodo} {url} no contestó JSON") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Fallo(f"{metodo} {url} no contesta: {getattr(error, 'reason', error)}") from error
    if not isinstance(leido, dict):
        raise Fallo(f"{metodo} {url} no contestó un objeto JSON")
    return leido


def comprobar_salud(urls: dict[str, str], informe: Informe) -> None:
    """Require that each service says it is healthy; name the one that does not."""
    for nombre, url in urls.items():
        try:
            estado = pedir("GET", f"{url}/health").get("status")
        except Fallo as error:
            raise Fallo(f"El servicio {nombre} no está disponible: {error}") from error
        if estado != "healthy":
            raise Fallo(f"El servicio {nombre} no está sano ({estado}): {url}/health")
        informe.decir(f"{nombre}: sano ({url})")


def cuerpo_de_la_semilla(fallar_pago: bool) -> dict[str, Any]:
    """Return the seed's body with a fresh reference; one that the gateway refuses when asked for."""
    return {
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
            "referencia_pago": f"{'FALLA-' if fallar_pago else 'ref-'}{uuid.uuid4()}",
        },
        "reporte": {
            "tipo_reporte": "metricas_generales",
            "filtros": {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31"},
        },
        "timeout_minutos": 30,
    }


def iniciar(bff: str, fallar_pago: bool, informe: Informe) -> str:
    """Start a saga and return its id."""
    cabeceras = {"Idempotency-Key": str(uuid.uuid4())}
    cuerpo = cuerpo_de_la_semilla(fallar_pago)
    respuesta = pedir("POST", f"{bff}/saga/crear-campana-completa", cuerpo, **cabeceras)
    informe.datos["saga_id"] = respuesta["saga_id"]
    informe.decir(f"SAGA {respuesta['saga_id']}: {respuesta['estado']}")
    return str(respuesta["saga_id"])


def situacion(saga: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (what, line) of all that a person follows; what has not begun is not among it."""
    yield "saga", f"  SAGA {saga['estado']}"
    for clase, entradas in (("paso", saga["pasos"]), ("compensación", saga["compensaciones"])):
        for entrada in entradas:
            detalle = (entrada["resultado"] or {}).get("estado")
            if entrada["exitoso"] is None and not detalle:
                continue
            linea = f"  {clase} {entrada['tipo']}: {MARCAS[entrada['exitoso']]}"
            linea += f" ({detalle})" if detalle else ""
            linea += f": {entrada['error']}" if entrada["error"] else ""
            yield f"{clase} {entrada['id']}", linea
    if saga.get("requiere_atencion"):
        yield "atención", "  la SAGA requiere la atención de un operador"


def seguir(bff: str, saga_id: str, segundos: float, informe: Informe) -> dict[str, Any]:
    """Say each change of the saga once until it ends; return its last status."""
    limite = time.monotonic() + segundos
    visto: dict[str, str] = {}
    while True:
        saga = informe.datos["saga"] = pedir("GET", f"{bff}/saga/{saga_id}/status")
        for que, linea in situacion(saga):
            if visto.get(que) != linea:
                visto[que] = linea
                informe.decir(linea)
        if saga["estado"] in FINALES:
            return saga
        if time.monotonic() > limite:
            raise Fallo(f"La SAGA {saga_id} sigue {saga['estado']} tras {segundos:g} s")
        time.sleep(PAUSA_S)


def comprobar_final(saga: dict[str, Any], principal: str, fallar_pago: bool, informe: Informe) -> None:
    """Require the end that was asked for; for a refused payment also the campaign CANCELADA."""
    esperado = "COMPENSADA" if fallar_pago else "COMPLETADA"
    if saga["estado"] != esperado:
        raise Fallo(f"Terminó {saga['estado']}, se esperaba {esperado}: {saga['error_message']}")
    if fallar_pago:
        campana = pedir("GET", f"{principal}/campaigns/{saga['pasos'][0]['resultado']['id']}")
        informe.datos["campana"] = campana
        if campana["estado"] != "CANCELADA":
            raise Fallo(f"La campaña quedó {campana['estado']}, se esperaba CANCELADA")
        informe.decir(f"campaña {campana['id']}: CANCELADA")


def listar(bff: str, informe: Informe) -> None:
    """Say how many sagas there are, and the newest ones."""
    lista = informe.datos["lista"] = pedir("GET", f"{bff}/saga/?limite=5")
    informe.decir(f"{lista['total']} SAGAs; las últimas:")
    for una in lista["sagas"]:
        informe.decir(f"  {una['saga_id']} {una['estado']}")


def comprobar(opciones: argparse.Namespace, informe: Informe) -> None:
    """Run the checks in order; raises Fallo at the first that does not hold."""
    comprobar_salud({"BFF": opciones.bff, "orquestador": opciones.orquestador}, informe)
    saga_id = iniciar(opciones.bff, opciones.fallar_pago, informe)
    saga = seguir(opciones.bff, saga_id, opciones.espera, informe)
    listar(opciones.bff, informe)
    comprobar_final(saga, opciones.principal, opciones.fallar_pago, informe)


def direccion(texto: str) -> str:
    """Return an address without its last slash."""
    return texto.rstrip("/")


def principal() -> int:
    """Run the checks; exit code 0 only when the saga ended as expected."""
    analizador = argparse.ArgumentParser(description="Prueba una SAGA completa desde fuera, por HTTP.")
    analizador.add_argument("--bff", type=direccion, default="http://localhost:8090")
    analizador.add_argument("--orquestador", type=direccion, default="http://localhost:8091")
    analizador.add_argument("--principal", type=direccion, default="http://localhost:8000")
    analizador.add_argument("--fallar-pago", action="store_true", help="mostrar la compensación")
    analizador.add_argument("--espera", type=float, default=60, help="segundos como máximo (60)")
    analizador.add_argument("--json", action="store_true", help="un objeto JSON en lugar de líneas")
    opciones = analizador.parse_args()
    informe = Informe(opciones.json)
    try:
        comprobar(opciones, informe)
    except Fallo as error:
        return informe.cerrar(str(error))
    except (KeyError, TypeError, IndexError) as error:
        return informe.cerrar(f"Respuesta con una forma inesperada: falta {error}")
    return informe.cerrar(None)


if __name__ == "__main__":
    sys.exit(principal())
