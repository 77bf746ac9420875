"""The words of PARTNER_CREATION on `saga-events`, with the payload of each (004, section 7)."""

from saga_orchestrator.dominio.definicion import Datos, Tipo
from saga_orchestrator.dominio.memoria import Avance, Fase
from saga_orchestrator.dominio.saga import Saga

PARTNER, ALIANZA = 0, 1
PREFIJOS = {PARTNER: "delete_partner", ALIANZA: "cancel_alliance"}
Dicho = tuple[str | None, Datos]


def partner_id(saga: Saga) -> str | None:
    """Return the partner's id; None before the service has given it."""
    return _de(saga, PARTNER, "partner_id")


def alliance_id(saga: Saga) -> str | None:
    """Return the alliance's id; None before alianzas has given it."""
    return _de(saga, ALIANZA, "alliance_id")


def accion(saga: Saga, paso: int) -> str:
    """Return the entry of an undo in `compensation_actions`: with the effect's id, or else the saga's."""
    id = partner_id(saga) if paso == PARTNER else alliance_id(saga)
    return f"{PREFIJOS[paso]}:{id or saga.id}"


def acciones(saga: Saga) -> list[str]:
    """Return the entries of the undos that began; the entry of a skipped undo has the reason."""
    entradas = []
    for undo in saga.memoria.compensaciones:
        omitida = bool(undo.resultado and undo.resultado.get("omitida"))
        motivo = f" omitida: {undo.resultado['motivo']}" if omitida and undo.resultado else ""
        entradas.append(accion(saga, undo.paso) + motivo)
    return entradas


def decir(saga: Saga, tipo: Tipo, indice: int, datos: Datos) -> Dicho:
    """Return the public word of an event and its data; without a word (None) the event is not public."""
    if tipo in (Tipo.INICIADA, Tipo.FALLIDA, Tipo.COMPLETADA):
        return _de_la_saga(saga, tipo, datos)
    if tipo in (Tipo.PASO_PEDIDO, Tipo.PASO_LOGRADO, Tipo.PASO_EJECUTADO):
        return _del_paso(saga, tipo, indice, datos)
    if tipo is Tipo.COMPENSACION_INICIADA and saga.memoria.fase is not Fase.ATRAS:
        pendientes = [accion(saga, paso) for paso in saga.por_deshacer]
        return "compensation_started", {**datos, "compensation_actions": pendientes}
    if tipo is Tipo.COMPENSACION_COMPLETADA and not saga.por_deshacer:
        hechas = {accion(saga, c.paso): c.resultado for c in saga.memoria.compensaciones if c.exitoso}
        return "compensation_completed", {**datos, "compensation_results": hechas}
    return None, datos


def _de_la_saga(saga: Saga, tipo: Tipo, datos: Datos) -> Dicho:
    if tipo is Tipo.INICIADA:
        partner = datos["datos_iniciales"]["partner_data"]
        return "partner_creation_started", {**datos, "partner_data": partner}
    if tipo is Tipo.FALLIDA:
        return "saga_failed", {**datos, "step_failed": datos["paso_fallido"]}
    ids = {"partner_id": partner_id(saga), "alliance_id": alliance_id(saga)}
    return "saga_completed", {**datos, **ids}


def _del_paso(saga: Saga, tipo: Tipo, indice: int, datos: Datos) -> Dicho:
    partner = {"partner_data": saga.datos_iniciales["partner_data"]}
    conocido = {"partner_id": partner_id(saga)}
    if tipo is Tipo.PASO_LOGRADO:
        return saga.paso(indice).presentacion.evento, {
            **datos,
            **conocido,
            **(partner if indice == PARTNER else {}),
        }
    if tipo is Tipo.PASO_PEDIDO:
        return ("alliance_creation_started" if indice == ALIANZA else None), {**datos, **conocido}
    if "error" not in datos:
        return None, datos
    if indice == PARTNER:
        return "partner_creation_failed", {**datos, **partner}
    return "alliance_creation_failed", {**datos, **conocido}


def _de(saga: Saga, paso: int, campo: str) -> str | None:
    """Return a field of the step's result or, if its answer was lost, of the result of its undo."""
    contados: list[Avance] = [saga.memoria.pasos[paso]]
    contados += [c for c in saga.memoria.compensaciones if c.paso == paso]
    valores = (avance.resultado.get(campo) for avance in contados if avance.resultado)
    return next((str(valor) for valor in valores if valor is not None), None)
