"""Handlers of reports: order the data, store what the caller fetched, cancel, switch the data service."""

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
from aeropartners.modulos.reporting.aplicacion.pedidos import leer_pedido
from aeropartners.modulos.reporting.aplicacion.puertos import ServicioNoResponde
from aeropartners.modulos.reporting.dominio.reporte import Pedido, Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import SERVICIO, ServicioDatos
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado


def generar(mensaje: GenerarReporteDeSaga, contexto: Contexto) -> Decision:
    """Check a saga's request and order its data; when the report exists already, answer with it again."""
    reporte = contexto.flujo(Reporte, mensaje.id)
    reporte.exigir_vigente()
    if reporte.ficha:
        return _hecho(reporte)
    pedido = leer_pedido(mensaje.datos)
    orden = FormarReporte(reporte.id, pedido.tipo, pedido.filtros)
    return Decision(envios=[contexto.comando(TEMA_LLAMADAS, orden, reporte.id)])


def registrar(mensaje: RegistrarReporte, contexto: Contexto) -> Decision:
    """Store a report with its data, or refuse with the reason why there are none.

    A report that another attempt stored already stays.
    """
    reporte = contexto.flujo(Reporte, mensaje.id)
    reporte.exigir_vigente()
    if mensaje.codigo and reporte.ficha is None:
        return _sin_datos(mensaje, contexto)
    pedido = Pedido(mensaje.tipo, mensaje.filtros)
    reporte.generar(pedido, mensaje.datos, mensaje.version_servicio_datos, contexto.ahora)
    return _hecho(reporte)


def _sin_datos(mensaje: RegistrarReporte, contexto: Contexto) -> Decision:
    """Return the reply without data, which a saga tries again; raises for a refusal.

    For an HTTP client an outage raises too, so that no answer is stored under its idempotency key.
    """
    if mensaje.codigo != ServicioNoResponde.codigo:
        raise ErrorDeDominio(mensaje.error, mensaje.codigo)
    if contexto.sobre.responder_a is None:
        raise ServicioNoResponde(mensaje.error)
    respuesta = Respuesta(exito=False, reintentable=True, codigo=mensaje.codigo, error=mensaje.error)
    return Decision(respuesta=respuesta)


def cancelar(mensaje: CancelarReporte, contexto: Contexto) -> Decision:
    """Cancel a report; as an undo of a saga it may come before its command, or twice."""
    reporte = contexto.flujo(Reporte, mensaje.id)
    if contexto.sobre.responder_a is None and reporte.ficha is None:
        raise NoEncontrado("Reporte no encontrado")
    reporte.cancelar(mensaje.motivo, contexto.ahora)
    return _hecho(reporte)


def cambiar_servicio(mensaje: CambiarServicioDatos, contexto: Contexto) -> Decision:
    """Switch to another data service."""
    servicio = contexto.flujo(ServicioDatos, SERVICIO)
    servicio.cambiar(mensaje.url, mensaje.version, contexto.ahora)
    return Decision(resultado=servicio)


def _hecho(reporte: Reporte) -> Decision:
    resultado: dict[str, object] = {"id": str(reporte.id), "estado": str(reporte.estado)}
    if reporte.ficha:
        resultado |= {"id": reporte.ficha.id_publico, "tipo": reporte.ficha.tipo}
    return Decision(resultado=reporte, respuesta=Respuesta(exito=True, resultado=resultado))


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


MANEJADORES = (
    Manejador(GenerarReporteDeSaga, generar, _flujo),
    Manejador(RegistrarReporte, registrar, _flujo),
    Manejador(CancelarReporte, cancelar, _flujo),
    Manejador(CambiarServicioDatos, cambiar_servicio, lambda _mensaje, _sobre: (SERVICIO,)),
)
