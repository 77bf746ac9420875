"""Removal of campaign sagas in test environments: one ended saga, all ended ones, or all with effects."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy import ColumnElement, and_, delete, select

from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.totales.proyecciones import guardar_retirado
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from aeropartners.seedwork.infraestructura.web.acceso.auditor import anotar_en
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.esquemas import exigir_limpieza, id_valido
from saga_orchestrator.infraestructura.almacen.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_pasos,
    sagas,
)
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas
from saga_orchestrator.sistemas.campanas import respuestas
from saga_orchestrator.sistemas.campanas.definicion import TIPO

HIJAS = (saga_eventos, saga_pasos, saga_compensaciones)


class LimpiezaSagas:
    """Removes sagas with all their rows; refused unless PERMITIR_LIMPIEZA allows it. Counters keep them."""

    def __init__(self, motor: Motor, permitida: bool, totales: TotalesDeSagas) -> None:
        self._motor = motor
        self._permitida = permitida
        self._totales = totales

    def una(self, id: UUID) -> None:
        """Remove an ended saga; raises NoEncontrado, and ErrorDeDominio for an open one."""
        exigir_limpieza(self._permitida)
        with self._motor.lectura() as con:
            suya = select(sagas.c.fecha_fin).where(sagas.c.id == id, sagas.c.tipo == TIPO)
            fila = con.execute(suya).first()
        if fila is None:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        if fila.fecha_fin is None:
            raise ErrorDeDominio("La SAGA no ha terminado", "CONFLICTO_DE_ESTADO")
        self._borrar(sagas.c.id == id)

    def terminadas(self) -> int:
        """Remove all ended campaign sagas and return how many; other systems' sagas stay."""
        exigir_limpieza(self._permitida)
        return self._borrar(and_(sagas.c.tipo == TIPO, sagas.c.fecha_fin.is_not(None)))

    def todas(self) -> int:
        """Remove all campaign sagas and return how many."""
        exigir_limpieza(self._permitida)
        return self._borrar(sagas.c.tipo == TIPO)

    def _borrar(self, donde: ColumnElement[bool]) -> int:
        elegidas = select(sagas.c.id).where(donde)
        with self._motor.escritura() as con:
            dado = self._totales.de(con, saga_eventos.c.saga_id.in_(elegidas))
            guardar_retirado(con, dialecto_de(self._motor), self._totales, dado)
            for tabla in HIJAS:
                con.execute(delete(tabla).where(tabla.c.saga_id.in_(elegidas)))
            eliminadas = con.execute(delete(sagas).where(donde)).rowcount
            Proyector(self._motor, ()).recontar(con, self._totales)
            anotar_en(con, eliminadas=int(eliminadas))
            con.commit()
        return int(eliminadas)


def rutas(limpieza: LimpiezaSagas, campanas: Callable[[], int], pagos: Callable[[], int]) -> Blueprint:
    """Return the cleanup routes; `campanas` and `pagos` remove all campaigns and payments."""
    b = Blueprint("limpieza", __name__, url_prefix="/saga", description="Limpieza")

    @b.delete("/cleanup")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, respuestas.LIMPIEZA)
    def terminadas() -> Response:
        """Remove all ended sagas."""
        return _hecho("SAGAs eliminadas", total_eliminadas=limpieza.terminadas())

    @b.delete("/cleanup-all")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, respuestas.LIMPIEZA_TOTAL)
    def todo() -> Response:
        """Remove sagas, campaigns and payments."""
        cuentas = {
            "sagas_eliminadas": limpieza.todas(),
            "campanas_eliminadas": campanas(),
            "pagos_eliminados": pagos(),
        }
        return _hecho("Todo eliminado", **cuentas)

    @b.delete("/<saga_id>")
    @exige(Permiso.ADMINISTRAR)
    @b.response(200, respuestas.BORRADA)
    def una(saga_id: str) -> Response:
        """Remove an ended saga."""
        limpieza.una(id_valido(saga_id, "ID de SAGA inválido"))
        return jsonify({"mensaje": "SAGA eliminada"})

    return b


def _hecho(mensaje: str, **cuentas: Any) -> Response:
    return jsonify({"mensaje": mensaje, **cuentas, "timestamp": datetime.now().astimezone()})
