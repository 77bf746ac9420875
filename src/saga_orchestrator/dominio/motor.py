"""The engine: given a saga and a fact, the events that follow and the commands to send; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from saga_orchestrator.dominio.definicion import Comando, Definicion, Politica, Tipo
from saga_orchestrator.dominio.rechazos import exigir_atencion, exigir_en_marcha
from saga_orchestrator.dominio.saga import Avance, EventoSaga, Fase, Saga


@dataclass(frozen=True, slots=True)
class ComandoDePaso:
    """A command for a participant, with the words its reply comes back with.

    `version` is that of the event that orders it; no other command has it.
    """

    comando: Comando
    paso: str
    intento: int
    version: int


@dataclass(frozen=True, slots=True)
class Replica:
    """A participant's reply as the engine sees it; `intento` None for a foreign message.

    `incierto`: the failure is technical and may have had its effect all the same.
    """

    paso: str
    intento: int | None
    exito: bool
    resultado: dict[str, Any]
    error: str
    reintentable: bool
    incierto: bool = False


Comandos = list[ComandoDePaso]
SIN_RESPUESTA = "Tiempo de espera agotado"
A_TIEMPO = timedelta(0)


def iniciar(
    saga: Saga,
    definicion: Definicion,
    datos: dict[str, Any],
    timeout_minutos: int,
    correlacion_id: str,
    ahora: datetime,
) -> Comandos:
    """Begin: the first step is requested."""
    saga.definicion = definicion
    datos_evento = {
        "tipo": definicion.tipo,
        "datos_iniciales": datos,
        "timeout_minutos": timeout_minutos,
        "correlation_id": correlacion_id,
        "definicion": definicion.version,
    }
    _registrar(saga, Tipo.INICIADA, ahora, datos_evento, estado=definicion.estados.iniciada)
    return [_pedir(saga, ahora)]


def responder(saga: Saga, replica: Replica, ahora: datetime) -> Comandos:
    """Take a reply: close the open step or undo, retry it, or undo what came too late."""
    memoria = saga.memoria
    for indice, paso in enumerate(saga.definicion.pasos):
        if paso.tipo == replica.paso:
            if memoria.fase is Fase.ADELANTE and indice == memoria.actual:
                return _responder_paso(saga, replica, ahora)
            return _responder_tarde(saga, indice, replica, ahora)
    if memoria.fase is Fase.ATRAS and saga.compensacion(-1).tipo == replica.paso:
        return _responder_compensacion(saga, replica, ahora)
    return []


def vencer(saga: Saga, ahora: datetime, en_salida: bool, demora: timedelta = A_TIEMPO) -> Comandos:
    """Look at the clock: retry what is due, give up what is late. `en_salida`: the broker is away.

    A reply that came in time may lie unread for `demora`: only deadlines that are older count.
    """
    abierto = saga.abierto
    if abierto is None:
        return []
    leido = ahora - demora
    if saga.limite and saga.limite <= leido:
        return _agotar_tiempo(saga, ahora)
    if saga.plazo and saga.plazo <= leido:
        return _agotar_plazo(saga, ahora, en_salida)
    if abierto.reintentar_en and abierto.reintentar_en <= ahora:
        return _reintentar(saga, abierto, ahora)
    return []


def _agotar_plazo(saga: Saga, ahora: datetime, en_salida: bool) -> Comandos:
    if en_salida:
        saga.aplazar(ahora)
        return []
    if saga.memoria.fase is Fase.ATRAS:
        return _fallo_de_compensacion(saga, SIN_RESPUESTA, ahora)
    if saga.sin_vuelta:
        avance = saga.memoria.pasos[saga.memoria.actual]
        politica = saga.paso(avance.paso).politica
        _fallo_tecnico(saga, avance, politica, SIN_RESPUESTA, ahora, incierto=True)
        return []
    _ejecutado(saga, ahora, error=SIN_RESPUESTA, incierto=True)
    return _fallar(saga, SIN_RESPUESTA, ahora)


def cancelar(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """Stop a running saga and undo what it did; raises OrdenFueraDeEstado."""
    exigir_en_marcha(saga)
    return _fallar(saga, f"Cancelada por el operador: {motivo}", ahora)


def reintentar_compensacion(saga: Saga, ahora: datetime) -> Comandos:
    """Go on from the undo that stuck, with all its attempts anew; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "reintentar")
    _registrar(saga, Tipo.REINTENTADO, ahora, {"intento": 1}, indice=len(saga.memoria.compensaciones) - 1)
    return [_comando_compensacion(saga)]


