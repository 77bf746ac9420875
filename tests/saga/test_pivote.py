"""A step that nothing undoes is not given up while its effect is unknown; past the pivot a saga goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from saga_orchestrator.aplicacion.espera import Motivo, esperar
from saga_orchestrator.aplicacion.ordenes import prever
from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.dominio.definicion import Definicion, Tipo
from saga_orchestrator.dominio.memoria import EventoSaga, Fase
from saga_orchestrator.dominio.paso import Clase
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from saga_orchestrator.dominio.saga import Saga
from tests.saga.lenguaje import DEFINICION, SAGA, Escenario

UNO, DOS, TRES = DEFINICION.pasos
PIVOTE = replace(DOS, clase=Clase.PIVOTE, compensacion=None)
FINAL = replace(TRES, clase=Clase.REINTENTABLE, compensacion=None)
SIN_VUELTA = Definicion("SIN_VUELTA", 1, (UNO, PIVOTE, FINAL))
CAMPANA, PAGO, REPORTE = (p.tipo for p in SIN_VUELTA.pasos)
PLAZO_S = PIVOTE.plazo_s


def en_el_pivote(timeout_minutos: int = 30) -> Escenario:
    return Escenario(SIN_VUELTA, timeout_minutos).exito(CAMPANA).pide(PAGO)


def tras_el_pivote(timeout_minutos: int = 30) -> Escenario:
    return en_el_pivote(timeout_minutos).exito(PAGO).pide(REPORTE)


@pytest.mark.parametrize(("llegar", "paso"), [(en_el_pivote, PAGO), (tras_el_pivote, REPORTE)])
def test_el_silencio_se_pregunta_otra_vez(llegar: object, paso: str) -> None:
    """At its deadline it is asked again, for a deadline of its own, as often as it takes."""
    assert callable(llegar)
    escenario = llegar()
    for _ in range(PIVOTE.politica.intentos + 3):
        escenario.pasan(PLAZO_S).pide()
        espera = escenario.saga.abierto.reintentar_en - escenario.ahora
        escenario.pasan(espera.total_seconds()).pide(paso).coherente()
    assert escenario.exito(paso).saga.memoria.estado != "FALLIDA"


def test_lo_que_callo_no_se_da_por_no_hecho() -> None:
    """After one silence technical failures do not end the pivot: the first attempt may have done it."""
    escenario = en_el_pivote().pasan(PLAZO_S)
    for _ in range(PIVOTE.politica.intentos + 2):
        escenario.pasan(80).pide(PAGO)
        escenario.averia(PAGO, escenario.saga.memoria.pasos[1].intentos)
    assert escenario.saga.memoria.fase is Fase.ADELANTE
    escenario.pasan(80).pide(PAGO).rechazo(PAGO, "No", escenario.saga.memoria.pasos[1].intentos)
    escenario.pide("CANCELAR_CAMPAÑA").exito("CANCELAR_CAMPAÑA").en("COMPENSADA")


def test_el_pivote_que_falla_sabiendose_se_deshace() -> None:
    """All attempts answered, none done: the pivot failed, and what was before it is undone."""
    escenario = en_el_pivote()
    for intento in range(1, PIVOTE.politica.intentos + 1):
        escenario.averia(PAGO, intento).pasan(80)
    assert escenario.deshechos == ["CANCELAR_CAMPAÑA"]


def test_tras_el_pivote_ni_los_rechazos_hacen_volver() -> None:
    """A refusal after the pivot is tried again like an outage, beyond the attempts of the policy."""
    escenario = tras_el_pivote()
    for intento in range(1, FINAL.politica.intentos + 3):
        escenario.rechazo(REPORTE, "No", intento).pide().pasan(80).pide(REPORTE)
    escenario.exito(REPORTE).en("COMPLETADA").coherente()


@pytest.mark.parametrize("llegar", [en_el_pivote, tras_el_pivote])
def test_ni_el_plazo_total_ni_un_operador_lo_detienen(llegar: object) -> None:
    """The total deadline passes without effect, and a cancel is refused with what is so."""
    assert callable(llegar)
    escenario = llegar(timeout_minutos=1)
    escenario.pasan(PLAZO_S).pide().pasan(40)
    assert escenario.saga.memoria.fase is Fase.ADELANTE
    with pytest.raises(OrdenFueraDeEstado, match="vuelta atrás"):
        intervenciones.cancelar(escenario.saga, "porque sí", escenario.ahora)


def test_lo_que_sigue_fallando_pide_atencion_y_sigue() -> None:
    """After as many failures as an undo may have it asks for attention, goes on alone, and may end well."""
    escenario = tras_el_pivote()
    veces = SIN_VUELTA.atencion_tras
    for intento in range(1, veces + 2):
        assert escenario.saga.memoria.requiere_atencion is (intento > veces)
        escenario.averia(REPORTE, intento).pide().coherente()
        escenario.pasan(80).pide(REPORTE).coherente()
    assert escenario.saga.memoria.requiere_atencion
    espera = esperar(escenario.saga, (), escenario.ahora, escenario.ahora)
    assert (espera.motivo, espera.ordenes) == (Motivo.RESPUESTA, ())
    assert "pide atención" in espera.texto
    for orden in ("reintentar", "omitir", "cerrar", "cancelar"):
        assert not prever(escenario.saga, orden, escenario.ahora).se_hara
    escenario.exito(REPORTE, veces + 2).en("COMPLETADA").coherente()
    assert not escenario.saga.memoria.requiere_atencion


def test_lo_que_dijeron_los_plazos_movidos_se_lee() -> None:
    """An old stream has events of deadlines that moved: folded, its deadline is where they put it."""
    escenario = en_el_pivote()
    saga = Saga(SAGA)
    saga.definicion = SIN_VUELTA
    momento = escenario.ahora + timedelta(seconds=29)
    movido = EventoSaga(Tipo.PLAZO_MOVIDO, "PLAZO_MOVIDO", "CAMPAÑA_CREADA", momento, {"plazo_s": 30.0})
    saga.reproducir([*escenario.eventos, movido])
    assert saga.plazo == momento + timedelta(seconds=30)
