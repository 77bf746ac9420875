"""The operator's REST API beside the orders: explanation, stuck sagas, and previews of orders."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate

from aeropartners.seedwork.aplicacion.formularios import Esquema, MomentoUtc, Texto
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import id_valido
from saga_orchestrator.aplicacion.ordenes import ACCIONES
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.consultas.explicacion import LecturasExplicacion
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from saga_orchestrator.infraestructura.consultas.seleccion import Filtro, Seleccion
from saga_orchestrator.infraestructura.rest import respuestas

MAXIMO = 1_000


class _DeSagas(Esquema):
    """A query whose `estado` must be one of the known words.

    They are those of all systems, and some differ only in case: an `enum` of them would be no client's.
    """

    estado = Texto()

    def __init__(self, estados: Sequence[str]) -> None:
        super().__init__()
        una_de_ellas = validate.OneOf(estados)
        self.fields["estado"].validators.append(lambda dicho: una_de_ellas(dicho))
        self.fields["estado"].metadata = {
            **self.fields["estado"].metadata,
            "x-extensible-enum": list(estados),
        }


class FiltroEsquema(_DeSagas):
    """The query of the preview of an order."""

    saga_id = fields.UUID()
    atascadas = fields.Boolean()
    paso = Texto(maximo=100)
    desde = MomentoUtc()
    hasta = MomentoUtc()
    limite = fields.Integer(load_default=100, validate=validate.Range(1, MAXIMO))


class TodasEsquema(_DeSagas):
    """The query of the list of all systems' sagas."""

    tipo = Texto(maximo=100)
    pagina = fields.Integer(load_default=1, validate=validate.Range(1, 10_000_000))
    limite = fields.Integer(load_default=20, validate=validate.Range(1, 100))


def rutas_sagas(
    lecturas: LecturasExplicacion, seleccion: Seleccion, sagas: LecturasSagas, registro: Registro
) -> Blueprint:
    """Return the blueprint of the operator's queries about sagas of all known types."""
    tipos, estados = registro.tipos, registro.palabras_de_estado
    vistas = respuestas.vistas(estados)
    b = Blueprint("operador", __name__, url_prefix="/saga", description="Explicación de sagas")

    @b.get("/<saga_id>/explicacion")
    @exige(Permiso.LEER)
    @b.response(200, vistas.explicacion)
    def explicar(saga_id: str) -> Response:
        """Return the explanation of a saga: its whole story, and why it waits."""
        id = id_valido(saga_id, "ID de SAGA inválido")
        relato = lecturas.una(id)
        if relato is None:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        return jsonify(relato)

    @b.get("/todas")
    @exige(Permiso.LEER)
    @b.response(200, vistas.todas)
    @b.arguments(TodasEsquema(estados), location="query")
    def todas(consulta: dict[str, Any]) -> Response:
        """List the sagas of every system, newest first; `GET /saga/` has one system's."""
        numero, limite = consulta["pagina"], consulta["limite"]
        if (tipo := consulta.get("tipo", tipos[0])) not in tipos:
            raise ValidationError({"query": {"tipo": [f"Debe ser uno de: {', '.join(tipos)}"]}})
        elegidos = (tipo,) if "tipo" in consulta else tipos
        encontradas, total = sagas.pagina(elegidos, consulta.get("estado"), (numero - 1) * limite, limite)
        return jsonify({"sagas": encontradas, "total": total, "pagina": numero, "limite": limite})

    @b.get("/atascadas")
    @exige(Permiso.LEER)
    @b.response(200, vistas.atascadas)
    def atascadas() -> Response:
        """List the sagas that ask for attention, that no orchestrator wakes up, or whose message is dead."""
        encontradas = lecturas.atascadas()
        return jsonify({"sagas": encontradas, "total": len(encontradas)})

    for orden in ACCIONES:
        b.get(f"/simular/{orden}", endpoint=f"simular-{orden}")(
            exige(Permiso.LEER)(b.response(200, vistas.previa)(_simular(b, seleccion, estados, orden)))
        )
    return b


def _simular(b: Blueprint, seleccion: Seleccion, estados: Sequence[str], orden: str) -> Callable[..., Any]:
    @b.alt_response(404, "NOT_FOUND")
    @b.arguments(FiltroEsquema(estados), location="query")
    def simular(consulta: dict[str, Any]) -> Response:
        """Say what the order would do to each saga that the filter finds; nothing is changed."""
        limite = consulta.pop("limite")
        elegidas, hay_mas = seleccion.prever(orden, Filtro(**consulta), limite)
        if "saga_id" in consulta and not elegidas:
            raise NoEncontrado(f"SAGA {consulta['saga_id']} no encontrada")
        return jsonify({"orden": orden, "elegidos": elegidas, "hay_mas": hay_mas})

    hecha: Callable[..., Any] = simular
    return hecha
