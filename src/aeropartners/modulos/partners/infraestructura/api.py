"""The REST API of partners (004, section 4)."""

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint

from aeropartners.contratos.formularios import DatosDePartnerEsquema, PartnerEsquema
from aeropartners.contratos.partners import (
    PASO_CREAR,
    ActualizarPartner,
    CrearIntegracion,
    CrearPartner,
    EliminarPartner,
    RevocarIntegracion,
    VerificarKyc,
    clave_de_creacion,
)
from aeropartners.modulos.partners.infraestructura import esquemas, respuestas
from aeropartners.modulos.partners.infraestructura.lecturas import LecturasPartners
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import CABECERA, Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import PaginaEsquema, uuid_o_nada


class RutasPartners:
    """The routes of partners."""

    def __init__(self, escritura: Escritura, lecturas: LecturasPartners, ids: Identificadores) -> None:
        self.escritura = escritura
        self._lecturas = lecturas
        self._ids = ids

    def crear(self, cuerpo: dict[str, Any]) -> Response:
        """Create a partner; under a saga's key, a repeat is the same creation."""
        saga_id = _saga()
        suya = saga_id and request.headers.get(CABECERA) == clave_de_creacion(saga_id)
        id = id_de_paso(saga_id, PASO_CREAR) if saga_id and suya else self._ids.nuevo()
        mensaje = CrearPartner(id, **cuerpo)
        return self.escritura.hacer(mensaje, id, _creado, idempotente=True, saga_id=saga_id, estado=201)

    def lista(self, consulta: dict[str, Any]) -> Response:
        """List partners, oldest first, deleted ones included."""
        filas, total = self._lecturas.lista(consulta.get("limit"), consulta["offset"])
        return jsonify({"partners": [respuestas.en_lista(f) for f in filas], "total": total})

    def uno(self, partner_id: str) -> Response:
        """Return a partner with its integrations."""
        return jsonify({"partner": respuestas.entero(*self._buscado(partner_id))})

    def actualizar(self, cuerpo: dict[str, Any], partner_id: str) -> Response:
        """Change a partner's data."""
        id = _id(partner_id)
        return self.escritura.hacer(ActualizarPartner(id, cuerpo), id, _actualizado)

    def eliminar(self, partner_id: str) -> Response:
        """Delete a partner softly, and revoke its integrations."""
        saga_id, (fila, _) = _saga(), self._buscado(partner_id)
        id = UUID(fila.id)
        return self.escritura.hacer(EliminarPartner(id, fila.email), id, _eliminado, saga_id=saga_id)

    def verificar(self, cuerpo: dict[str, Any], partner_id: str) -> Response:
        """Record the outcome of a partner's verification."""
        id = _id(partner_id)
        return self.escritura.hacer(VerificarKyc(id, **cuerpo), id, _verificado)

    def integrar(self, cuerpo: dict[str, Any], partner_id: str) -> Response:
        """Add an integration to a partner."""
        id = _id(partner_id)
        configuracion = cuerpo.pop("configuracion") or {}
        mensaje = CrearIntegracion(id, self._ids.nuevo(), configuracion=configuracion, **cuerpo)

        def presentar(decision: Decision) -> dict[str, Any]:
            integracion: Any = decision.resultado
            return {
                "mensaje": "Integración creada",
                "integracion": respuestas.integracion(integracion, str(id)),
            }

        return self.escritura.hacer(mensaje, id, presentar, idempotente=True, estado=201)

    def revocar(self, cuerpo: dict[str, Any], integracion_id: str) -> Response:
        """Revoke an integration."""
        suya = uuid_o_nada(integracion_id)
        partner_id = self._lecturas.partner_de(str(suya)) if suya else None
        if suya is None or partner_id is None:
            raise ErrorDeDominio("Integración no encontrada", "INTEGRACION_NO_ENCONTRADA")
        mensaje = RevocarIntegracion(UUID(partner_id), suya, cuerpo["motivo"])
        return self.escritura.hacer(mensaje, mensaje.id, _revocada)

    def _buscado(self, partner_id: str) -> tuple[Any, Any]:
        encontrado = self._lecturas.uno(str(_id(partner_id)))
        if encontrado is None:
            raise ErrorDeDominio("Partner no encontrado", "PARTNER_NO_ENCONTRADO")
        return encontrado


def _id(texto: str) -> UUID:
    id = uuid_o_nada(texto)
    if id is None:
        raise ErrorDeDominio("Partner no encontrado", "PARTNER_NO_ENCONTRADO")
    return id


def _saga() -> UUID | None:
    """Return the saga in the header `X-Saga-ID`, None without a valid one; errors will name it too."""
    g.saga_id = uuid_o_nada(request.headers.get("X-Saga-ID", ""))
    saga_id: UUID | None = g.saga_id
    return saga_id


def _creado(decision: Decision) -> dict[str, Any]:
    return {"mensaje": "Partner creado", "partner": respuestas.partner(_partner(decision))}


def _actualizado(decision: Decision) -> dict[str, Any]:
    return {"mensaje": "Partner actualizado", "partner": respuestas.partner(_partner(decision))}


def _verificado(decision: Decision) -> dict[str, Any]:
    return {"mensaje": "KYC actualizado", "partner": respuestas.verificado(_partner(decision))}


def _eliminado(decision: Decision) -> dict[str, Any]:
    return {"mensaje": "Partner eliminado", "partner_id": str(_partner(decision).id)}


def _revocada(decision: Decision) -> dict[str, Any]:
    hecho: Any = decision.resultado
    id = str(hecho.integracion_id)
    return {"mensaje": "Integración revocada", "integracion_id": id, "motivo": hecho.motivo}


def _partner(decision: Decision) -> Any:
    return decision.resultado


def rutas(casos: RutasPartners) -> Blueprint:
    """Return the blueprint; routes without an id win over those with one."""
    b = Blueprint("partners", __name__, url_prefix="/api/v1/partners", description="Partners")
    e, r = esquemas, respuestas
    leer, crear, cambiar = map(exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR))
    pagina = b.arguments(PaginaEsquema, location="query")(casos.lista)
    actualizado = b.arguments(DatosDePartnerEsquema)(casos.actualizar)
    verificado = b.arguments(e.KycEsquema)(casos.verificar)
    creado = b.response(201, r.CREADO)(b.arguments(PartnerEsquema())(casos.crear))
    b.post("/")(crear(situada(".uno", partner_id="partner.id")(casos.escritura.repetible(creado))))
    b.get("/")(leer(b.response(200, r.PAGINA)(pagina)))
    b.get("/<partner_id>")(leer(b.response(200, r.UNO)(casos.uno)))
    b.put("/<partner_id>")(cambiar(b.response(200, r.CAMBIADO)(actualizado)))
    # As to create: a saga that creates a partner may have to undo it.
    b.delete("/<partner_id>")(crear(b.response(200, r.ELIMINADO)(casos.eliminar)))
    b.put("/<partner_id>/kyc")(cambiar(b.response(200, r.VERIFICADO)(verificado)))
    integrada = b.response(201, r.INTEGRADO)(b.arguments(e.IntegracionEsquema)(casos.integrar))
    b.post("/<partner_id>/integraciones")(cambiar(casos.escritura.repetible(integrada)))
    revocada = b.arguments(e.RevocacionEsquema, required=False)(casos.revocar)
    b.put("/integraciones/<integracion_id>/revocar")(cambiar(b.response(200, r.REVOCADA)(revocada)))
    return b
