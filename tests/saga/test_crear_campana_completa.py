"""The campaign saga, told in the test language."""

import pytest

from saga_orchestrator.dominio import intervenciones
from saga_orchestrator.dominio.rechazos import OrdenFueraDeEstado
from tests.saga.lenguaje import Escenario

CAMPANA, PAGO, REPORTE = "CREAR_CAMPAÑA", "PROCESAR_PAGO", "GENERAR_REPORTE"
CANCELAR, REVERTIR, CANCELAR_REPORTE = "CANCELAR_CAMPAÑA", "REVERTIR_PAGO", "CANCELAR_REPORTE"


def test_todo_bien() -> None:
    """Three steps, one after the other; the events of a success are in the contract's order."""
    (
        Escenario()
        .en("INICIADA").pide(CAMPANA)
        .exito(CAMPANA).en("CAMPAÑA_CREADA").pide(PAGO)
        .exito(PAGO).en("PAGO_PROCESADO").pide(REPORTE)
        .exito(REPORTE).en("COMPLETADA").pide()
        .publica(
            "SagaIniciada",
            "SagaPasoEjecutado", "SagaCampañaCreada",
            "SagaPasoEjecutado", "SagaPagoProcesado",
            "SagaPasoEjecutado", "SagaReporteGenerado",
            "SagaCompletada",
        )
        .coherente()
    )  # fmt: skip


def test_paso_1_rechazado_es_fallida() -> None:
    """With nothing to undo the saga rests in FALLIDA."""
    Escenario().rechazo(CAMPANA, "no").en("FALLIDA").pide().publica(
        "SagaIniciada", "SagaPasoEjecutado", "SagaFallida"
    ).coherente()


def test_pago_rechazado_cancela_la_campana() -> None:
    """A refusal compensates at once, in the same transaction, and ends COMPENSADA."""
    (
        Escenario().exito(CAMPANA).rechazo(PAGO, "Fondos insuficientes").en("COMPENSANDO").pide(CANCELAR)
        .exito(CANCELAR).en("COMPENSADA").pide()
        .publica(
            "SagaIniciada", "SagaPasoEjecutado", "SagaCampañaCreada",
            "SagaPasoEjecutado", "SagaFallida",
            "SagaCompensacionIniciada", "SagaCompensacionEjecutada", "SagaCompensacionCompletada",
        )
        .coherente()
    )  # fmt: skip


def test_reporte_rechazado_deshace_en_orden_inverso() -> None:
    """The payment is reverted before the campaign is cancelled."""
    escenario = Escenario().exito(CAMPANA).exito(PAGO).rechazo(REPORTE, "no").pide(REVERTIR)
    escenario.exito(REVERTIR).en("COMPENSANDO").pide(CANCELAR).exito(CANCELAR).en("COMPENSADA").coherente()
    assert escenario.deshechos == [REVERTIR, CANCELAR]


def test_averia_se_reintenta_cuatro_veces() -> None:
    """A technical failure is retried after 1, 2 and 4 seconds; the fourth fails the step."""
    escenario = Escenario()
    for intento, espera in ((1, 1), (2, 2), (3, 4)):
        escenario.averia(CAMPANA, intento).pide().pasan(espera * 0.99).pide()
        escenario.pasan(espera * 0.27).pide(CAMPANA).coherente()
    escenario.averia(CAMPANA, 4).en("FALLIDA").coherente()


def test_el_fracaso_de_un_intento_viejo_no_cuenta() -> None:
    """A refusal of attempt 1 after attempt 2 was sent is ignored; a success of any attempt counts."""
    escenario = Escenario().averia(CAMPANA, 1).pasan(1.5).pide(CAMPANA)
    escenario.rechazo(CAMPANA, "viejo", 1).pide().en("INICIADA").coherente()
    escenario.exito(CAMPANA, 1).en("CAMPAÑA_CREADA").pide(PAGO)


def test_las_respuestas_repetidas_no_cuentan() -> None:
    """After a step is closed nothing counts."""
    escenario = Escenario().exito(CAMPANA)
    version = escenario.saga.version
    escenario.exito(CAMPANA).pide().rechazo(CAMPANA, "tarde").pide()
    assert escenario.saga.version == version


def test_el_silencio_deshace_tambien_lo_incierto() -> None:
    """A step that timed out may have had its effect: it is undone as well."""
    escenario = Escenario().exito(CAMPANA).pasan(31).en("COMPENSANDO").pide(REVERTIR)
    escenario.exito(REVERTIR).pide(CANCELAR).exito(CANCELAR).en("COMPENSADA").coherente()


