"""The cause of a failure, total deadlines in seconds, steps without effect, words for stuck and closed."""

from dataclasses import replace

import pytest

from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.memoria import Causa
from saga_orchestrator.dominio.paso import Clase
from saga_orchestrator.dominio.registro import Registro
from tests.saga.lenguaje import DEFINICION, Escenario

CAMPANA, PAGO, REPORTE = DEFINICION.pasos
MIRAR = replace(CAMPANA, clase=Clase.SIN_EFECTO, compensacion=None)
ESTADOS = Estados(
    "iniciada",
    "completada",
    "compensada",
    "compensando",
    "compensada",
    fallando="compensando",
    atascada="fallida",
    cerrada="cerrada",
)


def cancelado(escenario: Escenario) -> Escenario:
    """An operator stops it."""
    escenario.ultimas = intervenciones.cancelar(escenario.saga, "ya no", escenario.ahora)
    return escenario


@pytest.mark.parametrize(
    ("fallado", "causa"),
    [
        (lambda e: e.rechazo("CREAR_CAMPAÑA", "no"), Causa.RECHAZO),
        (lambda e: e.averia("CREAR_CAMPAÑA").pasan(2).averia("CREAR_CAMPAÑA"), Causa.INTENTOS),
        (lambda e: e.pasan(CAMPANA.plazo_s), Causa.PLAZO),
        (lambda e: e.exito("CREAR_CAMPAÑA").pasan(20).exito("PROCESAR_PAGO").pasan(25), Causa.TOTAL),
        (cancelado, Causa.CANCELADA),
    ],
    ids=list(Causa),
)
def test_la_causa_de_un_fallo(fallado: object, causa: Causa) -> None:
    """Beside the words of the error, in its memory and in the event that says it."""
    politica = replace(CAMPANA.politica, intentos=2)
    pasos = (replace(CAMPANA, politica=politica), *DEFINICION.pasos[1:])
    escenario = fallado(Escenario(replace(DEFINICION, pasos=pasos, limite_s=45.0)))  # type: ignore[operator]
    [fallida] = [e for e in escenario.eventos if e.palabra == "SagaFallida"]
    assert escenario.coherente().saga.memoria.causa is causa
    assert fallida.datos["causa"] == causa


def test_el_plazo_total_en_segundos() -> None:
    """The definition's goes before the minutes of the start, which are told rounded up."""
    escenario = Escenario(replace(DEFINICION, limite_s=49.5), timeout_minutos=30)
    assert escenario.saga.memoria.timeout_minutos == 1
    escenario.exito("CREAR_CAMPAÑA").pasan(29).exito("PROCESAR_PAGO").averia("GENERAR_REPORTE")
    escenario.pasan(20.4).pide("GENERAR_REPORTE").pasan(0.1).pide("CANCELAR_REPORTE").coherente()
    assert escenario.saga.memoria.error == "La SAGA superó los 49.5 segundos"


def test_de_un_paso_sin_efecto_no_queda_nada_que_deshacer() -> None:
    """Refused or silent, the saga ends where it stands; later, only the other steps are undone."""
    definicion = replace(DEFINICION, pasos=(MIRAR, PAGO, REPORTE), estados=ESTADOS)
    Escenario(definicion).rechazo("CREAR_CAMPAÑA", "no").pide().en("compensada").coherente()
    Escenario(definicion).pasan(MIRAR.plazo_s).pide().en("compensada").coherente()
    escenario = Escenario(definicion).exito("CREAR_CAMPAÑA").exito("PROCESAR_PAGO")
    escenario.rechazo("GENERAR_REPORTE", "no").pide("REVERTIR_PAGO").exito("REVERTIR_PAGO").en("compensada")
    assert escenario.coherente().deshechos == ["REVERTIR_PAGO"]


def atascado() -> Escenario:
    """An undo has used up its attempts."""
    undo = CAMPANA.compensacion
    assert undo
    unico = replace(CAMPANA, compensacion=replace(undo, politica=replace(undo.politica, intentos=1)))
    escenario = Escenario(replace(DEFINICION, pasos=(unico, PAGO, REPORTE), estados=ESTADOS))
    escenario.exito("CREAR_CAMPAÑA").rechazo("PROCESAR_PAGO", "no").en("compensando")
    return escenario.averia("CANCELAR_CAMPAÑA").pide_atencion().en("fallida").coherente()


def test_las_palabras_de_una_saga_atascada() -> None:
    """It says so; goes on in the word for undoing when it is retried; and keeps its own when it is closed."""
    escenario = atascado()
    escenario.ultimas = intervenciones.reintentar_compensacion(escenario.saga, escenario.ahora)
    escenario.en("compensando").exito("CANCELAR_CAMPAÑA").en("compensada").coherente()
    omitido = atascado()
    omitido.ultimas = intervenciones.omitir_compensacion(omitido.saga, "a mano", omitido.ahora)
    omitido.en("compensada").coherente()
    cerrado = atascado()
    intervenciones.cerrar(cerrado.saga, "perdida", cerrado.ahora)
    assert not cerrado.en("cerrada").coherente().saga.memoria.requiere_atencion


def test_nunca_se_dice_fallida_mientras_se_deshace() -> None:
    """Where a system has a word for failing, no event of a failure says another one."""
    escenario = Escenario(replace(DEFINICION, estados=ESTADOS)).exito("CREAR_CAMPAÑA")
    escenario.rechazo("PROCESAR_PAGO", "no")
    assert {e.estado for e in escenario.eventos[-2:]} == {"compensando"}


def test_todas_las_palabras_son_de_la_api() -> None:
    """Each is a word that a list may be filtered by."""
    palabras = Registro((replace(DEFINICION, estados=ESTADOS),)).palabras_de_estado
    assert {"iniciada", "completada", "compensando", "compensada", "fallida", "cerrada"} <= set(palabras)
    assert len(set(palabras)) == len(palabras)
