"""What makes two definitions the same: their words, order, classes, undos and topics; no setting, no code."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Paso

Retrato = dict[str, Any]
NADA = "–"


def retrato_de(definicion: Definicion) -> Retrato:
    """Return the definition as JSON; what most definitions do not have is there only where it is."""
    e = definicion.estados
    mas = {"fallando": e.fallando, "atascada": e.atascada, "cerrada": e.cerrada}
    return {
        "estados": [e.iniciada, e.completada, e.fallida, e.compensando, e.compensada],
        **{nombre: palabra for nombre, palabra in mas.items() if palabra},
        "palabras": {str(tipo): palabra for tipo, palabra in sorted(definicion.palabras.items())},
        "pasos": [_paso(paso) for paso in definicion.pasos],
    }


def diferencias(antes: object, ahora: object, donde: str = "") -> Iterator[str]:
    """Say what differs, and where; what one of them does not tell is no difference."""
    if antes is None or ahora is None or antes == ahora:
        return
    if isinstance(antes, Mapping) and isinstance(ahora, Mapping):
        for clave in sorted({*antes, *ahora}):
            lugar = f"{donde}.{clave}".strip(".")
            yield from diferencias(antes.get(clave, NADA), ahora.get(clave, NADA), lugar)
    elif isinstance(antes, list) and isinstance(ahora, list) and len(antes) == len(ahora):
        for i, (uno, otro) in enumerate(zip(antes, ahora, strict=True), 1):
            yield from diferencias(uno, otro, f"{donde} {i}")
    else:
        yield f"{donde}: {_en_breve(antes)} → {_en_breve(ahora)}"


def _paso(paso: Paso) -> Retrato:
    undo = paso.compensacion
    return {
        "tipo": paso.tipo,
        "estado": paso.estado,
        "evento": paso.presentacion.evento,
        "campos": list(paso.presentacion.campos),
        "clase": str(paso.clase),
        "anuncio": paso.presentacion.estado_pedido or "",
        "tema": paso.tema,
        "compensacion": undo.tipo if undo else "",
        "tema_compensacion": paso.tema_compensacion,
        **({"luego": [parte.tema for parte in paso.luego]} if paso.luego else {}),
    }


def _en_breve(valor: object) -> str:
    if isinstance(valor, list):
        return f"{len(valor)} ({', '.join(_nombre(v) for v in valor)})"
    return str(valor)


def _nombre(valor: object) -> str:
    return str(valor["tipo"] if isinstance(valor, Mapping) and "tipo" in valor else valor)


def cambios(antes: Retrato, ahora: Retrato) -> Sequence[str]:
    """Return all that differs."""
    return list(diferencias(antes, ahora))
