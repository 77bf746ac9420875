"""How each kind of event changes a saga; what is stored is read with these very functions."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import Avance, Causa, EventoSaga, Fase

if TYPE_CHECKING:
    from saga_orchestrator.dominio.saga import Saga


def aplicar(saga: "Saga", evento: EventoSaga) -> None:
    """Change the saga by one of its events."""
    _APLICAR[evento.tipo](saga, evento)


def _iniciada(saga: "Saga", evento: EventoSaga) -> None:
    memoria, datos = saga.memoria, evento.datos
    saga.datos_iniciales = datos["datos_iniciales"]
    memoria.timeout_minutos = datos["timeout_minutos"]
    memoria.correlacion_id = datos["correlation_id"]
    memoria.fecha_inicio = evento.fecha
    memoria.timeout_s = datos.get("timeout_s")
    limite_s = memoria.timeout_s or memoria.timeout_minutos * 60
    memoria.vence = evento.fecha + timedelta(seconds=limite_s)
    memoria.pasos = [Avance(uuid5(saga.id, f"paso:{i}"), i) for i in range(len(saga.definicion.pasos))]
    saga.pedir(0, evento.fecha)


def _paso_ejecutado(saga: "Saga", evento: EventoSaga) -> None:
    avance = saga.memoria.pasos[evento.indice]
    _cerrar(avance, evento)
    saga.memoria.requiere_atencion = False
    avance.incierto = bool(evento.datos.get("incierto"))
    saga.tocar(avance)


def _paso_logrado(saga: "Saga", evento: EventoSaga) -> None:
    if (siguiente := evento.indice + 1) < len(saga.definicion.pasos):
        saga.pedir(siguiente, evento.fecha)


def _completada(saga: "Saga", evento: EventoSaga) -> None:
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha


def _fallida(saga: "Saga", evento: EventoSaga) -> None:
    saga.memoria.error = evento.datos["error"]
    causa = evento.datos.get("causa")
    saga.memoria.causa = Causa(causa) if causa else None
    abierto = saga.memoria.pasos[saga.memoria.actual]
    if abierto.exitoso is None and abierto.intentos:
        abierto.incierto = True
        saga.tocar(abierto)
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha


def _compensacion_iniciada(saga: "Saga", evento: EventoSaga) -> None:
    memoria = saga.memoria
    memoria.fase, memoria.fecha_fin = Fase.ATRAS, None
    avance = Avance(UUID(str(evento.datos["compensacion_id"])), int(evento.datos["indice_paso"]), intentos=1)
    avance.parte = int(evento.datos.get("parte", 0))
    memoria.compensaciones.append(avance)
    _abrir(saga, avance, evento)


def _compensacion_ejecutada(saga: "Saga", evento: EventoSaga) -> None:
    avance = saga.memoria.compensaciones[evento.indice]
    _cerrar(avance, evento)
    saga.tocar(avance)


def _compensacion_completada(saga: "Saga", evento: EventoSaga) -> None:
    saga.memoria.requiere_atencion = False
    if not saga.por_deshacer:
        saga.memoria.fase = Fase.FIN
        saga.memoria.fecha_fin = evento.fecha


def _compensacion_fallida(saga: "Saga", evento: EventoSaga) -> None:
    avance = saga.memoria.compensaciones[evento.indice]
    avance.exitoso, avance.error, avance.fecha_fin = False, evento.datos["error"], evento.fecha
    avance.plazo = avance.reintentar_en = None
    saga.memoria.requiere_atencion = True
    saga.tocar(avance)


def _fallo_tecnico(saga: "Saga", evento: EventoSaga) -> None:
    avance = saga.abierto
    assert avance is not None
    avance.error = evento.datos["error"]
    avance.reintentar_en = evento.fecha + timedelta(seconds=evento.datos["espera_s"])
    avance.incierto = avance.incierto or bool(evento.datos.get("incierto"))
    if saga.memoria.fase is Fase.ATRAS or saga.sin_vuelta:
        # Where nothing is given up the deadline is each attempt's: the next one brings its own.
        avance.plazo = None
    if evento.datos.get("atencion"):
        saga.memoria.requiere_atencion = True
    saga.tocar(avance)


def _reintentado(saga: "Saga", evento: EventoSaga) -> None:
    memoria = saga.memoria
    atras = memoria.fase is Fase.ATRAS
    avance = memoria.compensaciones[-1] if atras else memoria.pasos[memoria.actual]
    if atras:
        memoria.requiere_atencion = False
    avance.intentos = evento.datos["intento"]
    avance.reintentar_en = avance.error = avance.exitoso = avance.fecha_fin = None
    if atras:
        _abrir(saga, avance, evento)
    elif saga.sin_vuelta:
        avance.plazo = evento.fecha + timedelta(seconds=saga.paso(avance.paso).plazo_s)
    saga.tocar(avance)


def _parte_lograda(saga: "Saga", evento: EventoSaga) -> None:
    """The next part of the open step is on its way, within the step's deadline and attempts."""
    avance = saga.memoria.pasos[evento.indice]
    antes = avance.resultado if avance.parte else None
    avance.parte = int(evento.datos["parte"])
    avance.resultado = {**(antes or {}), **evento.datos["resultado"]}
    avance.reintentar_en = avance.error = None
    avance.incierto = False
    if saga.sin_vuelta:
        avance.plazo = evento.fecha + timedelta(seconds=saga.paso(avance.paso).plazo_s)
    saga.tocar(avance)


