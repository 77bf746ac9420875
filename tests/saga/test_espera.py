"""Why a saga waits: every reason, in the words that an operator reads; pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from saga_orchestrator.aplicacion.espera import Espera, Lugar, Motivo, Paradero, esperar
from saga_orchestrator.aplicacion.explicacion import Auditada, contar, enviadas_de
from saga_orchestrator.dominio import intervenciones
from tests.saga.lenguaje import Escenario

CAMPANA, PAGO, CANCELAR = "CREAR_CAMPAÑA", "PROCESAR_PAGO", "CANCELAR_CAMPAÑA"
MUERTO = UUID("0190a5a0-0000-7000-8000-0000000000bb")
TEMAS = {CAMPANA: "comandos-campanas", CANCELAR: "comandos-campanas", PAGO: "comandos-pagos"}


def por_que(escenario: Escenario, *paraderos: Paradero, dentro_de: float = 0) -> Espera:
    """Ask why it waits, some seconds from now."""
    enviada = list(enviadas_de(escenario.saga, escenario.eventos))[-1].fecha
    return esperar(escenario.saga, paraderos, enviada, escenario.ahora + timedelta(seconds=dentro_de))


def en(
    lugar: Lugar, paso: str, momento: datetime, tipo: str = "ProcesarPago", intento: int = 1, fallos: int = 1
) -> Paradero:
    """A message of a step, held up."""
    tema = "respuestas-saga" if tipo == "Respuesta" else TEMAS[paso]
    consumidor = "saga-orchestrator" if tipo == "Respuesta" else "pagos"
    return Paradero(
        lugar, tipo, tema, momento, MUERTO, paso, intento, consumidor, fallos, "ValueError: x\n[SQL: …]"
    )


def pagando() -> Escenario:
    """The payment is asked for at 00:00:05."""
    escenario = Escenario()
    escenario.ahora += timedelta(seconds=5)
    return escenario.exito(CAMPANA)


def atascada() -> Escenario:
    """The undo of the campaign has used up its attempts."""
    escenario = Escenario().exito(CAMPANA).rechazo(PAGO, "no")
    for intento in range(1, 12):
        escenario.averia(CANCELAR, intento).pasan(80)
    return escenario


def test_espera_una_respuesta() -> None:
    """The normal case names the participant, the step, the attempt, when it was sent and its deadline."""
    espera = por_que(pagando())
    assert espera.texto == (
        "espera la respuesta de pagos a PROCESAR_PAGO, intento 1, enviada 00:00:05, plazo 00:00:35"
    )
    assert (espera.motivo, espera.ordenes) == (Motivo.RESPUESTA, ("cancelar",))


def test_espera_la_respuesta_del_segundo_intento() -> None:
    """A retry is told by its own attempt and its own time; the deadline is the whole step's."""
    escenario = pagando().averia(PAGO, 1).pasan(2)
    assert por_que(escenario).texto == (
        "espera la respuesta de pagos a PROCESAR_PAGO, intento 2, enviada 00:00:07, plazo 00:00:35"
    )


def test_espera_la_respuesta_de_una_compensacion() -> None:
    """An undo is told in the same words, and there is nothing left to cancel."""
    espera = por_que(Escenario().exito(CAMPANA).rechazo(PAGO, "no"))
    assert espera.texto.startswith("espera la respuesta de campanas a CANCELAR_CAMPAÑA, intento 1, enviada")
    assert espera.ordenes == ()


def test_pausa_entre_intentos() -> None:
    """Between two attempts it tells the failure and when the next one goes out."""
    espera = por_que(pagando().averia(PAGO, 1))
    assert espera.motivo is Motivo.PAUSA
    assert espera.texto == (
        "espera para reintentar PROCESAR_PAGO: el intento 1 falló (avería);"
        " el 2 sale a las 00:00:06, plazo 00:00:35"
    )


def test_pide_un_operador() -> None:
    """A stuck undo tells its last error and the orders that are valid."""
    espera = por_que(atascada())
    assert espera.motivo is Motivo.ATENCION
    assert espera.texto == (
        "espera a un operador: CANCELAR_CAMPAÑA agotó sus 11 intentos (último error: avería);"
        " valen reintentar, omitir y cerrar"
    )
    assert espera.ordenes == ("reintentar", "omitir", "cerrar")


def test_terminada() -> None:
    """A saga that ended waits for nothing, and obeys nothing."""
    espera = por_que(Escenario().rechazo(CAMPANA, "no"))
    assert espera.texto == "no espera nada: terminó FALLIDA a las 00:00:00"
    assert (espera.motivo, espera.ordenes) == (Motivo.TERMINADA, ())


def test_sin_orquestador() -> None:
    """A wake-up that is long past means that nobody looks; a little late is nothing."""
    assert por_que(pagando(), dentro_de=39).motivo is Motivo.RESPUESTA
    espera = por_que(pagando(), dentro_de=75)
    assert espera.motivo is Motivo.SIN_ORQUESTADOR
    assert "debió despertar a las 00:00:35, hace 45 s, con PROCESAR_PAGO abierto" in espera.texto


