"""What each fact does to a saga: replies old, late and repeated, deadlines, an operator's orders."""

import pytest

from saga_orchestrator.dominio.definicion import Tipo
from tests.saga.lenguaje import DEFINICION, SAGA
from tests.saga.relato import (
    CAMPANA,
    CANCELAR,
    CANCELAR_REPORTE,
    PAGO,
    REPORTE,
    REVERTIR,
    Relato,
    atascada,
)

ORDENES = ("cancelar", "reintentar", "omitir", "cerrar")
UNDO = ("SagaCompensacionIniciada", "SagaCompensacionEjecutada", "SagaCompensacionCompletada")
HASTA_PAGO = ("SagaIniciada", "SagaPasoEjecutado", "SagaCampañaCreada")
HASTA_REPORTE = (*HASTA_PAGO, "SagaPasoEjecutado", "SagaPagoProcesado")


def _hasta_reporte(**opciones: int) -> Relato:
    return Relato(**opciones).responde_exito(CAMPANA).responde_exito(PAGO).pide(REPORTE)


def _compensada() -> Relato:
    return Relato().responde_exito(CAMPANA).rechaza(PAGO).deshace(CANCELAR).termina("COMPENSADA")


def _completada() -> Relato:
    return _hasta_reporte().responde_exito(REPORTE).termina("COMPLETADA")


def test_un_exito_guarda_cada_estado() -> None:
    """Every state of a success is stored with the event that reached it."""
    relato = _completada()
    assert [(e.palabra, e.estado) for e in relato.eventos] == [
        ("SagaIniciada", "INICIADA"),
        ("SagaPasoEjecutado", "INICIADA"),
        ("SagaCampañaCreada", "CAMPAÑA_CREADA"),
        ("SagaPasoEjecutado", "CAMPAÑA_CREADA"),
        ("SagaPagoProcesado", "PAGO_PROCESADO"),
        ("SagaPasoEjecutado", "PAGO_PROCESADO"),
        ("SagaReporteGenerado", "REPORTE_GENERADO"),
        ("SagaCompletada", "COMPLETADA"),
    ]
    assert set(relato.datos(Tipo.COMPLETADA)["resultado_final"]) == {CAMPANA, PAGO, REPORTE}


def test_un_fracaso_guarda_cada_estado() -> None:
    """A failure passes through FALLIDA and COMPENSANDO to COMPENSADA, and names the failed step."""
    relato = _hasta_reporte().rechaza(REPORTE, "sin datos").deshace(REVERTIR, CANCELAR)
    relato.termina("COMPENSADA")
    relato.publica(*HASTA_REPORTE, "SagaPasoEjecutado", "SagaFallida", *UNDO, *UNDO)
    assert [e.estado for e in relato.eventos][-7:] == ["FALLIDA", *["COMPENSANDO"] * 5, "COMPENSADA"]
    assert relato.datos(Tipo.FALLIDA)["paso_fallido"] == REPORTE
    assert relato.saga.memoria.error == "sin datos"
    assert [p.exitoso for p in relato.saga.memoria.pasos] == [True, True, False]


def test_las_ordenes_llevan_el_id_que_eligio_el_orquestador() -> None:
    """A retried command and its undo name the same stream, whatever id the participant answers."""
    relato = Relato()
    ids = [o.mensaje.id for o in relato.ultimas]
    relato.falla(CAMPANA, 1).despierta().pide(CAMPANA)
    assert [o.intento for o in relato.ultimas] == [2]
    ids += [o.mensaje.id for o in relato.ultimas]
    relato.responde_exito(CAMPANA, id="otro").rechaza(PAGO).pide(CANCELAR)
    ids += [o.mensaje.id for o in relato.ultimas]
    assert set(ids) == {relato.saga.id_de(0)}


def test_las_esperas_de_un_paso_y_su_fracaso() -> None:
    """Four attempts with the policy's waits, then the step fails for good and the rest is undone."""
    relato = Relato().responde_exito(CAMPANA)
    azar = SAGA.int % 1_000 / 1_000
    for intento in (1, 2, 3):
        relato.falla(PAGO, intento).pide()
        assert relato.despertar_en == pytest.approx(DEFINICION.pasos[1].politica.espera(intento, azar))
        relato.despierta().pide(PAGO)
    relato.falla(PAGO, 4).deshace(CANCELAR).termina("COMPENSADA")
    relato.publica(*HASTA_PAGO, "SagaPasoEjecutado", "SagaFallida", *UNDO)