def omitir_compensacion(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """Count the undo that stuck as done, for a reason; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "omitir")
    return _compensado(saga, {"omitida": True, "motivo": motivo}, ahora)


def cerrar(saga: Saga, motivo: str, ahora: datetime) -> Comandos:
    """End a stuck saga in its failed word, the reason kept; raises OrdenFueraDeEstado."""
    exigir_atencion(saga, "cerrar")
    _registrar(saga, Tipo.CERRADA, ahora, {"motivo": motivo}, estado=saga.definicion.estados.fallida)
    return []


def auditar(saga: Saga, orden: str, motivo: str, quien: str, ahora: datetime) -> None:
    """Record who ordered what and why, before the order takes effect."""
    _registrar(saga, Tipo.ORDEN_OPERADOR, ahora, {"orden": orden, "motivo": motivo, "quien": quien})


def _responder_paso(saga: Saga, replica: Replica, ahora: datetime) -> Comandos:
    avance = saga.memoria.pasos[saga.memoria.actual]
    if replica.exito:
        _ejecutado(saga, ahora, resultado=replica.resultado)
        return _lograr(saga, replica.resultado, ahora)
    if avance.reintentar_en or (replica.intento is not None and replica.intento != avance.intentos):
        return []
    paso = saga.paso(avance.paso)
    incierto = replica.reintentable and (replica.incierto or avance.incierto)
    quedan = avance.intentos < paso.politica.intentos or paso.firme or (incierto and paso.sin_vuelta)
    if (replica.reintentable or paso.firme) and quedan:
        if saga.plazo and saga.plazo <= ahora:
            # It came in time, and was read late for an outage of ours: the next try has a step's time.
            saga.aplazar(ahora)
        _fallo_tecnico(saga, avance, paso.politica, replica.error, ahora, incierto=incierto)
        return []
    error = replica.error or "El paso falló"
    _ejecutado(saga, ahora, error=error, resultado=replica.resultado or None, incierto=incierto)
    return _fallar(saga, replica.error, ahora)


def _responder_tarde(saga: Saga, indice: int, replica: Replica, ahora: datetime) -> Comandos:
    """A success of a step that was given up has an effect: it is undone, whatever the saga did since."""
    avance = saga.memoria.pasos[indice]
    if not replica.exito or avance.exitoso or avance.incierto or not avance.intentos:
        return []
    _registrar(saga, Tipo.EXITO_TARDIO, ahora, {"resultado": replica.resultado}, indice=indice)
    return _deshacer(saga, ahora) if saga.memoria.fase is Fase.FIN else []


def _responder_compensacion(saga: Saga, replica: Replica, ahora: datetime) -> Comandos:
    avance = saga.memoria.compensaciones[-1]
    if avance.exitoso:
        return []
    if replica.exito:
        return _compensado(saga, replica.resultado, ahora)
    if saga.memoria.requiere_atencion or avance.reintentar_en:
        return []
    if replica.intento is not None and replica.intento != avance.intentos:
        return []
    return _fallo_de_compensacion(saga, replica.error or "La compensación falló", ahora)


def _lograr(saga: Saga, resultado: Mapping[str, Any], ahora: datetime) -> Comandos:
    actual = saga.memoria.actual
    paso = saga.paso(actual)
    campo_id, campo_datos = paso.presentacion.campos
    id = paso.presentacion.identificador(resultado)
    datos = {campo_id: id, campo_datos: dict(resultado)}
    _registrar(saga, Tipo.PASO_LOGRADO, ahora, datos, indice=actual, estado=paso.estado)
    if actual + 1 < len(saga.definicion.pasos):
        return [_pedir(saga, ahora)]
    final = {saga.paso(a.paso).tipo: a.resultado for a in saga.memoria.pasos}
    _registrar(
        saga, Tipo.COMPLETADA, ahora, {"resultado_final": final}, estado=saga.definicion.estados.completada
    )
    return []


def _fallar(saga: Saga, error: str, ahora: datetime) -> Comandos:
    datos = {"error": error, "paso_fallido": saga.paso(saga.memoria.actual).tipo}
    _registrar(saga, Tipo.FALLIDA, ahora, datos, estado=saga.definicion.estados.fallida)
    return _deshacer(saga, ahora)


def _deshacer(saga: Saga, ahora: datetime) -> Comandos:
    """Begin the next undo, if anything is left to undo."""
    if not saga.por_deshacer:
        return []
    paso = saga.por_deshacer[0]
    numero = len(saga.memoria.compensaciones)
    datos = {
        "paso_a_compensar": saga.paso(paso).tipo,
        "compensacion_id": str(uuid5(saga.id, f"compensacion:{numero}")),
        "indice_paso": paso,
    }
    estado = saga.definicion.estados.compensando
    _registrar(saga, Tipo.COMPENSACION_INICIADA, ahora, datos, indice=numero, estado=estado)
    return [_comando_compensacion(saga)]


def _compensado(saga: Saga, resultado: dict[str, Any], ahora: datetime) -> Comandos:
    indice = len(saga.memoria.compensaciones) - 1
    avance = saga.memoria.compensaciones[indice]
    ejecutada = _datos_compensacion(saga, avance) | {"resultado": resultado}
    _registrar(saga, Tipo.COMPENSACION_EJECUTADA, ahora, ejecutada, indice=indice)
    estados = saga.definicion.estados
    estado = estados.compensando if saga.por_deshacer else estados.compensada
    completada = {"compensacion_id": str(avance.id), "resultado": resultado}
    _registrar(saga, Tipo.COMPENSACION_COMPLETADA, ahora, completada, indice=indice, estado=estado)
    return _deshacer(saga, ahora)


def _fallo_de_compensacion(saga: Saga, error: str, ahora: datetime) -> Comandos:
    indice = len(saga.memoria.compensaciones) - 1
    avance = saga.memoria.compensaciones[indice]
    politica = saga.compensacion(indice).politica
    if avance.intentos < politica.intentos:
        _fallo_tecnico(saga, avance, politica, error, ahora)
        return []
    datos = {"compensacion_id": str(avance.id), "error": error}
    _registrar(saga, Tipo.COMPENSACION_FALLIDA, ahora, datos, indice=indice)
    return []


def _fallo_tecnico(
    saga: Saga, avance: Avance, politica: Politica, error: str, ahora: datetime, *, incierto: bool = False
) -> None:
    espera = politica.espera(avance.intentos, saga.id.int % 1_000 / 1_000)
    datos: dict[str, Any] = {"error": error, "intento": avance.intentos, "espera_s": espera}
    if incierto:
        datos["incierto"] = True
    if saga.sin_vuelta and avance.intentos >= saga.definicion.atencion_tras:
        datos["atencion"] = True
    _registrar(saga, Tipo.FALLO_TECNICO, ahora, datos, indice=avance.paso)


def _reintentar(saga: Saga, abierto: Avance, ahora: datetime) -> Comandos:
    _registrar(saga, Tipo.REINTENTADO, ahora, {"intento": abierto.intentos + 1}, indice=abierto.paso)
    adelante = saga.memoria.fase is Fase.ADELANTE
    return [_comando_paso(saga) if adelante else _comando_compensacion(saga)]


def _agotar_tiempo(saga: Saga, ahora: datetime) -> Comandos:
    _registrar(saga, Tipo.TIEMPO_AGOTADO, ahora, {"timeout_minutos": saga.memoria.timeout_minutos})
    return _fallar(saga, f"La SAGA superó los {saga.memoria.timeout_minutos} minutos", ahora)


def _ejecutado(
    saga: Saga,
    ahora: datetime,
    *,
    resultado: dict[str, Any] | None = None,
    error: str | None = None,
    incierto: bool = False,
) -> None:
    indice = saga.memoria.actual
    paso = saga.paso(indice)
    datos: dict[str, Any] = {
        "paso_id": str(saga.memoria.pasos[indice].id),
        "tipo_paso": paso.tipo,
        "datos": paso.presentacion.datos(saga.datos_iniciales),
    }
    if resultado is not None:
        datos["resultado"] = resultado
    if error is not None:
        datos["error"] = error
    if incierto:
        datos["incierto"] = True
    _registrar(saga, Tipo.PASO_EJECUTADO, ahora, datos, indice=indice)


def _datos_compensacion(saga: Saga, avance: Avance) -> dict[str, Any]:
    paso = saga.paso(avance.paso)
    assert paso.compensacion is not None
    return {
        "compensacion_id": str(avance.id),
        "tipo_compensacion": paso.compensacion.tipo,
        "datos": {"paso": paso.tipo, "id": str(saga.id_de(avance.paso))},
    }


def _pedir(saga: Saga, ahora: datetime) -> ComandoDePaso:
    """Ask for the step that is open now, and say so where the system has a word for it."""
    actual = saga.memoria.actual
    if anuncio := saga.paso(actual).presentacion.anuncio:
        _registrar(saga, Tipo.PASO_PEDIDO, ahora, {}, indice=actual, estado=anuncio)
    return _comando_paso(saga)


def _comando_paso(saga: Saga) -> ComandoDePaso:
    actual = saga.memoria.actual
    paso = saga.paso(actual)
    comando = paso.comando(saga, saga.id_de(actual))
    return ComandoDePaso(comando, paso.tipo, saga.memoria.pasos[actual].intentos, saga.version)


def _comando_compensacion(saga: Saga) -> ComandoDePaso:
    avance = saga.memoria.compensaciones[-1]
    definida = saga.compensacion(-1)
    comando = definida.comando(saga, saga.id_de(avance.paso))
    return ComandoDePaso(comando, definida.tipo, avance.intentos, saga.version)


def _registrar(
    saga: Saga,
    tipo: Tipo,
    fecha: datetime,
    datos: dict[str, Any],
    *,
    indice: int = 0,
    estado: str | None = None,
) -> None:
    palabra, datos = saga.definicion.decir(saga, tipo, indice, datos)
    orden = saga.memoria.publicos + 1 if palabra else 0
    comunes = {
        "id": str(id_evento(saga.id, saga.version + 1)),
        "fecha_evento": fecha.isoformat(),
        "saga_id": str(saga.id),
        "orden": orden,
    }
    saga.registrar(
        EventoSaga(
            tipo=tipo,
            palabra=palabra or tipo,
            estado=estado or saga.memoria.estado,
            fecha=fecha,
            datos=comunes | datos,
            indice=indice,
            orden=orden,
        )
    )


def id_evento(saga_id: UUID, version: int) -> UUID:
    """The id of an event, the same however often it is published."""
    return uuid5(saga_id, f"evento:{version}")
