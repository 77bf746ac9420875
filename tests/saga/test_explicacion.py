"""To look at a saga never fails: what its builders cannot do is said of it, and of no other; pure."""

from dataclasses import replace
from typing import Any

import pytest

from saga_orchestrator.aplicacion.espera import Motivo, esperar
from saga_orchestrator.aplicacion.explicacion import contar
from saga_orchestrator.aplicacion.ordenes import prever
from tests.saga.lenguaje import DEFINICION, Escenario


def roto(*_partes: Any) -> Any:
    """A builder of commands with a defect."""
    raise KeyError("cliente")


def con_ordenes_rotas(escenario: Escenario) -> Escenario:
    """The same saga, of whose steps and undos no command can be made."""
    pasos = tuple(
        replace(
            p, comando=roto, compensacion=replace(p.compensacion, comando=roto) if p.compensacion else None
        )
        for p in DEFINICION.pasos
    )
    escenario.saga.definicion = replace(DEFINICION, pasos=pasos)
    return escenario


@pytest.mark.parametrize(
    ("escenario", "motivo"),
    [
        (Escenario(), Motivo.RESPUESTA),
        (Escenario().exito("CREAR_CAMPAÑA"), Motivo.RESPUESTA),
        (Escenario().exito("CREAR_CAMPAÑA").averia("PROCESAR_PAGO"), Motivo.PAUSA),
        (Escenario().exito("CREAR_CAMPAÑA").rechazo("PROCESAR_PAGO", "no"), Motivo.RESPUESTA),
    ],
    ids=["primero", "segundo", "pausa", "atras"],
)
def test_una_orden_que_no_se_puede_hacer_no_impide_mirar(escenario: Escenario, motivo: Motivo) -> None:
    """Why it waits, its whole story, and what an order would do; and the topics that it asked."""
    con_ordenes_rotas(escenario)
    espera = esperar(escenario.saga, (), escenario.ahora, escenario.ahora)
    assert espera.motivo is motivo
    relato = contar(escenario.saga, escenario.eventos, (), (), escenario.ahora)
    assert {m["tema"] for m in relato["mensajes"]} <= {p.tema for p in DEFINICION.pasos}
    assert len(relato["historia"]) == len(escenario.eventos)


def test_lo_que_una_orden_no_podria_hacer_se_dice() -> None:
    """Its undo cannot be asked for: the preview says so, and goes on to the next saga."""
    escenario = con_ordenes_rotas(Escenario().exito("CREAR_CAMPAÑA"))
    prevision = prever(escenario.saga, "cancelar", escenario.ahora)
    assert (prevision.se_hara, prevision.detalle) == (False, "fallaría: KeyError: 'cliente'")
