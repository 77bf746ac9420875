"""The allowed histories of a saga: a pattern over its events, and the effects that its end allows."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from saga_orchestrator.dominio.estados import Estados

LETRAS = {
    "INICIADA": "I",
    "PASO_PEDIDO": "",  # repeated news in systems that announce their steps
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
# After an operator's close the saga is over, unless a given up step turns out to have succeeded.
ATRAS = r"[so]*(?:\([trpso!D]*(?:=\)|xo(?=s|$))[so]*)*(?:\([trpso!D]*)?"


def palabra(clases: Sequence[str]) -> str:
    """Return a history as a word, with one letter for each event."""
    return "".join(LETRAS[clase] for clase in clases)


def permitida(clases: Sequence[str], pasos: int) -> bool:
    """Whether a saga of this many steps may have this history: steps in order, then undos one by one."""
    adelante = rf"I(?:{LOGRO}){{{pasos}}}C"
    atras = rf"I(?:{LOGRO}){{0,{pasos - 1}}}[trpP]*(?:(?:E|T)?F{ATRAS})?"
    return re.fullmatch(f"{adelante}|{atras}", palabra(clases)) is not None


def faltas(
    estado: str, memoria: dict[str, Any], estados: Estados, sin_undo: Collection[int] = ()
) -> list[str]:
    """Return what is wrong with an ended saga's steps: not undone, undone twice, or without need.

    The steps at the places `sin_undo` have no undo.
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
    # Checked first: some systems have the same word for compensated and failed.
    if estado == estados.compensada:
        return sobran + [f"paso {i} sin deshacer" for i in con_efecto - set(deshechos)]
    if estado == estados.fallida:
        return sobran + [f"paso {i} con efecto" for i in con_efecto]
    return sobran
