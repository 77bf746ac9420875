"""The REST API of campaigns (001, section 4), under /campaigns and /api/campaigns."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields, validate

from aeropartners.contratos.campanas import (
    ActualizarCampana,
    ActualizarMetricas,
    CambiarEstadoCampana,
    CambiarPresupuesto,
    CancelarCampana,
    CrearCampana,
)
from aeropartners.modulos.campanas.aplicacion.solicitud import CAMPANA, CambioEsquema, PresupuestoEsquema
from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.infraestructura import respuestas
from aeropartners.modulos.campanas.infraestructura.lecturas import LecturasCampanas, metricas_de
from aeropartners.seedwork.aplicacion.formularios import Esquema, MontoJson, Texto
from aeropartners.seedwork.aplicacion.modulo import Decision
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.cabecera_location import situada
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.esquemas import (
    DesdeEsquema,
    MotivoEsquema,
    id_valido,
)

ID_INVALIDO = "ID de campaña inválido"
# The totals of all campaigns are numeric(18,4), on SQLite 64 bits: this limit keeps them from overflowing.
CUENTA = validate.Range(0, 10**9)
ACCIONES = {"activate": "activar", "pause": "pausar", "finish": "finalizar"}


class MetricasEsquema(Esquema):
    """The body of a change of figures."""

    impresiones = fields.Integer(strict=True, validate=CUENTA)
    clicks = fields.Integer(strict=True, validate=CUENTA)
    conversiones = fields.Integer(strict=True, validate=CUENTA)
    gasto_actual = MontoJson()


class ListaEsquema(DesdeEsquema):
    """The query of a list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))
    id_afiliado = Texto(vacio=True)


class AfiliadoEsquema(Esquema):
    """The query of the statistics."""

    id_afiliado = Texto(vacio=True)