def test_las_averias_repetidas_o_viejas_no_cuentan() -> None:
    """While a retry waits, and once a newer attempt is out, failures of an older one change nothing."""
    relato = Relato().falla(CAMPANA, 1)
    relato.nada_cambia(
        lambda r: r.falla(CAMPANA, 1), lambda r: r.rechaza(CAMPANA, "x", 1), lambda r: r.falla(CAMPANA)
    )
    relato.despierta().pide(CAMPANA)
    relato.nada_cambia(lambda r: r.falla(CAMPANA, 1), lambda r: r.rechaza(CAMPANA, "x", 1))


def test_un_rechazo_sin_intento_cuenta() -> None:
    """A foreign reply carries no attempt: it is about the current one."""
    Relato().falla(CAMPANA, 1).despierta().rechaza(CAMPANA, "ajeno").termina("FALLIDA")


def test_el_exito_de_un_intento_viejo_cuenta_tambien_en_la_espera() -> None:
    """A success closes the step even between two attempts."""
    Relato().falla(CAMPANA, 1).responde_exito(CAMPANA, 1).pide(PAGO).en("CAMPAÑA_CREADA")


def test_lo_que_nadie_pidio_no_cuenta() -> None:
    """Replies of steps not asked for yet, of undos before any, and of unknown words change nothing."""
    Relato().nada_cambia(
        lambda r: r.responde_exito(PAGO),
        lambda r: r.rechaza(REPORTE),
        lambda r: r.responde_exito(CANCELAR),
        lambda r: r.falla(REVERTIR),
        lambda r: r.responde_exito("OTRA_COSA"),
    )


@pytest.mark.parametrize("terminada", [_completada, _compensada], ids=["completada", "compensada"])
def test_despues_del_fin_las_repeticiones_no_cuentan(terminada: object) -> None:
    """What a finished saga has heard already, and the clock, change nothing."""
    relato = terminada()  # type: ignore[operator]
    relato.nada_cambia(
        lambda r: r.responde_exito(CAMPANA),
        lambda r: r.rechaza(PAGO),
        lambda r: r.responde_exito(CANCELAR),
        lambda r: r.falla(CANCELAR),
        lambda r: r.pasan(100_000),
    )


def test_un_undo_respondido_dos_veces_cuenta_una() -> None:
    """The second answer of an undo that is done, and an old failure of the open one, change nothing."""
    relato = _hasta_reporte().rechaza(REPORTE).deshace(REVERTIR).pide(CANCELAR)
    relato.nada_cambia(lambda r: r.responde_exito(REVERTIR), lambda r: r.rechaza(REVERTIR))
    relato.falla(CANCELAR, 1).despierta().pide(CANCELAR)
    relato.nada_cambia(lambda r: r.falla(CANCELAR, 1))
    relato.responde_exito(CANCELAR, 1).termina("COMPENSADA")


def test_el_plazo_del_paso_cubre_todos_sus_intentos() -> None:
    """Retries do not push the deadline of a step; past it the effect is unknown and undone too."""
    relato = Relato().responde_exito(CAMPANA)
    relato.pasan(28)
    relato.falla(PAGO, 1).despierta().pide(PAGO)
    assert relato.despertar_en == pytest.approx(30 - 28 - 1.0, abs=0.3)
    relato.despierta().pide(REVERTIR)
    assert relato.datos(Tipo.PASO_EJECUTADO)["incierto"] is True
    relato.nada_cambia(lambda r: r.responde_exito(PAGO, 1))
    relato.responde_exito(REVERTIR).deshace(CANCELAR).termina("COMPENSADA")
    relato.publica(*HASTA_PAGO, "SagaPasoEjecutado", "SagaFallida", *UNDO, *UNDO)


def test_el_plazo_se_mueve_mientras_el_broker_no_esta() -> None:
    """A command still in the outbox moves the deadline by one step deadline, forward and backward.

    No event tells of it: an outage is no history.
    """
    relato = Relato().despierta(en_salida=True).pide().en("INICIADA")
    assert relato.despertar_en == 30
    relato.despierta(en_salida=True).pide()
    assert relato.saga.version == 1
    relato.responde_exito(CAMPANA).rechaza(PAGO).pide(CANCELAR).despierta(en_salida=True).pide()
    assert relato.despertar_en == 30
    assert relato.saga.memoria.compensaciones[0].intentos == 1
    relato.responde_exito(CANCELAR).termina("COMPENSADA")


