"""What a valid body becomes when one of its places holds something else."""

import copy
import json
from collections.abc import Iterator
from typing import Any

Lugar = tuple[Any, ...]
PUESTO = "@@hostil@@"
HONDO = 1_000
# As JSON text: most of it is nothing that Python would write.
HOSTILES = {
    "nulo": "null",
    "lista": "[1]",
    "objeto": '{"x": 1}',
    "numero": "3.5",
    "texto": '"texto"',
    "verdadero": "true",
    "enorme": "1e400",
    "ínfimo": "1e-400",
    "exponente enorme": "1e-99999999999999999999",
    "exponente larguísimo": "0e" + "9" * 5_000,
    "decimales sin fin": "0." + "1" * 5_000,
    "entero enorme": "9" * 5_000,
    "entero de 64 bits": "9223372036854775808",
    "negativo": "-1",
    "NaN": "NaN",
    "infinito": "-Infinity",
    "hondo": "[" * HONDO + "]" * HONDO,
    "objeto hondo": '{"a":' * HONDO + "1" + "}" * HONDO,
    "largo": f'"{"x" * 50_000}"',
    "vacio": '""',
    "NUL": '"a\\u0000b"',
    "clave con NUL": '{"a\\u0000b": 1}',
    "sustituto suelto": '"\\ud800"',
    "sustituto al final": '"a\\udc00"',
    "control": '"\\u0001\\u001b"',
}
# No reader of ours may take them, wherever they are, free-form parts included.
NUNCA = {
    "enorme",
    "ínfimo",
    "exponente enorme",
    "exponente larguísimo",
    "decimales sin fin",
    "entero enorme",
    "NaN",
    "infinito",
    "hondo",
    "objeto hondo",
    "NUL",
    "clave con NUL",
    "sustituto suelto",
    "sustituto al final",
}


def lugares(valor: Any, hasta: Lugar = ()) -> Iterator[Lugar]:
    """Every place of a body, the root and the branches included."""
    yield hasta
    hijos = valor.items() if isinstance(valor, dict) else enumerate(valor) if isinstance(valor, list) else ()
    for clave, hijo in hijos:
        yield from lugares(hijo, (*hasta, clave))


def mutado(cuerpo: Any, lugar: Lugar, hostil: str) -> bytes:
    """The body as bytes with this JSON text in that place."""
    raiz = {"": copy.deepcopy(cuerpo)}
    padre: Any = raiz
    camino = ("", *lugar)
    for clave in camino[:-1]:
        padre = padre[clave]
    padre[camino[-1]] = PUESTO
    return json.dumps(raiz[""]).replace(f'"{PUESTO}"', hostil).encode()