@pytest.mark.parametrize(
    ("lugar", "tipo", "motivo", "dice"),
    [
        (
            Lugar.SALIDA,
            "ProcesarPago",
            Motivo.ORDEN_EN_SALIDA,
            "espera al broker: la orden ProcesarPago de PROCESAR_PAGO, intento 1, está en la salida desde"
            " 00:00:06 y el broker no la ha confirmado, plazo 00:00:35, que se mueve mientras siga ahí",
        ),
        (
            Lugar.SALIDA,
            "Respuesta",
            Motivo.RESPUESTA_EN_SALIDA,
            "espera al broker: la respuesta de pagos a PROCESAR_PAGO, intento 1, está en la salida desde"
            " 00:00:06 y el broker no la ha confirmado, plazo 00:00:35, que se mueve mientras siga ahí",
        ),
        (
            Lugar.REINTENTOS,
            "ProcesarPago",
            Motivo.ORDEN_EN_REINTENTOS,
            "espera a que pagos vuelva a tratar la orden ProcesarPago de PROCESAR_PAGO, intento 1,"
            " a las 00:00:06: falló 1 vez (ValueError: x), plazo 00:00:35",
        ),
        (
            Lugar.REINTENTOS,
            "Respuesta",
            Motivo.RESPUESTA_EN_REINTENTOS,
            "espera a que saga-orchestrator vuelva a tratar la respuesta de pagos a PROCESAR_PAGO,"
            " intento 1, a las 00:00:06: falló 1 vez (ValueError: x), plazo 00:00:35",
        ),
        (
            Lugar.MUERTOS,
            "ProcesarPago",
            Motivo.ORDEN_MUERTA,
            "la orden ProcesarPago de PROCESAR_PAGO, intento 1, murió en pagos a las 00:00:06: falló 1 vez"
            " (ValueError: x); nadie la tratará sin"
            f" `aeropartners muertos reencolar {MUERTO}`, plazo 00:00:35",
        ),
        (
            Lugar.MUERTOS,
            "Respuesta",
            Motivo.RESPUESTA_MUERTA,
            "la respuesta de pagos a PROCESAR_PAGO, intento 1, murió en saga-orchestrator a las 00:00:06:"
            " falló 1 vez (ValueError: x); nadie la tratará sin"
            f" `aeropartners muertos reencolar {MUERTO}`, plazo 00:00:35",
        ),
    ],
)
def test_su_mensaje_esta_detenido(lugar: Lugar, tipo: str, motivo: Motivo, dice: str) -> None:
    """A command or reply that is held up anywhere is the reason, with where and since when."""
    escenario = pagando()
    espera = por_que(escenario, en(lugar, PAGO, escenario.ahora + timedelta(seconds=1), tipo))
    assert (espera.motivo, espera.texto) == (motivo, dice)


@pytest.mark.parametrize(
    ("tipo", "motivo", "que"),
    [
        ("ProcesarPago", Motivo.ORDEN_DESCARTADA, "la orden ProcesarPago de PROCESAR_PAGO, intento 1,"),
        ("Respuesta", Motivo.RESPUESTA_DESCARTADA, "la respuesta de pagos a PROCESAR_PAGO, intento 1,"),
    ],
)
def test_su_mensaje_fue_descartado(tipo: str, motivo: Motivo, que: str) -> None:
    """It waits for no answer: nobody will give one; what comes of it, and what may be done, is said."""
    escenario = pagando()
    letra = replace(
        en(Lugar.DESCARTADO, PAGO, escenario.ahora, tipo), quien="maría", motivo="ya no hace falta"
    )
    espera = por_que(escenario, letra)
    assert (espera.motivo, espera.ordenes) == (motivo, ("cancelar",))
    assert espera.texto == (
        f"{que} murió en {letra.consumidor} y maría la descartó a las 00:00:05 (ya no hace falta): nadie la"
        " tratará; a su plazo la SAGA se deshará; `aeropartners saga cancelar` la deshace ya, plazo 00:00:35"
    )


def test_la_orden_descartada_de_una_compensacion() -> None:
    """At its deadline an undo is asked for again, and there is nothing to cancel."""
    escenario = Escenario().exito(CAMPANA).rechazo(PAGO, "no")
    espera = por_que(escenario, en(Lugar.DESCARTADO, CANCELAR, escenario.ahora, "CancelarCampana"))
    assert espera.motivo is Motivo.ORDEN_DESCARTADA
    assert "nadie la tratará; a su plazo se pedirá otra vez, plazo" in espera.texto


