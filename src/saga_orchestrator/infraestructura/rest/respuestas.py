"""The OpenAPI schemas of the answers about sagas of any system."""

from collections.abc import Iterable
from typing import NamedTuple

from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import ORDENES
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    Objeto,
    conocida,
    lista,
    nulo,
    objeto,
    una_de,
)
from saga_orchestrator.aplicacion.espera import Lugar, Motivo
from saga_orchestrator.aplicacion.ordenes import ACCIONES
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import Fase
from saga_orchestrator.dominio.paso import Clase

SITUACIONES = ("MUERTO", "DESCARTADO")

ENTRADA = objeto(
    id=ID,
    tipo=TEXTO,
    exitoso=nulo(LOGICO),
    error=nulo(TEXTO),
    fecha_ejecucion=nulo(MOMENTO),
    resultado=nulo(LIBRE),
)


def saga(estado: Objeto, tipo: Objeto) -> Objeto:
    """Return the schema of the status object (001, section 2) with these state and type words."""
    return objeto(
        saga_id=ID,
        estado=estado,
        tipo=tipo,
        pasos=lista(ENTRADA),
        compensaciones=lista(ENTRADA),
        fecha_inicio=MOMENTO,
        fecha_fin=nulo(MOMENTO),
        error_message=nulo(TEXTO),
        requiere_atencion=LOGICO,
    )


def pagina(de: Objeto) -> Objeto:
    """Return the schema of a page of sagas."""
    return objeto(sagas=lista(de), total=ENTERO, pagina=ENTERO, limite=ENTERO)


def cambiada(estado: Objeto) -> Objeto:
    """Return the schema of the answer to an order about a saga."""
    return objeto(mensaje=TEXTO, saga_id=ID, estado=estado)


ESPERA = objeto(motivo=una_de(Motivo), texto=TEXTO, ordenes=lista(una_de(ACCIONES)))
_AVANCE = {
    "id": ID,
    "exitoso": nulo(LOGICO),
    "incierto": LOGICO,
    "intentos": ENTERO,
    "intentos_maximos": nulo(ENTERO),
    "error": nulo(TEXTO),
    "resultado": nulo(LIBRE),
    "solicitado_en": nulo(MOMENTO),
    "fecha_fin": nulo(MOMENTO),
    "plazo": nulo(MOMENTO),
    "reintentar_en": nulo(MOMENTO),
}
# A message that was sent and is held up nowhere has only its place; the other fields are of held up messages.
MENSAJE = objeto(
    ("tipo", "id", "consumidor", "fallos", "error", "momento", "quien", "motivo", "enviado"),
    lugar=una_de(Lugar),
    tema=TEXTO,
    paso=nulo(TEXTO),
    intento=ENTERO,
    enviado=MOMENTO,
    tipo=TEXTO,
    id=nulo(ID),
    consumidor=TEXTO,
    fallos=ENTERO,
    error=TEXTO,
    momento=MOMENTO,
    quien=TEXTO,
    motivo=TEXTO,
)
ORDEN = objeto(orden=TEXTO, quien=TEXTO, motivo=TEXTO, fecha=MOMENTO)
MUERTO = objeto(
    id=ID,
    consumidor=TEXTO,
    tema=TEXTO,
    tipo=nulo(TEXTO),
    saga_id=nulo(ID),
    paso=nulo(TEXTO),
    intentos=ENTERO,
    error=TEXTO,
    fecha=MOMENTO,
)
MUERTOS = objeto(muertos=lista(MUERTO), total=ENTERO, pagina=ENTERO, limite=ENTERO)
_PREVISION = {"se_hara": LOGICO, "detalle": TEXTO}
# A previewed id that is not a dead letter has no other field than the id.
MUERTO_PREVISTO = objeto(
    tuple(MUERTO["properties"].keys() - {"id", "consumidor"}),
    **{**MUERTO["properties"], "consumidor": nulo(TEXTO)},
    **_PREVISION,
)
PREVIA_MUERTOS = objeto(orden=una_de(ORDENES), elegidos=lista(MUERTO_PREVISTO), hay_mas=LOGICO)
MUERTO_ENTERO = objeto(
    **MUERTO["properties"],
    situacion=una_de(SITUACIONES),
    cuerpo={},
    ordenes=lista(objeto(**ORDEN["properties"], datos=LIBRE)),
)
MUERTO_ORDENADO = objeto(mensaje=TEXTO, id=ID, consumidor=TEXTO, destino=TEXTO)


class Vistas(NamedTuple):
    """The schemas of the answers about sagas of any system."""

    todas: Objeto
    ordenada: Objeto
    explicacion: Objeto
    atascadas: Objeto
    previa: Objeto


def vistas(estados: Iterable[str]) -> Vistas:
    """Return the schemas with the known state words; a saga of a newer release may have another word."""
    estado = conocida(estados)
    suceso = objeto(
        version=ENTERO,
        fecha=MOMENTO,
        clase=conocida(Tipo),
        evento=TEXTO,
        estado=estado,
        detalle=TEXTO,
    )
    explicacion = objeto(
        saga_id=ID,
        tipo=TEXTO,
        definicion=ENTERO,
        estado=estado,
        fase=una_de(Fase),
        requiere_atencion=LOGICO,
        error_message=nulo(TEXTO),
        correlation_id=TEXTO,
        fecha_inicio=nulo(MOMENTO),
        fecha_fin=nulo(MOMENTO),
        vence=nulo(MOMENTO),
        consultada=MOMENTO,
        espera=ESPERA,
        despertar=nulo(objeto(momento=MOMENTO, motivo=TEXTO)),
        pasos=lista(objeto(tipo=TEXTO, clase=nulo(una_de(Clase)), **_AVANCE)),
        compensaciones=lista(objeto(tipo=TEXTO, paso=TEXTO, **_AVANCE)),
        mensajes=lista(MENSAJE),
        ordenes=lista(ORDEN),
        historia=lista(suceso),
    )
    atascada = objeto(
        saga_id=ID,
        tipo=TEXTO,
        estado=estado,
        requiere_atencion=LOGICO,
        abierto=TEXTO,
        fecha_inicio=nulo(MOMENTO),
        error_message=nulo(TEXTO),
        espera=ESPERA,
    )
    prevista = objeto(id=ID, tipo=TEXTO, estado=estado, paso=TEXTO, fecha_inicio=nulo(MOMENTO), **_PREVISION)
    return Vistas(
        pagina(saga(estado, TEXTO)),
        cambiada(estado),
        explicacion,
        objeto(sagas=lista(atascada), total=ENTERO),
        objeto(orden=una_de(ACCIONES), elegidos=lista(prevista), hay_mas=LOGICO),
    )