def test_el_plazo_espera_al_broker() -> None:
    """A deadline whose command could not be handed over is moved on by one step deadline."""
    escenario = Escenario().pasan(31, en_salida=True).en("INICIADA").pide().coherente()
    escenario.pasan(29).en("INICIADA").pasan(2).en("COMPENSANDO")


def test_el_plazo_total() -> None:
    """`timeout_minutos` gives SagaTimeout, then the failure, then the undo."""
    escenario = Escenario(timeout_minutos=1).exito(CAMPANA)
    escenario.pasan(29).exito(PAGO).pasan(29.5).averia(REPORTE).pasan(2)
    escenario.en("COMPENSANDO").coherente()
    assert "SagaTimeout" in [e.palabra for e in escenario.eventos]


def test_un_exito_tardio_se_deshace() -> None:
    """The success of a step that was given up is undone, even after the end."""
    escenario = Escenario().rechazo(CAMPANA, "no").en("FALLIDA")
    escenario.exito(CAMPANA).en("COMPENSANDO").pide(CANCELAR).exito(CANCELAR).en("COMPENSADA").coherente()


def test_un_undo_callado_se_reintenta_sin_prisa() -> None:
    """Silence is one failed attempt of an undo, not one at each look at the clock."""
    escenario = Escenario().exito(CAMPANA).rechazo(PAGO, "no").pasan(31).pide()
    version = escenario.saga.version
    escenario.pasan(0.2).pide().pasan(0.2).pide().coherente()
    assert escenario.saga.version == version
    escenario.pasan(1).pide(CANCELAR).pasan(29).pide().coherente().exito(CANCELAR).en("COMPENSADA")


def _atascada() -> Escenario:
    escenario = Escenario().exito(CAMPANA).rechazo(PAGO, "no")
    for intento in range(1, 12):
        escenario.averia(CANCELAR, intento)
        if intento < 11:
            escenario.pasan(80).pide(CANCELAR)
    return escenario


def test_un_undo_agotado_pide_atencion() -> None:
    """After ten retries the saga stays COMPENSANDO and asks for attention."""
    _atascada().en("COMPENSANDO").pide_atencion().coherente()


def test_el_operador_reintenta_omite_o_cierra() -> None:
    """Each order puts a stuck saga right in its own way."""
    reintentada = _atascada()
    reintentada.ultimas = intervenciones.reintentar_compensacion(reintentada.saga, reintentada.ahora)
    reintentada.pide(CANCELAR).coherente().exito(CANCELAR, 1).en("COMPENSADA").coherente()
    omitida = _atascada()
    intervenciones.omitir_compensacion(omitida.saga, "a mano", omitida.ahora)
    omitida.en("COMPENSADA").coherente()
    assert omitida.saga.memoria.compensaciones[0].resultado == {"omitida": True, "motivo": "a mano"}
    cerrada = _atascada()
    intervenciones.cerrar(cerrada.saga, "perdida", cerrada.ahora)
    cerrada.en("FALLIDA").coherente()
    assert "perdida" in (cerrada.saga.memoria.error or "")


def test_cancelar_deshace_lo_hecho_y_lo_incierto() -> None:
    """A running saga that is cancelled undoes what it did and what it may have done."""
    escenario = Escenario().exito(CAMPANA)
    escenario.ultimas = intervenciones.cancelar(escenario.saga, "ya no", escenario.ahora)
    escenario.pide(REVERTIR).exito(REVERTIR).pide(CANCELAR).exito(CANCELAR).en("COMPENSADA").coherente()


def test_las_ordenes_se_niegan_fuera_de_estado() -> None:
    """Orders for a stuck saga are refused on one that is not, and `cancelar` on one that goes back."""
    escenario = Escenario()
    for orden in (
        lambda: intervenciones.reintentar_compensacion(escenario.saga, escenario.ahora),
        lambda: intervenciones.omitir_compensacion(escenario.saga, "x", escenario.ahora),
        lambda: intervenciones.cerrar(escenario.saga, "x", escenario.ahora),
    ):
        with pytest.raises(OrdenFueraDeEstado):
            orden()
    escenario.exito(CAMPANA).rechazo(PAGO, "no")
    with pytest.raises(OrdenFueraDeEstado):
        intervenciones.cancelar(escenario.saga, "x", escenario.ahora)