def test_el_plazo_se_mueve_por_lo_que_causo_la_orden() -> None:
    """What the command caused elsewhere moves the deadline as well: our outage is nobody's silence."""
    escenario = pagando()
    cobro = Paradero(Lugar.SALIDA, "CobrarPago", "llamadas-pagos", escenario.ahora, MUERTO, PAGO, 1)
    espera = por_que(escenario, cobro)
    assert espera.motivo is Motivo.ORDEN_EN_SALIDA
    assert "se mueve" in espera.texto


@pytest.mark.parametrize(
    "ajeno",
    [
        {"paso": CAMPANA},
        {"intento": 2},
        {"momento": datetime.fromisoformat("2025-12-31T00:00:00Z")},
    ],
)
def test_lo_ajeno_no_es_la_razon(ajeno: dict[str, object]) -> None:
    """A message of another step, attempt or round explains nothing."""
    escenario = pagando()
    datos = {"lugar": Lugar.MUERTOS, "paso": PAGO, "momento": escenario.ahora, "tipo": "ProcesarPago"} | ajeno
    assert por_que(escenario, en(**datos)).motivo is Motivo.RESPUESTA  # type: ignore[arg-type]


def test_manda_lo_mas_grave() -> None:
    """A dead reply explains more than a retried command, and a pause more than both."""
    escenario = pagando()
    ahora = escenario.ahora
    detenidos = (en(Lugar.REINTENTOS, PAGO, ahora), en(Lugar.MUERTOS, PAGO, ahora, "Respuesta"))
    assert por_que(escenario, *detenidos).motivo is Motivo.RESPUESTA_MUERTA
    assert por_que(escenario.averia(PAGO, 1), *detenidos).motivo is Motivo.PAUSA


def test_un_reenviado_se_dice_sin_fallos() -> None:
    """A dead letter that an operator sent back has no failure to tell."""
    escenario = pagando()
    espera = por_que(escenario, en(Lugar.REINTENTOS, PAGO, escenario.ahora, fallos=0))
    assert "00:00:05: reencolado por un operador" in espera.texto


def test_otro_dia_se_dice() -> None:
    """An hour of another day comes with its date."""
    terminada = Escenario().rechazo(CAMPANA, "no")
    assert por_que(terminada, dentro_de=86_400).texto.endswith("a las 2026-01-01 00:00:00")


def test_las_enviadas() -> None:
    """Every command of the whole story: steps, retries, undos and their retries."""
    escenario = pagando().averia(PAGO, 1).pasan(2).rechazo(PAGO, "no", 2).averia(CANCELAR, 1).pasan(2)
    assert [(e.paso, e.intento, e.tema) for e in enviadas_de(escenario.saga, escenario.eventos)] == [
        (CAMPANA, 1, "comandos-campanas"),
        (PAGO, 1, "comandos-pagos"),
        (PAGO, 2, "comandos-pagos"),
        (CANCELAR, 1, "comandos-campanas"),
        (CANCELAR, 2, "comandos-campanas"),
    ]


def test_el_relato_dice_donde_esta_cada_mensaje() -> None:
    """What is held up is said of its own attempt, the newest first; all else is published."""
    escenario = atascada()
    viejo = escenario.ahora
    escenario.ahora += timedelta(seconds=60)
    intervenciones.reintentar_compensacion(escenario.saga, escenario.ahora)
    nuevo = en(Lugar.REINTENTOS, CANCELAR, escenario.ahora, "CancelarCampana")
    suelto = en(Lugar.MUERTOS, CANCELAR, viejo, "Respuesta", intento=4)
    relato = contar(escenario.saga, escenario.eventos, [nuevo, suelto], [], escenario.ahora)
    enviados = [(m["paso"], m["intento"], m["lugar"]) for m in relato["mensajes"] if "enviado" in m]
    assert enviados[-1] == (CANCELAR, 1, "reintentos")
    assert {lugar for _, _, lugar in enviados[:-1]} == {"publicado"}
    assert [(m["tipo"], m["lugar"]) for m in relato["mensajes"] if "enviado" not in m] == [
        ("Respuesta", "muertos")
    ]


def test_el_relato_junta_las_ordenes() -> None:
    """Orders to the saga and about its dead letters stand together, by time, with who and why."""
    escenario = pagando()
    reenvio = Auditada("muertos.reencolar", "luis", "ya está arreglado", escenario.ahora)
    escenario.ahora += timedelta(seconds=1)
    intervenciones.cancelar(escenario.saga, "se pidió", escenario.ahora)
    intervenciones.auditar(escenario.saga, "cancelar", "se pidió", "maría", escenario.ahora)
    relato = contar(escenario.saga, escenario.eventos, [], [reenvio], escenario.ahora)
    assert [(o["orden"], o["quien"], o["motivo"]) for o in relato["ordenes"]] == [
        ("muertos.reencolar", "luis", "ya está arreglado"),
        ("cancelar", "maría", "se pidió"),
    ]
    assert relato["despertar"]["motivo"] == "plazo"
    assert relato["historia"][-1]["detalle"] == "orden: cancelar, quien: maría, motivo: se pidió"
