"""The explanation of a saga as one object: why it waits, its steps, messages, events and orders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saga_orchestrator.aplicacion.espera import Lugar, Paradero, esperar
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import Avance, EventoSaga
from saga_orchestrator.dominio.paso import Politica
from saga_orchestrator.dominio.saga import Saga

Objeto = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrdenEnviada:
    """One command that the saga sent: an attempt of a step or undo."""

    paso: str
    intento: int
    tema: str
    fecha: datetime


@dataclass(frozen=True, slots=True)
class Auditada:
    """An operator's order, as the audit or the saga's events have it."""

    orden: str
    quien: str
    motivo: str
    fecha: datetime


def contar(
    saga: Saga,
    eventos: Sequence[EventoSaga],
    paraderos: Sequence[Paradero],
    auditadas: Sequence[Auditada],
    ahora: datetime,
) -> Objeto:
    """Return the explanation of a saga at `ahora`.

    `auditadas` are the orders about its dead letters; the orders to the saga are among `eventos`.
    """
    memoria = saga.memoria
    enviadas = list(enviadas_de(saga, eventos))
    espera = esperar(saga, paraderos, enviadas[-1].fecha, ahora)
    ordenes = sorted([*_ordenes(eventos), *auditadas], key=lambda o: o.fecha)
    return {
        "saga_id": saga.id,
        "tipo": saga.definicion.tipo,
        "definicion": saga.definicion.version,
        "estado": memoria.estado,
        "fase": memoria.fase,
        "requiere_atencion": memoria.requiere_atencion,
        "error_message": memoria.error,
        "correlation_id": memoria.correlacion_id,
        "fecha_inicio": memoria.fecha_inicio,
        "fecha_fin": memoria.fecha_fin,
        "vence": memoria.vence,
        "consultada": ahora,
        "espera": {"motivo": espera.motivo, "texto": espera.texto, "ordenes": list(espera.ordenes)},
        "despertar": _despertar(saga),
        "pasos": [_paso(saga, avance) for avance in memoria.pasos],
        "compensaciones": [_compensacion(saga, i) for i in range(len(memoria.compensaciones))],
        "mensajes": _mensajes(enviadas, paraderos),
        "ordenes": [
            {"orden": o.orden, "quien": o.quien, "motivo": o.motivo, "fecha": o.fecha} for o in ordenes
        ],
        "historia": [_suceso(version, evento) for version, evento in enumerate(eventos, 1)],
    }


def enviadas_de(saga: Saga, eventos: Sequence[EventoSaga]) -> Iterator[OrdenEnviada]:
    """Return every command that these events sent, oldest first."""
    paso, tema = "", ""
    for evento in eventos:
        intento = 1
        match evento.tipo:
            case Tipo.INICIADA:
                paso, tema = _adelante(saga, 0)
            case Tipo.PASO_LOGRADO if evento.indice + 1 < len(saga.definicion.pasos):
                paso, tema = _adelante(saga, evento.indice + 1)
            case Tipo.COMPENSACION_INICIADA:
                paso, tema = _atras(saga, int(evento.datos["indice_paso"]))
            case Tipo.REINTENTADO:
                intento = int(evento.datos["intento"])
            case _:
                continue
        yield OrdenEnviada(paso, intento, tema, evento.fecha)


def _adelante(saga: Saga, indice: int) -> tuple[str, str]:
    paso = saga.paso(indice)
    return paso.tipo, paso.tema


def _atras(saga: Saga, indice: int) -> tuple[str, str]:
    paso = saga.paso(indice)
    assert paso.compensacion is not None
    return paso.compensacion.tipo, paso.tema_compensacion


def _mensajes(enviadas: Sequence[OrdenEnviada], paraderos: Sequence[Paradero]) -> list[Objeto]:
    """Return each sent command with the place where it is now, then the other held up messages of the saga.

    A held up message is given to the newest attempt that fits: attempts are counted from 1 again after an
    operator's retry, so an older attempt can have the same number.
    """
    restantes = list(paraderos)
    mensajes = []
    for e in reversed(enviadas):
        suyo = next((p for p in restantes if p.tema == e.tema and p.es_de(e.paso, e.intento, e.fecha)), None)
        if suyo:
            restantes.remove(suyo)
        mensajes.append(_mensaje(suyo) | {"paso": e.paso, "intento": e.intento, "enviado": e.fecha})
        mensajes[-1]["tema"] = e.tema
    return [*reversed(mensajes), *(_mensaje(p) for p in restantes)]


def _mensaje(p: Paradero | None) -> Objeto:
    if p is None:
        return {"lugar": Lugar.PUBLICADO}
    campos = ["lugar", "tipo", "tema", "id", "paso", "intento", "consumidor", "fallos", "error", "momento"]
    if p.lugar is Lugar.DESCARTADO:
        campos += ["quien", "motivo"]
    return {campo: getattr(p, campo) for campo in campos}


def _despertar(saga: Saga) -> Objeto | None:
    abierto, momento = saga.abierto, saga.despertar
    if abierto is None or momento is None:
        return None
    if momento == abierto.reintentar_en:
        motivo = "siguiente intento"
    else:
        motivo = "plazo" if momento == saga.plazo else "plazo total de la SAGA"
    return {"momento": momento, "motivo": motivo}


def _paso(saga: Saga, avance: Avance) -> Objeto:
    paso = saga.paso(avance.paso)
    clase = None if saga.es_ajena else paso.clase
    return {"tipo": paso.tipo, "clase": clase, **_avance(saga, avance, paso.politica)}


def _compensacion(saga: Saga, indice: int) -> Objeto:
    undo, avance = saga.compensacion(indice), saga.memoria.compensaciones[indice]
    return {"tipo": undo.tipo, "paso": saga.paso(avance.paso).tipo, **_avance(saga, avance, undo.politica)}


def _avance(saga: Saga, avance: Avance, politica: Politica) -> Objeto:
    return {
        "id": avance.id,
        "exitoso": avance.exitoso,
        "incierto": avance.incierto,
        "intentos": avance.intentos,
        "intentos_maximos": None if saga.es_ajena else politica.intentos,
        "error": avance.error,
        "resultado": avance.resultado,
        "solicitado_en": avance.solicitado_en,
        "fecha_fin": avance.fecha_fin,
        "plazo": saga.plazo if avance is saga.abierto else avance.plazo,
        "reintentar_en": avance.reintentar_en,
    }


def _ordenes(eventos: Sequence[EventoSaga]) -> Iterator[Auditada]:
    for e in eventos:
        if e.tipo is Tipo.ORDEN_OPERADOR:
            yield Auditada(e.datos["orden"], e.datos["quien"], e.datos["motivo"], e.fecha)


def _suceso(version: int, evento: EventoSaga) -> Objeto:
    return {
        "version": version,
        "fecha": evento.fecha,
        "clase": evento.tipo,
        "evento": evento.palabra,
        "estado": evento.estado,
        "detalle": _detalle(evento),
    }


_INTERESAN = (
    "tipo_paso",
    "paso_fallido",
    "paso_a_compensar",
    "tipo_compensacion",
    "intento",
    "espera_s",
    "plazo_s",
    "orden",
    "quien",
    "motivo",
    "error",
)


def _detalle(evento: EventoSaga) -> str:
    """Return the fields of an event that an operator reads, as one text.

    `orden` is a word in an operator's order, and a count in all other events: the count is left out.
    """
    datos = evento.datos
    return ", ".join(
        f"{campo}: {datos[campo]}"
        for campo in _INTERESAN
        if datos.get(campo) not in (None, "") and (campo != "orden" or isinstance(datos[campo], str))
    )
