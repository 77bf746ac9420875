#!/usr/bin/env python3
"""Checks a running partners system from outside, by HTTP only: "n/m tests passed", exit code 0 if all did."""

import argparse
import http.client
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from legible import legible, sin_clave

FINALES = ("completed", "failed", "compensated")
PAUSA_S = 0.2
SOBRE_EL_LIMITE = 60000
Objeto = dict[str, Any]


class Fallo(Exception):
    """What the system should have done and did not; the message is for the person at the terminal."""


def pedir(metodo: str, url: str, cuerpo: Objeto | None = None, esperado: int = 200) -> Objeto:
    """Return the JSON object of an answer with this status; raises Fallo."""
    datos = None if cuerpo is None else json.dumps(cuerpo).encode()
    cabeceras = {"Content-Type": "application/json"} | CLAVE
    peticion = urllib.request.Request(url, data=datos, method=metodo, headers=cabeceras)
    try:
        with urllib.request.urlopen(peticion, timeout=15) as respuesta:
            estado, crudo = respuesta.status, respuesta.read()
    except urllib.error.HTTPError as error:
        estado, crudo = error.code, error.read()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Fallo(f"{metodo} {url} no contesta: {getattr(error, 'reason', error)}") from error
    if estado != esperado:
        raise Fallo(f"{metodo} {url} contestó {estado}: {crudo.decode(errors='replace')}")
    try:
        leido = json.loads(crudo)
    except ValueError as error:
        raise Fallo(f"{metodo} {url} no contestó JSON") from error
    if not isinstance(leido, dict):
        raise Fallo(f"{metodo} {url} no contestó un objeto JSON")
    return leido


CLAVE: dict[str, str] = {}


def exigir(hallado: object, esperado: object, que: str) -> None:
    """Raise Fallo unless they are equal."""
    if hallado != esperado:
        raise Fallo(f"{que}: {hallado!r}, se esperaba {esperado!r}")


def cuerpo_de_la_semilla(**partes: Any) -> Objeto:
    """Return the seed's body with an address of its own."""
    return {
        "nombre": "Example Partner",
        "email": f"partner-{uuid.uuid4().hex[:12]}@example.com",
        "telefono": "+1234567890",
        "direccion": "123 Main Street",
        **partes,
    }


