"""The orchestrator's REST API of campaign sagas: start, status, list, and synchronising a payment."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.saga import IniciarSaga, SincronizarPaso
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import id_valido
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from saga_orchestrator.sistemas.campanas import respuestas
from saga_orchestrator.sistemas.campanas.definicion import TIPO, InicioEsquema

PASO_PAGO = "PROCESAR_PAGO"
LeerPago = Callable[[UUID], dict[str, Any] | None]


class ListaEsquema(Esquema):
    """The query of a list."""

    estado = Texto(validate=validate.OneOf(respuestas.ESTADOS))
    tipo = Texto(validate=validate.OneOf((TIPO,)))
    pagina = fields.Integer(load_default=1, validate=validate.Range(1, 10_000_000))
    limite = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class RutasSaga:
    """The routes of campaign sagas; `leer_pago` returns a payment of the module pagos, or None."""

    def __init__(
        self,
        escritura: Escritura,
        admision: Admision,
        lecturas: LecturasSagas,
        ids: Identificadores,
        leer_pago: LeerPago,
        timeout_minutos: int,
    ) -> None:
        self.escritura = escritura
        self._admision = admision
        self._lecturas = lecturas
        self._ids = ids
        self._leer_pago = leer_pago
        self._timeout = timeout_minutos

    def iniciar(self, cuerpo: dict[str, Any]) -> Response:
        """Start a campaign saga; idempotent by `Idempotency-Key`."""
        self._admision.exigir()
        saga_id = self._ids.nuevo()
        minutos = cuerpo.pop("timeout_minutos") or self._timeout
        mensaje = IniciarSaga(saga_id, TIPO, cuerpo, minutos)
        return self.escritura.hacer(mensaje, saga_id, _iniciada, idempotente=True, saga_id=saga_id)

    def estado(self, saga_id: str) -> Response:
        """Return the status object."""
        id = id_valido(saga_id, "ID de SAGA inválido")
        objeto = self._lecturas.una(id, (TIPO,))
        if objeto is None:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        return jsonify(objeto)

    def lista(self, consulta: dict[str, Any]) -> Response:
        """Return a page of sagas, newest first."""
        encontradas, total = self._lecturas.pagina(
            (TIPO,), consulta.get("estado"), (consulta["pagina"] - 1) * consulta["limite"], consulta["limite"]
        )
        return jsonify(
            {"sagas": encontradas, "total": total, "pagina": consulta["pagina"], "limite": consulta["limite"]}
        )

    def sincronizar(self, saga_id: str, payment_id: str) -> Response:
        """Read a payment's real state and apply it as if its event had come."""
        id = id_valido(saga_id, "ID de SAGA inválido")
        pago_id = id_valido(payment_id, "ID de pago inválido")
        if self._lecturas.una(id, (TIPO,)) is None:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        pago = self._leer_pago(pago_id)
        if pago is None:
            raise NoEncontrado("Pago no encontrado")
        if pago_id != id_de_paso(id, PASO_PAGO):
            raise ErrorDeDominio("El pago pertenece a otra SAGA", "CONFLICTO_DE_ESTADO")
        if pago["estado"] not in ("EXITOSO", "FALLIDO"):
            return jsonify(
                {"mensaje": f"El pago sigue {pago['estado']}", "saga_id": str(id), **self._estado(id)}
            )
        exito = pago["estado"] == "EXITOSO"
        mensaje = SincronizarPaso(
            id,
            PASO_PAGO,
            exito,
            {"id_pago": str(pago_id), "estado": pago["estado"]},
            pago.get("mensaje_error") or "",
        )
        return self.escritura.hacer(mensaje, id, _sincronizada, siempre=True, saga_id=id)

    def _estado(self, id: UUID) -> dict[str, Any]:
        objeto = self._lecturas.una(id, (TIPO,))
        return {"estado": objeto["estado"] if objeto else None}


def _saga(decision: Decision) -> Saga:
    saga = decision.resultado
    assert isinstance(saga, Saga)
    return saga


def _iniciada(decision: Decision) -> dict[str, Any]:
    saga = _saga(decision)
    return {
        "exito": True,
        "saga_id": str(saga.id),
        "estado": saga.definicion.estados.iniciada,
        "mensaje": "SAGA iniciada exitosamente",
        "datos_iniciales": saga.datos_iniciales,
    }


def _sincronizada(decision: Decision) -> dict[str, Any]:
    saga = _saga(decision)
    return {"mensaje": "Pago sincronizado", "saga_id": str(saga.id), "estado": saga.memoria.estado}


def rutas(casos: RutasSaga) -> list[Blueprint]:
    """Return the blueprints of the orchestrator."""
    saga = Blueprint("saga", __name__, url_prefix="/saga", description="Sagas de campañas")
    iniciada, pagina = saga.response(200, respuestas.INICIADA), saga.response(200, respuestas.PAGINA)
    leer, crear, cambiar = map(exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR))
    inicio = casos.escritura.repetible(iniciada(saga.arguments(InicioEsquema())(casos.iniciar)))
    saga.post("/crear-campana-completa")(crear(situada(".estado", saga_id="saga_id")(inicio)))
    saga.get("/<saga_id>/status")(leer(saga.response(200, respuestas.SAGA)(casos.estado)))
    saga.get("/")(leer(pagina(saga.arguments(ListaEsquema, location="query")(casos.lista))))

    sincronizacion = Blueprint("sincronizacion", __name__, description="Sincronización de pagos")
    sincronizada = sincronizacion.response(200, respuestas.ORDENADA)
    sincronizacion.post("/sync-payment/<saga_id>/<payment_id>")(cambiar(sincronizada(casos.sincronizar)))
    return [saga, sincronizacion]
