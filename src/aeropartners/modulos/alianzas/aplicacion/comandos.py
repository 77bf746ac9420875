"""Handlers of alliances: commands of sagas, and contracts made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aeropartners.contratos.alianzas import (
    PASO_CREAR,
    CambiarContrato,
    CancelarAlianza,
    CrearAlianza,
    CrearContrato,
)
from aeropartners.contratos.formularios import LARGO_PARTNER_ID
from aeropartners.modulos.alianzas.aplicacion.propuestas import PorDefecto, PropuestaIlegible, leer_propuesta
from aeropartners.modulos.alianzas.aplicacion.publicos import otra_vez
from aeropartners.modulos.alianzas.dominio.contrato import Cambio, Contrato
from aeropartners.modulos.alianzas.dominio.eventos import ContratoCreado, ContratoRechazado
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso


@dataclass(frozen=True, slots=True)
class Alianzas:
    """The handler that creates; the public event of its decision is the answer to the saga."""

    defecto: PorDefecto

    def crear(self, mensaje: CrearAlianza, contexto: Contexto) -> Decision:
        """Let the rules decide the alliance of a saga; a repeated command gets the same decision again."""
        contrato = contexto.flujo(Contrato, contrato_de(mensaje.saga_id))
        if contrato.existe:
            return Decision(resultado=contrato, envios=[otra_vez(contrato, contexto, creando=True)])
        hoy = contexto.ahora.date()
        try:
            contrato.proponer(leer_propuesta(mensaje, self.defecto, hoy), mensaje.saga_id, contexto.ahora)
        except PropuestaIlegible as error:
            contrato.rechazar(self._ilegible(mensaje, error, contexto))
        return Decision(resultado=contrato)

    def _ilegible(
        self, mensaje: CrearAlianza, error: PropuestaIlegible, contexto: Contexto
    ) -> ContratoRechazado:
        ahora, d = contexto.ahora, self.defecto
        return ContratoRechazado(
            mensaje.partner_id.replace("\x00", "")[:LARGO_PARTNER_ID],
            d.tipo,
            ahora.date(),
            None,
            None,
            d.moneda,
            None,
            error.mensaje,
            error.codigo,
            ahora,
            mensaje.saga_id,
        )


def cancelar(mensaje: CancelarAlianza, contexto: Contexto) -> Decision:
    """Cancel the alliance of a saga; as an undo it may come before its command, or twice."""
    contrato = contexto.flujo(Contrato, contrato_de(mensaje.saga_id))
    antes = contrato.version
    contrato.cancelar(mensaje.partner_id, mensaje.reason, contexto.ahora)
    envios = [otra_vez(contrato, contexto, creando=False)] if contrato.version == antes else []
    return Decision(resultado=contrato, envios=envios)


def crear_contrato(mensaje: CrearContrato, contexto: Contexto) -> Decision:
    """Create a contract by hand."""
    contrato = contexto.flujo(Contrato, mensaje.id)
    m = mensaje
    contrato.crear(
        ContratoCreado(
            m.partner_id,
            m.tipo,
            m.fecha_inicio,
            m.fecha_fin,
            m.monto,
            m.moneda,
            m.condiciones,
            m.estado,
            contexto.ahora,
        )
    )
    return Decision(resultado=contrato)


def cambiar(mensaje: CambiarContrato, contexto: Contexto) -> Decision:
    """Change a contract; raises CONTRATO_NO_ENCONTRADO."""
    contrato = contexto.flujo(Contrato, mensaje.id)
    if contrato.ficha is None:
        raise ErrorDeDominio("Contrato no encontrado", "CONTRATO_NO_ENCONTRADO")
    m = mensaje
    contrato.cambiar(Cambio(m.estado, m.monto, m.moneda, m.fecha_fin, m.condiciones), contexto.ahora)
    return Decision(resultado=contrato)


def contrato_de(saga_id: UUID) -> UUID:
    """Return the id of a saga's contract, the same for its command, a repeat of it, and its undo."""
    return id_de_paso(saga_id, PASO_CREAR)


def _de_saga(mensaje: CrearAlianza | CancelarAlianza, _sobre: Sobre) -> Sequence[UUID]:
    return (contrato_de(mensaje.saga_id),)


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


def manejadores(defecto: PorDefecto) -> tuple[Manejador, ...]:
    """Return the module's handlers."""
    return (
        Manejador(CrearAlianza, Alianzas(defecto).crear, _de_saga),
        Manejador(CancelarAlianza, cancelar, _de_saga),
        Manejador(CrearContrato, crear_contrato, _flujo),
        Manejador(CambiarContrato, cambiar, _flujo),
    )
