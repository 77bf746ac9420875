"""Steps of several parts: asked in order, undone in reverse; attempts and deadline are the step's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.dominio.memoria import Causa
from saga_orchestrator.dominio.paso import Clase, Comandar, Parte, Politica
from tests.saga.lenguaje import DEFINICION, Escenario

CAMPANA, PAGO, REPORTE = DEFINICION.pasos
UNO, DOS, TRES = "PROCESAR_PAGO", "PROCESAR_PAGO#2", "PROCESAR_PAGO#3"
UNDO, UNDO_DOS, UNDO_TRES = "REVERTIR_PAGO", "REVERTIR_PAGO#2", "REVERTIR_PAGO#3"


CASOS: list[tuple[tuple[str, ...], list[str]]] = [((), []), ((UNO,), [UNDO]), ((UNO, DOS), [UNDO_TRES, UNDO])]


def partido(*deshacer: Comandar | None) -> Escenario:
    """A saga whose second step has further parts, with these undos, and that has come to that step."""
    partes = tuple(Parte("otro-tema", REPORTE.comando, undo) for undo in deshacer)
    definicion = replace(DEFINICION, pasos=(CAMPANA, replace(PAGO, luego=partes), REPORTE))
    return Escenario(definicion).exito("CREAR_CAMPAÑA")


@pytest.fixture
def escenario() -> Escenario:
    """Of three parts, the second without an undo."""
    return partido(None, REPORTE.comando)


def test_las_partes_van_una_tras_otra(escenario: Escenario) -> None:
    """Each by its topic, under a name of its own; the step is done, once, with what all of them brought."""
    escenario.pide(UNO).exito(UNO, 1, id="a", uno=1).pide(DOS).exito(DOS, 1, dos=2).pide(TRES)
    assert [o.tema for o in escenario.ultimas] == ["otro-tema"]
    escenario.coherente().exito(TRES, 1, id="c").pide("GENERAR_REPORTE").coherente()
    avance = escenario.saga.memoria.pasos[1]
    assert (avance.resultado, avance.intentos) == ({"id": "c", "uno": 1, "dos": 2}, 1)
    assert [e.palabra for e in escenario.eventos if e.indice == 1 and e.orden] == [
        "SagaPasoEjecutado",
        "SagaPagoProcesado",
    ]


def test_se_deshacen_al_reves(escenario: Escenario) -> None:
    """The last part first; one without an undo is passed over; then the steps before."""
    escenario.exito(UNO).exito(DOS).exito(TRES).rechazo("GENERAR_REPORTE", "no")
    escenario.pide(UNDO_TRES).coherente().exito(UNDO_TRES).pide(UNDO).coherente()
    escenario.exito(UNDO).pide("CANCELAR_CAMPAÑA").exito("CANCELAR_CAMPAÑA").en("COMPENSADA").coherente()
    assert escenario.deshechos == ["REVERTIR_PAGO", "CANCELAR_CAMPAÑA"]


@pytest.mark.parametrize(("dichas", "deshechas"), CASOS)
def test_un_rechazo_deshace_las_partes_pedidas(dichas: tuple[str, ...], deshechas: list[str]) -> None:
    """A refusal of the first part leaves nothing; of a later one, what the earlier ones did is undone."""
    escenario = partido(None, REPORTE.comando)
    for parte in dichas:
        escenario.exito(parte)
    escenario.rechazo((UNO, DOS, TRES)[len(dichas)], "no hay")
    for undo in deshechas:
        escenario.pide(undo).exito(undo)
    escenario.pide("CANCELAR_CAMPAÑA").coherente()
    assert escenario.saga.memoria.causa is Causa.RECHAZO


def test_los_intentos_son_del_paso() -> None:
    """Four in all, whichever part used them; the answer to an attempt of an earlier part is nobody's."""
    escenario = partido(REPORTE.comando).averia(UNO, 1).pasan(2).pide(UNO).exito(UNO, 2).pide(DOS)
    assert [o.intento for o in escenario.ultimas] == [2]
    escenario.averia(UNO, 2).exito(UNO, 1).pide().averia(DOS, 2).pasan(3).averia(DOS, 3).pasan(5).pide(DOS)
    escenario.averia(DOS, 4).pide(UNDO_DOS).coherente()
    assert escenario.saga.memoria.causa is Causa.INTENTOS


