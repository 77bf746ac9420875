#!/usr/bin/env python3
"""Plays the coffee shop's examples on a running system and checks each of them; only HTTP.

The first example is the seed's: two Americanos and a Latte are 9.00. Then what must fail: a product that is
not there, one that is not available, and more units than there are. Reservations are looked up before and
after.
"""

import argparse
import http.client
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

from legible import legible, sin_clave

RUTA = "/api/v1/pedidos/"
PASOS = ("ValidarProductos", "ReservarInventario", "CrearPedido", "ConfirmarPedido")
DESHECHO = "Error al crear pedido. Se han revertido todos los cambios."
# What the system asks for when it has keys on.
CLAVE = {"X-API-Key": os.environ["API_KEY"]} if os.environ.get("API_KEY") else {}
# What cannot be ordered, the error that says so, and the step that fails.
IMPOSIBLES = (
    (999, 1, "Producto 999 no encontrado", 0),
    (8, 1, "no está disponible", 0),
    (1, 100_000, "Stock insuficiente para Café Americano", 1),
)


class Fallo(Exception):
    """What the system should have done and did not; the message is for the person at the terminal."""


def pedir(metodo: str, url: str, cuerpo: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Return status and JSON of an answer; raises Fallo when there is none."""
    datos = None if cuerpo is None else json.dumps(cuerpo).encode()
    cabeceras = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex, **CLAVE}
    try:
        peticion = urllib.request.Request(url, data=datos, method=metodo, headers=cabeceras)
        with urllib.request.urlopen(peticion, timeout=30) as respuesta:
            return respuesta.status, json.load(respuesta)
    except urllib.error.HTTPError as error:
        texto = error.read().decode(errors="replace")
        try:
            return error.code, json.loads(texto)
        except json.JSONDecodeError:
            raise Fallo(f"{metodo} {url} contestó {error.code}: {texto}") from error
    except json.JSONDecodeError as error:
        raise Fallo(f"{metodo} {url} no contestó JSON") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Fallo(f"{metodo} {url} no contesta: {getattr(error, 'reason', error)}") from error


def exigir(hallado: object, esperado: object, que: str) -> None:
    """Raise Fallo unless both are equal."""
    if hallado != esperado:
        raise Fallo(f"{que}: se esperaba {esperado!r}, y es {hallado!r}")


def reservas(url: str) -> Any:
    """Return what is reserved now."""
    return pedir("GET", f"{url}{RUTA}inventario/reservas")[1]["reservas"]


def ordenar(url: str, *items: tuple[int, int]) -> tuple[int, Any]:
    """Order these products in these quantities, and return what was answered."""
    lineas = [{"producto_id": producto, "cantidad": cantidad} for producto, cantidad in items]
    return pedir("POST", f"{url}{RUTA}", {"cliente": "Juan Pérez", "items": lineas})


def jugar(url: str) -> Iterator[str]:
    """Play the examples; yield a line of each that held. Raises Fallo at the first that does not."""
    estado, salud = pedir("GET", f"{url}/health")
    exigir((estado, salud.get("status")), (200, "healthy"), "GET /health")
    antes = reservas(url)
    yield f"sano; reservado ahora: {antes or 'nada'}"
    yield from _pedido_bueno(url)
    for producto, cantidad, error, paso in IMPOSIBLES:
        estado, dicho = ordenar(url, (producto, cantidad))
        exigir((estado, dicho["detail"]["mensaje"]), (400, DESHECHO), f"pedir {cantidad} de {producto}")
        saga = dicho["detail"]["saga"]
        hechos = [(s["nombre"], s["ejecutado"], s["compensado"]) for s in saga["steps"]]
        exigir(hechos, [(n, i <= paso, i <= paso) for i, n in enumerate(PASOS)], "sus steps")
        if error not in saga["error"]:
            raise Fallo(f"pedir {cantidad} de {producto}: {saga['error']}")
        exigir(pedir("GET", f"{url}{RUTA}{saga['nombre'].rpartition('-')[2]}")[0], 404, "el pedido deshecho")
        yield f"{saga['nombre']}: {saga['estado']} ({saga['error']})"
    exigir(pedir("POST", f"{url}{RUTA}", {"cliente": "", "items": []})[0], 422, "un pedido vacío")
    exigir(reservas(url), antes, "lo reservado al final")
    yield "no queda nada reservado de estos pedidos"


def _pedido_bueno(url: str) -> Iterator[str]:
    estado, dicho = ordenar(url, (1, 2), (3, 1))
    exigir(estado, 201, f"el pedido de la semilla ({json.dumps(dicho, ensure_ascii=False)})")
    pedido, saga = dicho["pedido"], dicho["saga"]
    exigir((pedido["total"], pedido["estado"]), (9.0, "confirmado"), "el pedido de la semilla")
    vistos = [(i["nombre"], i["cantidad"], i["precio_unitario"], i["subtotal"]) for i in pedido["items"]]
    exigir(vistos, [("Café Americano", 2, 2.5, 5.0), ("Latte", 1, 4.0, 4.0)], "sus items")
    exigir((saga["nombre"], saga["estado"]), (f"CrearPedido-{pedido['id']}", "completada"), "su saga")
    hechos = [(s["nombre"], s["ejecutado"], s["compensado"]) for s in saga["steps"]]
    exigir(hechos, [(nombre, True, False) for nombre in PASOS], "sus steps")
    exigir(pedir("GET", f"{url}{RUTA}{pedido['id']}"), (200, pedido), "el pedido, leído otra vez")
    yield f"{saga['nombre']}: {saga['estado']}, total {pedido['total']:.2f}"


def principal() -> int:
    """Play the examples; exit code 0 only when each held."""
    analizador = argparse.ArgumentParser(description="Prueba la cafetería desde fuera, por HTTP.")
    analizador.add_argument("--url", type=lambda u: u.rstrip("/"), default="http://localhost:8000")
    opciones = analizador.parse_args()
    try:
        for linea in jugar(opciones.url):
            print(legible(linea), flush=True)
    except Fallo as error:
        print(f"ERROR: {legible(sin_clave(str(error)))}", file=sys.stderr)
        return 1
    except (KeyError, TypeError, IndexError) as error:
        print(f"ERROR: respuesta con una forma inesperada: falta {legible(str(error))}", file=sys.stderr)
        return 1
    print("Todo terminó como se esperaba")
    return 0


if __name__ == "__main__":
    sys.exit(principal())