def _parte_deshecha(saga: "Saga", evento: EventoSaga) -> None:
    """The next part of the open undo is on its way, with a deadline of its own."""
    saga.memoria.requiere_atencion = False
    avance = saga.memoria.compensaciones[evento.indice]
    avance.parte = int(evento.datos["parte"])
    avance.resultado = evento.datos["resultado"]
    avance.reintentar_en = avance.error = avance.exitoso = avance.fecha_fin = None
    avance.intentos = 1
    _abrir(saga, avance, evento)


def _plazo_movido(saga: "Saga", evento: EventoSaga) -> None:
    """What moved deadlines once said; no saga says it any more."""
    avance = saga.abierto
    assert avance is not None
    avance.plazo = evento.fecha + timedelta(seconds=evento.datos["plazo_s"])
    saga.tocar(avance)


def _exito_tardio(saga: "Saga", evento: EventoSaga) -> None:
    avance = saga.memoria.pasos[evento.indice]
    avance.incierto = True
    avance.resultado = evento.datos["resultado"]
    saga.tocar(avance)


def _cerrada(saga: "Saga", evento: EventoSaga) -> None:
    saga.memoria.requiere_atencion = False
    saga.memoria.fase = Fase.FIN
    saga.memoria.fecha_fin = evento.fecha
    saga.memoria.error = f"{saga.memoria.error}; cerrada: {evento.datos['motivo']}"


def _sin_efecto(_saga: "Saga", _evento: EventoSaga) -> None:
    """An event that only records."""


def _cerrar(avance: Avance, evento: EventoSaga) -> None:
    avance.error = evento.datos.get("error")
    avance.exitoso = avance.error is None
    avance.resultado = evento.datos.get("resultado")
    avance.fecha_fin = evento.fecha
    avance.plazo = avance.reintentar_en = None


def _abrir(saga: "Saga", avance: Avance, evento: EventoSaga) -> None:
    definida = saga.paso(avance.paso).compensacion
    assert definida is not None
    avance.solicitado_en = avance.solicitado_en or evento.fecha
    avance.plazo = evento.fecha + timedelta(seconds=definida.plazo_s)
    saga.tocar(avance)


_APLICAR = {
    Tipo.INICIADA: _iniciada,
    Tipo.PASO_PEDIDO: _sin_efecto,
    Tipo.PASO_EJECUTADO: _paso_ejecutado,
    Tipo.PASO_LOGRADO: _paso_logrado,
    Tipo.COMPLETADA: _completada,
    Tipo.FALLIDA: _fallida,
    Tipo.COMPENSACION_INICIADA: _compensacion_iniciada,
    Tipo.COMPENSACION_EJECUTADA: _compensacion_ejecutada,
    Tipo.COMPENSACION_COMPLETADA: _compensacion_completada,
    Tipo.COMPENSACION_FALLIDA: _compensacion_fallida,
    Tipo.TIEMPO_AGOTADO: _sin_efecto,
    Tipo.FALLO_TECNICO: _fallo_tecnico,
    Tipo.REINTENTADO: _reintentado,
    Tipo.PARTE_LOGRADA: _parte_lograda,
    Tipo.PARTE_DESHECHA: _parte_deshecha,
    Tipo.PLAZO_MOVIDO: _plazo_movido,
    Tipo.EXITO_TARDIO: _exito_tardio,
    Tipo.ORDEN_OPERADOR: _sin_efecto,
    Tipo.CERRADA: _cerrada,
}