class RutasCampanas:
    """The routes of campaigns; `limpiar` removes all campaigns and returns how many."""

    def __init__(
        self,
        escritura: Escritura,
        lecturas: LecturasCampanas,
        ids: Identificadores,
        limpiar: Callable[[], int],
    ) -> None:
        self.escritura = escritura
        self._lecturas = lecturas
        self._ids = ids
        self._limpiar = limpiar

    def crear(self, cuerpo: dict[str, Any]) -> Response:
        """Create a campaign."""
        id = self._ids.nuevo()
        dinero = cuerpo.pop("presupuesto")
        mensaje = CrearCampana(
            id=id, presupuesto_monto=dinero["monto"], presupuesto_moneda=dinero["moneda"], **cuerpo
        )
        return self.escritura.hacer(mensaje, id, _creada, idempotente=True)

    def una(self, id_campana: str) -> Response:
        """Return a campaign."""
        return jsonify(_objeto(self._fila(id_campana)))

    def lista(self, consulta: dict[str, Any]) -> Response:
        """List campaigns, newest first."""
        limite, desde = consulta["limit"], consulta["offset"]
        filas, total = self._lecturas.lista(consulta.get("id_afiliado"), limite, desde)
        lista = [_objeto(f) for f in filas]
        return jsonify(
            {"campanas": lista, "campaigns": lista, "total": total, "limit": limite, "offset": desde}
        )

    def actualizar(self, cuerpo: dict[str, Any], id_campana: str) -> Response:
        """Change a campaign's information."""
        id = id_valido(id_campana, ID_INVALIDO)
        return self.escritura.hacer(ActualizarCampana(id, **cuerpo), id, _hecho("Campaña actualizada"))

    def presupuesto(self, cuerpo: dict[str, Any], id_campana: str) -> Response:
        """Change a campaign's budget."""
        id = id_valido(id_campana, ID_INVALIDO)
        return self.escritura.hacer(CambiarPresupuesto(id, **cuerpo), id, _hecho("Presupuesto actualizado"))

    def medir(self, cuerpo: dict[str, Any], id_campana: str) -> Response:
        """Set a campaign's figures."""
        id = id_valido(id_campana, ID_INVALIDO)
        return self.escritura.hacer(ActualizarMetricas(id, **cuerpo), id, _hecho("Métricas actualizadas"))

    def accion(self, accion: str, cuerpo: dict[str, Any], id_campana: str) -> Response:
        """Change a campaign's state."""
        id = id_valido(id_campana, ID_INVALIDO)
        mensaje = CambiarEstadoCampana(id, ACCIONES[accion], cuerpo["motivo"] or "")
        presentar = _hecho("Estado de campaña actualizado")
        return self.escritura.hacer(mensaje, id, presentar, saga_id=cuerpo["saga_id"])

    def cancelar(self, cuerpo: dict[str, Any], id_campana: str) -> Response:
        """Cancel a campaign; a repeat gets the same answer."""
        id = id_valido(id_campana, ID_INVALIDO)
        mensaje = CancelarCampana(id, cuerpo["motivo"] or "", cuerpo["saga_id"])
        return self.escritura.hacer(mensaje, id, _hecho("Campaña cancelada"), saga_id=cuerpo["saga_id"])

    def metricas(self, id_campana: str) -> Response:
        """Return a campaign's figures, its grade and hints."""
        fila = self._fila(id_campana)
        metricas = metricas_de(fila)
        sugerencias = metricas.sugerencias(fila.presupuesto_monto)
        return jsonify(
            {
                "id_campana": str(fila.id),
                "metricas_basicas": _metricas(fila),
                "metricas_calculadas": {"roi": metricas.roi, "cpc": metricas.cpc, "cpa": metricas.cpa},
                "rendimiento": metricas.rendimiento,
                "optimizaciones": {"sugerencias": sugerencias, "total_sugerencias": len(sugerencias)},
            }
        )

    def generales(self, consulta: dict[str, Any]) -> Response:
        """Return the general statistics."""
        return jsonify(self._lecturas.generales(consulta.get("id_afiliado")))

    def publicacion(self) -> Response:
        """Count the published events and those still in the outbox."""
        return jsonify(self._lecturas.publicacion())

    def limpieza(self) -> Response:
        """Remove all campaigns (cleanup route)."""
        eliminadas = self._limpiar()
        ahora = datetime.now().astimezone()
        return jsonify({"mensaje": "Campañas eliminadas", "total_eliminadas": eliminadas, "timestamp": ahora})

    def salud(self) -> Response:
        """Tell whether the campaigns can be read."""
        self._lecturas.una(UUID(int=0))
        ahora = datetime.now().astimezone()
        return jsonify({"status": "healthy", "service": "campaigns", "timestamp": ahora})

    def _fila(self, id_campana: str) -> Any:
        fila = self._lecturas.una(id_valido(id_campana, ID_INVALIDO))
        if fila is None:
            raise NoEncontrado("Campaña no encontrada")
        return fila


def _metricas(fila: Any) -> dict[str, Any]:
    metricas = metricas_de(fila)
    return {
        "impresiones": metricas.impresiones,
        "clicks": metricas.clicks,
        "conversiones": metricas.conversiones,
        "gasto_actual": metricas.gasto_actual,
        "ctr": metricas.ctr,
        "tasa_conversion": metricas.tasa_conversion,
    }


def _objeto(fila: Any) -> dict[str, Any]:
    directos = ("nombre", "tipo", "descripcion", "estado", "fecha_inicio", "fecha_fin")
    return {
        "id": str(fila.id),
        **{c: getattr(fila, c) for c in directos},
        "presupuesto": {"monto": fila.presupuesto_monto, "moneda": fila.presupuesto_moneda},
        "fecha_creacion": fila.fecha_creacion,
        "fecha_actualizacion": fila.fecha_actualizacion,
        "id_afiliado": fila.id_afiliado,
        "metricas": _metricas(fila),
    }