class Sistema:
    """The services under test."""

    def __init__(self, orquestador: str, integraciones: str, alianzas: str, espera_s: float) -> None:
        self.orquestador, self.integraciones, self.alianzas = orquestador, integraciones, alianzas
        self._espera_s = espera_s

    def salud(self) -> None:
        """Every service says that it is healthy."""
        for url in (self.orquestador, self.integraciones, self.alianzas):
            exigir(pedir("GET", f"{url}/health").get("status"), "healthy", f"{url}/health")

    def creacion_directa(self) -> None:
        """A partner is created, read and deleted without a saga."""
        ruta = f"{self.integraciones}/api/v1/partners"
        partner = pedir("POST", ruta, cuerpo_de_la_semilla(), 201)["partner"]
        exigir(pedir("GET", f"{ruta}/{partner['id']}")["partner"]["estado"], "ACTIVO", "el partner nuevo")
        pedir("DELETE", f"{ruta}/{partner['id']}")
        exigir(self._partner(partner["id"]), "ELIMINADO", "el partner borrado")

    def saga_completa(self) -> None:
        """A saga ends completed, with its partner and its alliance."""
        iniciada = pedir(
            "POST", f"{self.orquestador}/api/v1/saga/partner-creation", cuerpo_de_la_semilla(), 202
        )
        exigir(iniciada["status"], "started", "el inicio")
        saga = self._final(iniciada["saga_id"])
        exigir(saga["status"], "completed", f"la SAGA {saga['saga_id']} ({saga['error']})")
        exigir(self._partner(saga["partner_id"]), "ACTIVO", "el partner")
        exigir(self._contratos(saga["saga_id"]), ["activo"], "los contratos")

    def compensacion(self) -> None:
        """A contract over the limit is refused, and the partner is undone."""
        cuerpo = cuerpo_de_la_semilla(contrato={"monto": SOBRE_EL_LIMITE})
        iniciada = pedir("POST", f"{self.orquestador}/api/v1/saga/partner-creation", cuerpo, 202)
        saga = self._final(iniciada["saga_id"])
        exigir(saga["status"], "compensated", f"la SAGA {saga['saga_id']} ({saga['error']})")
        exigir(self._partner(saga["partner_id"]), "ELIMINADO", "el partner")
        contratos = self._contratos(saga["saga_id"])
        if contratos not in (["rechazado"], ["cancelado"]):
            raise Fallo(f"los contratos: {contratos}, se esperaba uno rechazado o cancelado")

    def activas(self) -> None:
        """The list of open sagas has none that ended."""
        lista = pedir("GET", f"{self.orquestador}/api/v1/saga/active")
        terminadas = [s["saga_id"] for s in lista["active_sagas"] if s["status"] in FINALES]
        exigir(terminadas, [], "las SAGAs activas")
        if lista["total"] < len(lista["active_sagas"]):
            raise Fallo(f"total {lista['total']} con {len(lista['active_sagas'])} en la lista")

    def por_integraciones(self) -> None:
        """Integraciones starts a saga, and shows it to its end."""
        iniciada = pedir("POST", f"{self.integraciones}/api/v1/saga/partners", cuerpo_de_la_semilla(), 202)
        saga = self._final(iniciada["saga_id"])
        exigir(saga["status"], "completed", f"la SAGA {saga['saga_id']} ({saga['error']})")
        ruta = f"{self.integraciones}/api/v1/saga/partners/saga-status/{saga['saga_id']}"
        exigir(pedir("GET", ruta)["saga_status"]["status"], "completed", "la SAGA por integraciones")

    def _final(self, saga_id: str) -> Objeto:
        limite = time.monotonic() + self._espera_s
        while True:
            saga: Objeto = pedir("GET", f"{self.orquestador}/api/v1/saga/status/{saga_id}")["saga"]
            if saga["status"] in FINALES:
                return saga
            if time.monotonic() > limite:
                raise Fallo(f"La SAGA {saga_id} sigue {saga['status']} tras {self._espera_s:g} s")
            time.sleep(PAUSA_S)

    def _partner(self, id: str) -> str:
        return str(pedir("GET", f"{self.integraciones}/api/v1/partners/{id}")["partner"]["estado"])

    def _contratos(self, saga_id: str) -> list[str]:
        lista = pedir("GET", f"{self.alianzas}/contratos?saga_id={saga_id}")["contratos"]
        return [str(contrato["estado"]) for contrato in lista]


def pruebas(sistema: Sistema) -> dict[str, Callable[[], None]]:
    """Return the tests, in order."""
    return {
        "salud de los servicios": sistema.salud,
        "creación directa de un partner": sistema.creacion_directa,
        "SAGA hasta completed": sistema.saga_completa,
        "compensación por un monto sobre el límite": sistema.compensacion,
        "lista de SAGAs activas": sistema.activas,
        "SAGA por gestion-de-integraciones": sistema.por_integraciones,
    }


def direccion(texto: str) -> str:
    """Return an address without its last slash."""
    return texto.rstrip("/")


def principal() -> int:
    """Run all the tests; exit code 0 only when all passed."""
    a = argparse.ArgumentParser(description="Prueba el sistema de partners desde fuera, por HTTP.")
    a.add_argument("--orquestador", type=direccion, default="http://localhost:5003")
    a.add_argument("--integraciones", type=direccion, default="http://localhost:5001")
    a.add_argument("--alianzas", type=direccion, default="http://localhost:5002")
    a.add_argument("--espera", type=float, default=60, help="segundos como máximo por SAGA (60)")
    a.add_argument("--clave", help="X-API-Key, si el sistema la pide")
    o = a.parse_args()
    if o.clave:
        CLAVE["X-API-Key"] = o.clave
    todas = pruebas(Sistema(o.orquestador, o.integraciones, o.alianzas, o.espera))
    bien = 0
    for nombre, probar in todas.items():
        try:
            probar()
        except Fallo as error:
            print(f"FALLÓ {nombre}: {legible(sin_clave(str(error)))}", flush=True)
        except (KeyError, TypeError, IndexError) as error:
            print(f"FALLÓ {nombre}: respuesta con una forma inesperada: {legible(repr(error))}", flush=True)
        else:
            bien += 1
            print(f"bien  {nombre}", flush=True)
    print(f"{bien}/{len(todas)} tests passed")
    return 0 if bien == len(todas) else 1


if __name__ == "__main__":
    sys.exit(principal())
