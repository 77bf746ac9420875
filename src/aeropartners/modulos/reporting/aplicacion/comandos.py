"""Handlers of reports: validate and order, keep what the caller brought, cancel, switch the service."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aeropartners.contratos.reporting import (
    TEMA_LLAMADAS,
    CambiarServicioDatos,
    CancelarReporte,
    FormarReporte,
    GenerarReporteDeSaga,
    RegistrarReporte,
)
from aeropartners.modulos.reporting.dominio.reporte import (
    SERVICIO,
    TIPOS,
    Reporte,
    ReporteGenerado,
    ServicioDatos,
    TipoDeReporteDesconocido,
    id_publico,
)
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado

SIN_RESPUESTA = "SERVICIO_DATOS"
FECHA = re.compile(r"\d{4}-\d{2}-\d{2}")
FILTROS = ("fecha_inicio", "fecha_fin", "afiliado_id", "campana_id", "estado_pago", "moneda")


def leer_filtros(datos: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return type and filters of a request, nested or flat; raises ErrorDeDominio VALIDACION."""
    tipo = datos.get("tipo_reporte")
    if not isinstance(tipo, str) or tipo not in TIPOS:
        raise TipoDeReporteDesconocido(f"Tipo de reporte desconocido: {tipo}")
    crudos = datos.get("filtros", datos)
    if crudos is None:
        crudos = {}
    if not isinstance(crudos, dict):
        raise ErrorDeDominio("Reporte inválido: filtros debe ser un objeto", "VALIDACION")
    filtros = {c: crudos[c] for c in FILTROS if crudos.get(c) is not None}
    for campo, valor in filtros.items():
        if not isinstance(valor, str) or len(valor) > 255 or "\x00" in valor:
            raise ErrorDeDominio(f"Reporte inválido: {campo} debe ser un texto", "VALIDACION")
        if campo.startswith("fecha_") and not FECHA.match(valor):
            raise ErrorDeDominio(f"Reporte inválido: {campo} debe ser una fecha", "VALIDACION")
    return tipo, filtros


def generar(mensaje: GenerarReporteDeSaga, contexto: Contexto) -> Decision:
    """Check a saga's request and order its data, or answer again with the report that is there."""
    reporte = contexto.flujo(Reporte, mensaje.id)
    reporte.exigir_vivo()
    if reporte.ficha:
        return Decision(respuesta=_respuesta(reporte))
    tipo, filtros = leer_filtros(mensaje.datos)
    return Decision(
        envios=[contexto.orden(TEMA_LLAMADAS, FormarReporte(mensaje.id, tipo, filtros), mensaje.id)]
    )


def registrar(mensaje: RegistrarReporte, contexto: Contexto) -> Decision:
    """Keep a report with its data, or report why there are none."""
    if mensaje.codigo:
        reintentable = mensaje.codigo == SIN_RESPUESTA
        return Decision(
            respuesta=Respuesta(
                exito=False, codigo=mensaje.codigo, error=mensaje.error, reintentable=reintentable
            )
        )
    reporte = contexto.flujo(Reporte, mensaje.id)
    reporte.generar(
        ReporteGenerado(
            id_publico(mensaje.id, mensaje.tipo, contexto.ahora),
            mensaje.tipo,
            mensaje.filtros,
            mensaje.datos,
            mensaje.version_servicio_datos,
            contexto.ahora,
        )
    )
    return Decision(resultado=reporte, respuesta=_respuesta(reporte))


def cancelar(mensaje: CancelarReporte, contexto: Contexto) -> Decision:
    """Cancel a report; as an undo it stands coming first."""
    reporte = contexto.flujo(Reporte, mensaje.id)
    if contexto.sobre.responder_a is None and reporte.ficha is None:
        raise NoEncontrado("Reporte no encontrado")
    reporte.cancelar(mensaje.motivo, contexto.ahora)
    return Decision(resultado=reporte, respuesta=_respuesta(reporte))


def cambiar_servicio(mensaje: CambiarServicioDatos, contexto: Contexto) -> Decision:
    """Switch the data service."""
    servicio = contexto.flujo(ServicioDatos, SERVICIO)
    servicio.cambiar(mensaje.url, mensaje.version, contexto.ahora)
    return Decision(resultado=servicio)


def _respuesta(reporte: Reporte) -> Respuesta:
    ficha = reporte.ficha
    id = ficha.id_publico if ficha else str(reporte.id)
    return Respuesta(exito=True, resultado={"id": id, "estado": str(reporte.estado)})


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


MANEJADORES = (
    Manejador(GenerarReporteDeSaga, generar, _flujo),
    Manejador(RegistrarReporte, registrar, _flujo),
    Manejador(CancelarReporte, cancelar, _flujo),
    Manejador(CambiarServicioDatos, cambiar_servicio, lambda _mensaje, _sobre: (SERVICIO,)),
)
