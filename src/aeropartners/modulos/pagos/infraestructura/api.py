"""The REST API of payments (001, section 5)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.pagos import CrearPago, RevertirPago
from aeropartners.modulos.pagos.aplicacion.solicitudes import PAGO
from aeropartners.modulos.pagos.dominio.pago import Estado, Pago
from aeropartners.modulos.pagos.dominio.solicitud import LARGO_TEXTO
from aeropartners.modulos.pagos.infraestructura import respuestas
from aeropartners.modulos.pagos.infraestructura.lecturas import LecturasPagos
from aeropartners.seedwork.aplicacion.formularios import Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.serializacion import numero
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.dominio.valores import LARGO_MOTIVO
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    DesdeEsquema,
    MotivoEsquema,
    id_valido,
)

ID_INVALIDO = "ID de pago inválido"
NO_EXISTE = "Pago no encontrado"


class ReversionEsquema(MotivoEsquema):
    """The body of a reversal."""

    motivo = Texto(required=True, maximo=LARGO_MOTIVO)


class ListaEsquema(DesdeEsquema):
    """The query of a list."""

    estado = fields.String(load_default=None, validate=validate.OneOf([str(e) for e in Estado]))
    id_afiliado = Texto(load_default=None, maximo=LARGO_TEXTO)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))


def rutas_pagos(
    escritura: Escritura, lecturas: LecturasPagos, ids: Identificadores, limpiar: Callable[[], int]
) -> Blueprint:
    """Return the blueprint of /pagos."""
    pagos = Blueprint("pagos", __name__, url_prefix="/pagos", description="Pagos")
    _escrituras(pagos, escritura, ids)
    _consultas(pagos, lecturas)

    @pagos.delete("/cleanup")
    @exige(Permiso.ADMINISTRAR)
    @pagos.response(200, respuestas.LIMPIEZA)
    def limpieza() -> Response:
        """Remove all payments (cleanup route)."""
        total = limpiar()
        mensaje = f"{total} pagos eliminados"
        return jsonify({"mensaje": mensaje, "total_eliminados": total, "timestamp": datetime.now(UTC)})

    return pagos


def _escrituras(pagos: Blueprint, escritura: Escritura, ids: Identificadores) -> None:
    @pagos.post("/")
    @exige(Permiso.CREAR)
    @situada(".uno", id_pago="id_pago")
    @escritura.repetible
    @pagos.response(200, respuestas.CREADO)
    @pagos.arguments(PAGO)
    def crear(cuerpo: dict[str, Any]) -> Response:
        """Create a payment; it is PENDIENTE and comes to its end without further calls."""
        id = ids.nuevo()
        mensaje = CrearPago(id=id, **{**cuerpo, "metadata": cuerpo.get("metadata") or {}})
        return escritura.hacer(mensaje, id, _creado, idempotente=True, saga_id=_saga())

    @pagos.patch("/<id_pago>/revertir")
    @exige(Permiso.CREAR)
    @pagos.response(200, respuestas.REVERTIDO)
    @pagos.arguments(ReversionEsquema)
    def revertir(cuerpo: dict[str, Any], id_pago: str) -> Response:
        """Revert a payment; a repeat gets the same answer."""
        id, saga_id = id_valido(id_pago, ID_INVALIDO), cuerpo["saga_id"] or _saga()
        return escritura.hacer(RevertirPago(id, cuerpo["motivo"], saga_id), id, _revertido, saga_id=saga_id)


def _consultas(pagos: Blueprint, lecturas: LecturasPagos) -> None:
    @pagos.get("/")
    @exige(Permiso.LEER)
    @pagos.response(200, respuestas.PAGINA)
    @pagos.arguments(ListaEsquema, location="query")
    def lista(consulta: dict[str, Any]) -> Response:
        """List payments, newest first."""
        limite, desde = consulta["limit"], consulta["offset"]
        pagina, total = lecturas.lista(consulta["estado"], consulta["id_afiliado"], limite, desde)
        return jsonify({"pagos": pagina, "total": total, "limit": limite, "offset": desde})

    @pagos.get("/outbox/estadisticas")
    @exige(Permiso.LEER)
    @pagos.response(200, respuestas.ESTADISTICAS)
    def estadisticas() -> Response:
        """Count the public events, and those still in the outbox."""
        return jsonify(lecturas.publicacion())

    @pagos.get("/<id_pago>")
    @exige(Permiso.LEER)
    @pagos.response(200, respuestas.PAGO)
    def uno(id_pago: str) -> Response:
        """Return a payment."""
        pago = lecturas.uno(id_valido(id_pago, ID_INVALIDO))
        if pago is None:
            raise NoEncontrado(NO_EXISTE)
        return jsonify(pago)


def _saga() -> UUID | None:
    """Return the saga in the header `X-Saga-ID`; None without a valid one."""
    try:
        return UUID(request.headers["X-Saga-ID"])
    except (KeyError, ValueError):
        return None


def _pago(decision: Decision) -> Pago:
    assert isinstance(decision.resultado, Pago)
    return decision.resultado


def _creado(decision: Decision) -> dict[str, Any]:
    pago = _pago(decision)
    assert pago.solicitud is not None
    return {
        "id_pago": pago.id,
        "id_afiliado": pago.solicitud.id_afiliado,
        "monto": numero(pago.solicitud.monto),
        "moneda": pago.solicitud.moneda,
        "estado": str(pago.estado),
        "referencia_pago": pago.solicitud.referencia_pago,
        "fecha_creacion": pago.solicitud.fecha,
        "mensaje": "Pago creado; se está procesando",
    }


def _revertido(decision: Decision) -> dict[str, Any]:
    pago = _pago(decision)
    return {"id_pago": pago.id, "estado": str(pago.estado), "mensaje": f"Pago revertido: {pago.motivo}"}