def _creada(decision: Decision) -> dict[str, Any]:
    campana = decision.resultado
    assert isinstance(campana, Campana)
    datos, m = campana.datos, campana.metricas
    return {
        "id": campana.id,
        "nombre": datos.nombre,
        "tipo": datos.tipo,
        "descripcion": datos.descripcion,
        "estado": str(campana.estado),
        "presupuesto": {"monto": datos.presupuesto_monto, "moneda": datos.presupuesto_moneda},
        "fecha_inicio": datos.fecha_inicio,
        "fecha_fin": datos.fecha_fin,
        "fecha_creacion": datos.fecha,
        "fecha_actualizacion": campana.fecha_actualizacion,
        "id_afiliado": datos.id_afiliado,
        "metricas": {
            "impresiones": m.impresiones,
            "clicks": m.clicks,
            "conversiones": m.conversiones,
            "gasto_actual": m.gasto_actual,
            "ctr": m.ctr,
            "tasa_conversion": m.tasa_conversion,
        },
    }


def _hecho(texto: str) -> Callable[[Decision], dict[str, Any]]:
    def presentar(decision: Decision) -> dict[str, Any]:
        campana = decision.resultado
        assert isinstance(campana, Campana)
        return {"message": texto, "id_campana": campana.id}

    return presentar


def rutas(nombre: str, prefijo: str, casos: RutasCampanas) -> Blueprint:
    """Return the blueprint under one prefix; routes without an id win over those with one."""
    b = Blueprint(nombre, __name__, url_prefix=prefijo, description="Campañas")
    una, hecho, salud = (b.response(200, r) for r in (respuestas.CAMPANA, respuestas.HECHO, respuestas.SALUD))
    pagina, generales = b.response(200, respuestas.PAGINA), b.response(200, respuestas.GENERALES)
    leer, crear, cambiar, abierto = map(
        exige, (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR, Permiso.ABIERTO)
    )
    administrar = exige(Permiso.ADMINISTRAR)
    creada = casos.escritura.repetible(una(b.arguments(CAMPANA)(casos.crear)))
    b.post("/")(crear(situada(".una", id_campana="id")(creada)))
    b.get("/")(leer(pagina(b.arguments(ListaEsquema, location="query")(casos.lista))))
    b.get("/stats/general")(leer(generales(b.arguments(AfiliadoEsquema, location="query")(casos.generales))))
    b.get("/outbox/stats")(leer(b.response(200, respuestas.PUBLICACION)(casos.publicacion)))
    b.delete("/cleanup")(administrar(b.response(200, respuestas.LIMPIEZA)(casos.limpieza)))
    b.get("/health", endpoint="health")(abierto(salud(casos.salud)))
    b.get("/healthz", endpoint="healthz")(abierto(salud(casos.salud)))
    b.get("/<id_campana>")(leer(una(casos.una)))
    b.patch("/<id_campana>")(cambiar(hecho(b.arguments(CambioEsquema)(casos.actualizar))))
    b.patch("/<id_campana>/budget")(cambiar(hecho(b.arguments(PresupuestoEsquema)(casos.presupuesto))))
    b.patch("/<id_campana>/metrics")(cambiar(hecho(b.arguments(MetricasEsquema)(casos.medir))))
    b.get("/<id_campana>/metrics")(leer(b.response(200, respuestas.FIGURAS)(casos.metricas)))
    cancelada = b.arguments(MotivoEsquema, required=False)(casos.cancelar)
    b.patch("/<id_campana>/cancel")(crear(hecho(cancelada)))  # a service undoes what it created
    for accion in ACCIONES:
        b.patch(f"/<id_campana>/{accion}", endpoint=accion)(cambiar(hecho(_accion(b, casos, accion))))
    return b


def _accion(b: Blueprint, casos: RutasCampanas, accion: str) -> Callable[..., Any]:
    def cambiar(cuerpo: dict[str, Any], id_campana: str) -> Response:
        return casos.accion(accion, cuerpo, id_campana)

    cambiar.__name__ = accion
    decorada: Callable[..., Any] = b.arguments(MotivoEsquema, required=False)(cambiar)
    return decorada