def test_un_despertar_temprano_no_hace_nada() -> None:
    """A look at the clock before anything is due changes nothing."""
    Relato().nada_cambia(lambda r: r.pasan(29.9), lambda r: r.pasan(0, en_salida=True))


def test_el_plazo_total_dice_que_paso() -> None:
    """At its total deadline a saga says SagaTimeout, then SagaFallida, and undoes the open step too."""
    relato = Relato(timeout_minutos=1)
    relato.pasan(29)
    relato.responde_exito(CAMPANA).pasan(29)
    relato.responde_exito(PAGO).pide(REPORTE)
    assert relato.despertar_en == 2
    relato.despierta().deshace(CANCELAR_REPORTE, REVERTIR, CANCELAR).termina("COMPENSADA")
    relato.publica(*HASTA_REPORTE, "SagaTimeout", "SagaFallida", *UNDO, *UNDO, *UNDO)
    assert relato.datos(Tipo.TIEMPO_AGOTADO)["timeout_minutos"] == 1


def test_el_plazo_total_corre_tambien_sin_broker() -> None:
    """A command in the outbox does not hold up the total deadline."""
    relato = Relato(timeout_minutos=1).despierta(en_salida=True).despierta(en_salida=True)
    relato.deshace(CANCELAR).termina("COMPENSADA")
    relato.publica("SagaIniciada", "SagaTimeout", "SagaFallida", *UNDO)


def test_el_plazo_total_no_para_un_undo() -> None:
    """An undo under way goes on after the total deadline, and nothing says SagaTimeout."""
    relato = Relato(timeout_minutos=1).responde_exito(CAMPANA).rechaza(PAGO).pide(CANCELAR)
    relato.pasan(25)
    relato.falla(CANCELAR, 1).despierta().pide(CANCELAR).despierta().pide().despierta().pide(CANCELAR)
    assert (relato.ahora - relato.eventos[0].fecha).total_seconds() > 55
    relato.pasan(20)
    relato.pide().responde_exito(CANCELAR).termina("COMPENSADA")
    assert Tipo.TIEMPO_AGOTADO not in [e.tipo for e in relato.eventos]


def test_un_exito_tras_un_rechazo_se_deshace_despues_del_fin() -> None:
    """A step refused and then done after all is undone alone, once."""
    relato = _compensada().responde_exito(PAGO).en("COMPENSANDO").deshace(REVERTIR).termina("COMPENSADA")
    relato.nada_cambia(lambda r: r.responde_exito(PAGO))
    assert relato.deshechos == [CANCELAR, REVERTIR]
    assert [e.orden for e in relato.eventos if e.tipo is Tipo.EXITO_TARDIO] == [0]


def test_un_exito_tras_un_rechazo_espera_al_undo_abierto() -> None:
    """A late success during an undo waits for it, and is undone next."""
    relato = _hasta_reporte().rechaza(REPORTE).pide(REVERTIR).responde_exito(REPORTE).pide()
    relato.responde_exito(REVERTIR).deshace(CANCELAR_REPORTE, CANCELAR).termina("COMPENSADA")


def test_las_esperas_de_un_undo() -> None:
    """An undo's waits double up to 60 seconds, plus up to a quarter; then it asks for attention."""
    relato = Relato().responde_exito(CAMPANA).rechaza(PAGO)
    for intento, base in enumerate((1, 2, 4, 8, 16, 32, 60, 60, 60, 60), 1):
        relato.rechaza(CANCELAR, "todavía no", intento).pide().en("COMPENSANDO")
        assert base <= relato.despertar_en <= base * 1.25
        relato.despierta().pide(CANCELAR)
    relato.rechaza(CANCELAR, "nunca", 11).pide().en("COMPENSANDO").pide_atencion()
    assert relato.datos(Tipo.COMPENSACION_FALLIDA)["error"] == "nunca"
    assert relato.eventos[-1].palabra == "SagaCompensacionFallida"
    relato.nada_cambia(lambda r: r.pasan(100_000), lambda r: r.falla(CANCELAR))


