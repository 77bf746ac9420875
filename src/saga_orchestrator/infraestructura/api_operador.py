"""The operator's REST beside the orders: why a saga waits, which are stuck, and the dead letters."""

from typing import Any

import msgspec
from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.auditoria import Anotacion
from aeropartners.seedwork.infraestructura.muertos import Muerto, Muertos
from aeropartners.seedwork.infraestructura.web.esquemas import Esquema, Texto, id_valido
from saga_orchestrator.infraestructura import respuestas
from saga_orchestrator.infraestructura.explicacion import LecturasExplicacion

ID_INVALIDO = "ID de mensaje inválido"


class ConsumidorEsquema(Esquema):
    """The query that tells apart a message that is dead in several consumers."""

    consumidor = Texto(maximo=60)


class PaginaEsquema(ConsumidorEsquema):
    """The query of the list of dead letters."""

    pagina = fields.Integer(load_default=1, validate=validate.Range(1, 10_000_000))
    limite = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class ReenvioEsquema(Esquema):
    """Who sends a dead letter back, and why."""

    motivo = Texto(required=True, maximo=500)
    quien = Texto(required=True, maximo=100)


def rutas_sagas(lecturas: LecturasExplicacion) -> Blueprint:
    """Return the blueprint of what an operator reads about sagas."""
    b = Blueprint("operador", __name__, url_prefix="/saga", description="Explicación de sagas")

    @b.get("/<saga_id>/explicacion")
    @b.response(200, respuestas.EXPLICACION)
    def explicar(saga_id: str) -> Response:
        """Tell the whole story of a saga, and why it waits."""
        id = id_valido(saga_id, "ID de SAGA inválido")
        relato = lecturas.una(id)
        if relato is None:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        return jsonify(relato)

    @b.get("/atascadas")
    @b.response(200, respuestas.ATASCADAS)
    def atascadas() -> Response:
        """List the sagas that ask for attention, or that nobody has woken up."""
        encontradas = lecturas.atascadas()
        return jsonify({"sagas": encontradas, "total": len(encontradas)})

    return b


def rutas_muertos(muertos: Muertos) -> Blueprint:
    """Return the blueprint of the dead letters."""
    b = Blueprint("muertos", __name__, url_prefix="/muertos", description="Mensajes muertos")

    @b.get("/")
    @b.response(200, respuestas.MUERTOS)
    @b.arguments(PaginaEsquema, location="query")
    def listar(consulta: dict[str, Any]) -> Response:
        """List dead letters, newest first."""
        numero, limite = consulta["pagina"], consulta["limite"]
        encontrados, total = muertos.pagina(consulta.get("consumidor"), numero, limite)
        lista = [_breve(m) for m in encontrados]
        return jsonify({"muertos": lista, "total": total, "pagina": numero, "limite": limite})

    @b.get("/<id>")
    @b.response(200, respuestas.MUERTO)
    @b.arguments(ConsumidorEsquema, location="query")
    def ver(consulta: dict[str, Any], id: str) -> Response:
        """Return a dead letter with its body and what was ordered about it."""
        muerto, ordenes = muertos.uno(id_valido(id, ID_INVALIDO), consulta.get("consumidor"))
        return jsonify(_breve(muerto) | {"cuerpo": _cuerpo(muerto), "ordenes": [_orden(o) for o in ordenes]})

    @b.post("/<id>/reenviar")
    @b.response(202, respuestas.REENVIADO)
    @b.arguments(ConsumidorEsquema, location="query")
    @b.arguments(ReenvioEsquema)
    def reenviar(consulta: dict[str, Any], cuerpo: dict[str, Any], id: str) -> tuple[Response, int]:
        """Send a dead letter back to its consumer, audited; refused when it is not dead."""
        muerto, destino = muertos.reenviar(
            id_valido(id, ID_INVALIDO), consulta.get("consumidor"), cuerpo["quien"], cuerpo["motivo"]
        )
        mensaje = f"Mensaje devuelto a {muerto.consumidor} por {destino}"
        return jsonify(
            {"mensaje": mensaje, "id": id, "consumidor": muerto.consumidor, "destino": destino}
        ), 202

    return b


def _breve(m: Muerto) -> dict[str, Any]:
    sobre = m.sobre
    return {
        "id": m.id,
        "consumidor": m.consumidor,
        "tema": m.tema,
        "tipo": sobre.tipo if sobre else None,
        "saga_id": sobre.saga_id if sobre else None,
        "paso": sobre.paso if sobre else None,
        "intentos": m.intentos,
        "error": m.error,
        "fecha": m.fecha,
    }


def _cuerpo(m: Muerto) -> Any:
    try:
        return msgspec.json.decode(m.cuerpo)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return m.cuerpo.decode("utf-8", "replace")


def _orden(o: Anotacion) -> dict[str, Any]:
    return {"orden": o.orden, "quien": o.quien, "motivo": o.motivo, "fecha": o.fecha, "datos": o.datos}
