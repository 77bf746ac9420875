"""What makes two definitions the same: their words, order, classes, undos and topics; no setting, no code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from saga_orchestrator.dominio.definicion import Comando, Definicion, Paso
from saga_orchestrator.dominio.saga import Avance, Saga

Retrato = dict[str, Any]
NADA = "–"
_MUESTRA = UUID(int=0)


class DatosDeMuestra(dict[str, Any]):
    """A dict that has whatever it is asked for."""

    def __missing__(self, clave: str) -> "DatosDeMuestra":
        self[clave] = DatosDeMuestra()
        return self[clave]  # type: ignore[no-any-return]


def retrato_de(definicion: Definicion) -> Retrato:
    """Return it as JSON.

    Whom a step is asked of is in its builder, which is tried on a sample; one that cannot do with a sample
    has no topic here (null), and null is like any.
    """
    saga = Saga(_MUESTRA)
    saga.definicion, saga.datos_iniciales = definicion, DatosDeMuestra()
    saga.memoria.pasos = [Avance(_MUESTRA, i) for i in range(len(definicion.pasos))]
    saga.memoria.fecha_inicio = datetime.fromtimestamp(0, UTC)
    e = definicion.estados
    return {
        "estados": [e.iniciada, e.completada, e.fallida, e.compensando, e.compensada],
        "palabras": {str(tipo): palabra for tipo, palabra in sorted(definicion.palabras.items())},
        "pasos": [_paso(saga, i, paso) for i, paso in enumerate(definicion.pasos)],
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


def _paso(saga: Saga, indice: int, paso: Paso) -> Retrato:
    undo = paso.compensacion
    return {
        "tipo": paso.tipo,
        "estado": paso.estado,
        "evento": paso.presentacion.evento,
        "campos": list(paso.presentacion.campos),
        "clase": str(paso.clase),
        "anuncio": paso.presentacion.anuncio or "",
        "tema": _tema(paso.comando, saga, indice),
        "compensacion": undo.tipo if undo else "",
        "tema_compensacion": _tema(undo.comando, saga, indice) if undo else "",
    }


def _tema(comando: Callable[[Saga, UUID], Comando], saga: Saga, indice: int) -> str | None:
    try:
        return comando(saga, saga.id_de(indice)).tema
    except Exception:
        return None


def _en_breve(valor: object) -> str:
    if isinstance(valor, list):
        return f"{len(valor)} ({', '.join(_nombre(v) for v in valor)})"
    return str(valor)


def _nombre(valor: object) -> str:
    return str(valor["tipo"] if isinstance(valor, Mapping) and "tipo" in valor else valor)


def cambios(antes: Retrato, ahora: Retrato) -> Sequence[str]:
    """Return all that differs."""
    return list(diferencias(antes, ahora))