def test_el_exito_de_un_undo_atascado_lo_desatasca() -> None:
    """The success of an undo counts even after its attempts were used up."""
    relato = atascada().responde_exito(CANCELAR, 3).termina("COMPENSADA")
    assert not relato.saga.memoria.requiere_atencion


def test_reintentar_da_todos_los_intentos_otra_vez() -> None:
    """The operator's retry sends attempt 1 again, with a fresh deadline and ten more retries."""
    relato = atascada().ordena("reintentar").pide(CANCELAR)
    assert [o.intento for o in relato.ultimas] == [1]
    assert relato.despertar_en == 30
    for intento in range(1, 11):
        relato.falla(CANCELAR, intento).despierta().pide(CANCELAR)
    relato.falla(CANCELAR, 11).pide().pide_atencion()
    relato.ordena("reintentar").deshace(CANCELAR).termina("COMPENSADA")
    assert relato.deshechos == [CANCELAR]


def test_omitir_sigue_con_el_siguiente() -> None:
    """A skipped undo counts as done, with its reason, and the next one begins."""
    relato = _hasta_reporte().rechaza(REPORTE)
    for intento in range(1, 11):
        relato.falla(REVERTIR, intento).despierta()
    relato.falla(REVERTIR, 11).pide_atencion()
    relato.ordena("omitir", "pagado a mano").deshace(CANCELAR).termina("COMPENSADA")
    assert relato.saga.memoria.compensaciones[0].resultado == {"omitida": True, "motivo": "pagado a mano"}


def test_cerrar_termina_en_fallida_sin_mas_eventos() -> None:
    """A closed saga ends FALLIDA with the reason, publishes nothing for it, and obeys no more."""
    relato = atascada()
    publicos = relato.saga.memoria.publicos
    relato.ordena("cerrar", "perdida").termina("FALLIDA").niega(*ORDENES)
    assert relato.saga.memoria.publicos == publicos
    assert str(relato.saga.memoria.error).endswith("cerrada: perdida")


def test_cancelar_con_un_reintento_en_espera() -> None:
    """A cancelled saga undoes the step that waited for its next attempt as well."""
    relato = Relato().responde_exito(CAMPANA).falla(PAGO, 1).ordena("cancelar", "ya no").pide(REVERTIR)
    relato.nada_cambia(lambda r: r.responde_exito(PAGO, 1))
    relato.responde_exito(REVERTIR).deshace(CANCELAR).termina("COMPENSADA")
    assert relato.datos(Tipo.FALLIDA)["error"] == "Cancelada por el operador: ya no"


def test_cada_orden_queda_escrita() -> None:
    """The audit record says which order, why and whose, and is not published."""
    relato = atascada().ordena("omitir", "a mano")
    auditada = next(e for e in relato.eventos if e.tipo is Tipo.ORDEN_OPERADOR)
    assert {k: auditada.datos[k] for k in ("orden", "motivo", "quien")} == {
        "orden": "omitir",
        "motivo": "a mano",
        "quien": "quien",
    }
    assert auditada.orden == 0


@pytest.mark.parametrize(
    ("relato", "negadas"),
    [
        (Relato, ("reintentar", "omitir", "cerrar")),
        (lambda: Relato().falla(CAMPANA, 1), ("reintentar", "omitir", "cerrar")),
        (lambda: Relato().responde_exito(CAMPANA).rechaza(PAGO), ORDENES),
        (lambda: Relato().responde_exito(CAMPANA).rechaza(PAGO).falla(CANCELAR, 1), ORDENES),
        (atascada, ("cancelar",)),
        (lambda: atascada().ordena("reintentar"), ORDENES),
        (lambda: Relato().rechaza(CAMPANA), ORDENES),
        (_compensada, ORDENES),
        (_completada, ORDENES),
    ],
    ids=[
        "en curso",
        "en espera",
        "deshaciendo",
        "undo en espera",
        "atascada",
        "reintentada",
        "fallida",
        "compensada",
        "completada",
    ],
)
def test_las_ordenes_que_cada_estado_niega(relato: object, negadas: tuple[str, ...]) -> None:
    """Each state refuses the orders that make no sense in it, without a trace."""
    relato().niega(*negadas)  # type: ignore[operator]
