"""The REST API of the dead letters: list, detail, orders and their previews."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.seedwork.aplicacion.auditoria import Anotacion
from aeropartners.seedwork.aplicacion.formularios import Esquema, MomentoUtc, Texto
from aeropartners.seedwork.aplicacion.serializacion import MALFORMADO
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import ORDENES, Filtro, Muerto, Prevista
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from aeropartners.seedwork.infraestructura.web.acceso.auditor import dar_por_anotada, firma_actual
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import id_valido
from saga_orchestrator.infraestructura.rest import respuestas
from saga_orchestrator.infraestructura.rest.api_ordenes import OrdenEsquema

ID_INVALIDO = "ID de mensaje inválido"
MAXIMO = 1_000
HECHO = {"reencolar": "Mensaje devuelto a", "descartar": "Mensaje descartado de"}


class ConsumidorEsquema(Esquema):
    """The query `consumidor`: a message can be dead in several consumers."""

    consumidor = Texto(maximo=60)


class PaginaEsquema(ConsumidorEsquema):
    """The query of the list of dead letters."""

    pagina = fields.Integer(load_default=1, validate=validate.Range(1, 10_000_000))
    limite = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class FiltroEsquema(ConsumidorEsquema):
    """The query of the preview of an order."""

    id = fields.UUID()
    tipo = Texto(maximo=100)
    saga_id = fields.UUID()
    desde = MomentoUtc()
    hasta = MomentoUtc()
    limite = fields.Integer(load_default=100, validate=validate.Range(1, MAXIMO))


class OrdenFirmadaEsquema(OrdenEsquema):
    """Who orders it, and why."""

    quien = Texto(required=True, maximo=100)


def rutas_muertos(muertos: Muertos) -> Blueprint:
    """Return the blueprint of the dead letters."""
    b = Blueprint("muertos", __name__, url_prefix="/muertos", description="Mensajes muertos")

    @b.get("/")
    @exige(Permiso.LEER)
    @b.response(200, respuestas.MUERTOS)
    @b.arguments(PaginaEsquema, location="query")
    def lista(consulta: dict[str, Any]) -> Response:
        """List dead letters, newest first."""
        numero, limite = consulta["pagina"], consulta["limite"]
        encontrados, total = muertos.pagina(consulta.get("consumidor"), numero, limite)
        breves = [_breve(m) for m in encontrados]
        return jsonify({"muertos": breves, "total": total, "pagina": numero, "limite": limite})

    @b.get("/<id>")
    @exige(Permiso.LEER)
    @b.response(200, respuestas.MUERTO_ENTERO)
    @b.arguments(ConsumidorEsquema, location="query")
    def ver(consulta: dict[str, Any], id: str) -> Response:
        """Return a dead or discarded letter, with its body and the orders about it."""
        muerto, ordenes, tirado = muertos.uno(id_valido(id, ID_INVALIDO), consulta.get("consumidor"))
        detalle = {"cuerpo": _cuerpo(muerto), "ordenes": [_orden(o) for o in ordenes]}
        return jsonify(_breve(muerto) | {"situacion": respuestas.SITUACIONES[tirado]} | detalle)

    for orden in ORDENES:
        ordenar = b.response(202, respuestas.MUERTO_ORDENADO)(_ordenar(b, muertos, orden))
        simular = b.response(200, respuestas.PREVIA_MUERTOS)(_simular(b, muertos, orden))
        b.post(f"/<id>/{orden}", endpoint=orden)(exige(Permiso.CAMBIAR)(ordenar))
        b.get(f"/simular/{orden}", endpoint=f"simular-{orden}")(exige(Permiso.LEER)(simular))
    return b


def _ordenar(b: Blueprint, muertos: Muertos, orden: str) -> Callable[..., Any]:
    @b.arguments(ConsumidorEsquema, location="query")
    @b.arguments(OrdenFirmadaEsquema)
    def ordenar(consulta: dict[str, Any], cuerpo: dict[str, Any], id: str) -> tuple[Response, int]:
        """Carry out an order about a dead letter, audited; refused when the message is not dead."""
        muerto, destino = muertos.ordenar(
            orden,
            id_valido(id, ID_INVALIDO),
            consulta.get("consumidor"),
            cuerpo["quien"],
            cuerpo["motivo"],
            firma_actual(),
        )
        dar_por_anotada()
        mensaje = f"{HECHO[orden]} {muerto.consumidor}: {_camino(destino)}"
        contestado = {"mensaje": mensaje, "id": id, "consumidor": muerto.consumidor, "destino": destino}
        return jsonify(contestado), 202

    hecha: Callable[..., Any] = ordenar
    return hecha


def _simular(b: Blueprint, muertos: Muertos, orden: str) -> Callable[..., Any]:
    @b.alt_response(404, "NOT_FOUND")
    @b.arguments(FiltroEsquema, location="query")
    def simular(consulta: dict[str, Any]) -> Response:
        """Say what the order would do to each letter that the filter finds; nothing is changed."""
        limite = consulta.pop("limite")
        previstas, hay_mas = muertos.prever(orden, Filtro(**consulta), limite)
        return jsonify({"orden": orden, "elegidos": [_prevista(p) for p in previstas], "hay_mas": hay_mas})

    hecha: Callable[..., Any] = simular
    return hecha


def _prevista(p: Prevista) -> dict[str, Any]:
    muerto = _breve(p.muerto) if p.muerto else {"id": p.id, "consumidor": None}
    return muerto | {"se_hara": not p.rechazo, "detalle": p.rechazo or _camino(p.destino)}


def _camino(destino: str) -> str:
    match destino:
        case "reintentos":
            return "por reintentos, ahora y sin fallos contados"
        case "auditoria":
            return "su fila pasa a auditoria con su cuerpo"
    return f"sale otra vez por {destino}"


def _breve(m: Muerto) -> dict[str, Any]:
    sobre = m.sobre
    return {
        "id": m.id,
        "consumidor": m.consumidor,
        "tema": m.tema,
        "tipo": m.tipo,
        "saga_id": m.saga_id,
        "paso": sobre.paso if sobre else None,
        "intentos": m.intentos,
        "error": m.error,
        "fecha": m.fecha,
    }


def _cuerpo(m: Muerto) -> Any:
    try:
        return msgspec.json.decode(m.cuerpo)
    except MALFORMADO:
        return m.cuerpo.decode("utf-8", "replace")


def _orden(o: Anotacion) -> dict[str, Any]:
    datos = {campo: valor for campo, valor in o.detalle.items() if campo not in ("cuerpo_base64", "quien")}
    orden, motivo = o.firma.operacion, o.firma.motivo
    return {"orden": orden, "quien": o.quien, "motivo": motivo, "fecha": o.momento, "datos": datos}
