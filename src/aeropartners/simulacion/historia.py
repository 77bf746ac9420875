"""The histories that a saga may have: the words of its events, and what they say was done and undone."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from saga_orchestrator.dominio.estados import Estados

LETRAS = {
    "INICIADA": "I",
    "PASO_PEDIDO": "",  # said by some systems of what the events around it say anyway
    "PASO_EJECUTADO": "E",
    "PASO_LOGRADO": "L",
    "COMPLETADA": "C",
    "FALLIDA": "F",
    "TIEMPO_AGOTADO": "T",
    "FALLO_TECNICO": "t",
    "REINTENTADO": "r",
    "PLAZO_MOVIDO": "p",
    "PARTE_LOGRADA": "P",
    "PARTE_DESHECHA": "D",
    "EXITO_TARDIO": "s",
    "ORDEN_OPERADOR": "o",
    "COMPENSACION_INICIADA": "(",
    "COMPENSACION_EJECUTADA": "=",
    "COMPENSACION_COMPLETADA": ")",
    "COMPENSACION_FALLIDA": "!",
    "CERRADA": "x",
}
LOGRO = r"[trpP]*EL"
# Closed by an operator it is over, unless a step that was given up turns out to be done after all.
ATRAS = r"[so]*(?:\([trpso!D]*(?:=\)|xo(?=s|$))[so]*)*(?:\([trpso!D]*)?"


def palabra(clases: Sequence[str]) -> str:
    """Return a history as a word, one letter an event."""
    return "".join(LETRAS[clase] for clase in clases)


def permitida(clases: Sequence[str], pasos: int) -> bool:
    """Whether a saga of so many steps may have this history: forward in order, then each undo in turn."""
    adelante = rf"I(?:{LOGRO}){{{pasos}}}C"
    atras = rf"I(?:{LOGRO}){{0,{pasos - 1}}}[trpP]*(?:(?:E|T)?F{ATRAS})?"
    return re.fullmatch(f"{adelante}|{atras}", palabra(clases)) is not None


def faltas(
    estado: str, memoria: dict[str, Any], estados: Estados, sin_undo: Collection[int] = ()
) -> list[str]:
    """Say what a saga that ended in this state left undone, or undid without need.

    Nothing undoes the steps at `sin_undo`.
    """
    con_efecto = {
        i
        for i, p in enumerate(memoria["pasos"])
        if i not in sin_undo and (p["exitoso"] or p["incierto"] or p["parte"])
    }
    deshechos = [c["paso"] for c in memoria["compensaciones"] if c["exitoso"]]
    sobran = ["un paso deshecho dos veces"] if len(set(deshechos)) < len(deshechos) else []
    if estado == estados.completada:
        mal = deshechos or not all(p["exitoso"] for p in memoria["pasos"])
        return [*sobran, "completada sin todos sus pasos"] if mal else sobran
    # Some systems have one word for both.
    if estado == estados.compensada:
        return sobran + [f"paso {i} sin deshacer" for i in con_efecto - set(deshechos)]
    if estado == estados.fallida:
        return sobran + [f"paso {i} con efecto" for i in con_efecto]
    return sobran