def test_el_plazo_es_del_paso() -> None:
    """It runs from the first part's request: the second one has what is left of it."""
    escenario = partido(REPORTE.comando).pasan(PAGO.plazo_s - 1).exito(UNO).pide(DOS).pasan(1)
    escenario.pide(UNDO_DOS).coherente()
    assert escenario.saga.memoria.causa is Causa.PLAZO


def test_una_parte_leida_tarde_deja_tiempo_para_la_siguiente() -> None:
    """Nobody read for longer than the step may take: the part done in time is followed by the next."""
    escenario = partido(REPORTE.comando)
    escenario.ahora += timedelta(seconds=PAGO.plazo_s + 600)
    escenario.exito(UNO).pide(DOS)
    assert escenario.saga.plazo == escenario.ahora + timedelta(seconds=PAGO.plazo_s)
    escenario.pasan(PAGO.plazo_s - 1).pide().exito(DOS).pide("GENERAR_REPORTE").coherente()


def test_cada_compensacion_tiene_sus_intentos() -> None:
    """The undo of a part that gives up asks for attention; skipped, the undo goes on with the part before."""
    politica = Politica(intentos=2)
    undo = PAGO.compensacion
    assert undo
    partes = (Parte("otro-tema", REPORTE.comando, REPORTE.comando),)
    paso = replace(PAGO, luego=partes, compensacion=replace(undo, politica=politica))
    escenario = Escenario(replace(DEFINICION, pasos=(CAMPANA, paso, REPORTE))).exito("CREAR_CAMPAÑA")
    escenario.exito(UNO).rechazo(DOS, "no").averia(UNDO_DOS, 1).pasan(2).averia(UNDO_DOS, 2).pide_atencion()
    escenario.ultimas = intervenciones.omitir_compensacion(escenario.saga, "a mano", escenario.ahora)
    escenario.pide(UNDO).coherente().averia(UNDO, 1).pasan(2).pide(UNDO).exito(UNDO, 2).coherente()
    resultado = escenario.saga.memoria.compensaciones[0].resultado or {}
    assert (resultado["omitida"], resultado["motivo"], resultado["partes_omitidas"]) == (True, "a mano", [1])
    escenario.exito("CANCELAR_CAMPAÑA").en("COMPENSADA")


def test_una_parte_firme_no_se_rinde() -> None:
    """Behind the pivot each part has a deadline of its own, and is asked until it is done."""
    pivote = replace(PAGO, clase=Clase.PIVOTE, compensacion=None)
    partes = (Parte("otro-tema", REPORTE.comando),)
    firme = replace(REPORTE, clase=Clase.REINTENTABLE, compensacion=None, luego=partes)
    escenario = Escenario(replace(DEFINICION, pasos=(CAMPANA, pivote, firme))).exito("CREAR_CAMPAÑA")
    escenario.exito(UNO)
    escenario.pasan(REPORTE.plazo_s - 1).exito("GENERAR_REPORTE").pide("GENERAR_REPORTE#2").pasan(2).pide()
    escenario.pasan(REPORTE.plazo_s).pasan(70).pide("GENERAR_REPORTE#2").coherente()
    escenario.exito("GENERAR_REPORTE#2").en("COMPLETADA").coherente()


def test_un_exito_tardio_de_una_parte_ya_deshecha_no_cuenta() -> None:
    """The undo has covered every part that was asked: participants refuse what comes after it."""
    escenario = partido(REPORTE.comando).exito(UNO).pasan(PAGO.plazo_s).pide(UNDO_DOS)
    escenario.exito(DOS).pide().exito(UNDO_DOS).exito(UNDO).exito("CANCELAR_CAMPAÑA").exito(DOS).pide()
    escenario.en("COMPENSADA").coherente()
