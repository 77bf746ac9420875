"""Handlers of partners."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from aeropartners.contratos.partners import (
    ActualizarPartner,
    CrearIntegracion,
    CrearPartner,
    EliminarPartner,
    RevocarIntegracion,
    VerificarKyc,
)
from aeropartners.modulos.partners.dominio.eventos import IntegracionCreada, PartnerCreado
from aeropartners.modulos.partners.dominio.partner import Partner
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

AMBITO = "partner_email"


def email_de(email: str) -> Unico:
    """Return the unique claim of an e-mail address.

    Upper and lower case are one address. The claim is a hash, as errors may contain claims.
    """
    return Unico(AMBITO, sha256(email.casefold().encode()).hexdigest())


def crear(mensaje: CrearPartner, contexto: Contexto) -> Decision:
    """Create a partner; raises EMAIL_EXISTENTE if another living partner has the e-mail.

    A saga's repeated command finds the partner that it created.
    """
    partner = contexto.flujo(Partner, mensaje.id)
    toma = {} if partner.existe else {email_de(mensaje.email): partner.id}
    if any(contexto.dueno(unico) for unico in toma):
        raise ErrorDeDominio("Ya existe un partner con ese email", "EMAIL_EXISTENTE")
    partner.crear(
        PartnerCreado(
            mensaje.nombre,
            mensaje.email,
            mensaje.telefono,
            mensaje.direccion,
            contexto.ahora,
            contexto.sobre.saga_id,
        )
    )
    return Decision(resultado=partner, toma=toma)


def actualizar(mensaje: ActualizarPartner, contexto: Contexto) -> Decision:
    """Change a partner's data."""
    partner = _existente(mensaje.id, contexto)
    partner.actualizar(mensaje.cambios, contexto.ahora)
    return Decision(resultado=partner)


def eliminar(mensaje: EliminarPartner, contexto: Contexto) -> Decision:
    """Delete a partner; its e-mail becomes free."""
    partner = _existente(mensaje.id, contexto)
    partner.eliminar(contexto.ahora)
    return Decision(resultado=partner, libera={email_de(partner.datos.email): partner.id})


def verificar(mensaje: VerificarKyc, contexto: Contexto) -> Decision:
    """Record a partner's verification."""
    partner = _existente(mensaje.id, contexto)
    partner.verificar(mensaje.estado_kyc, mensaje.documentos, mensaje.comentarios, contexto.ahora)
    return Decision(resultado=partner)


def integrar(mensaje: CrearIntegracion, contexto: Contexto) -> Decision:
    """Add an integration to a partner."""
    partner = _existente(mensaje.id, contexto)
    partner.integrar(
        IntegracionCreada(
            mensaje.integracion_id,
            mensaje.tipo,
            mensaje.nombre,
            mensaje.descripcion,
            contexto.ahora,
            mensaje.configuracion,
        )
    )
    return Decision(resultado=partner.integraciones[mensaje.integracion_id])


def revocar(mensaje: RevocarIntegracion, contexto: Contexto) -> Decision:
    """Revoke an integration."""
    partner = _existente(mensaje.id, contexto)
    partner.revocar(mensaje.integracion_id, mensaje.motivo, contexto.ahora)
    return Decision(resultado=mensaje)


def _existente(id: UUID, contexto: Contexto) -> Partner:
    partner = contexto.flujo(Partner, id)
    if partner.ficha is None:
        raise ErrorDeDominio("Partner no encontrado", "PARTNER_NO_ENCONTRADO")
    return partner


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


def _email(mensaje: CrearPartner | EliminarPartner, _sobre: Sobre) -> Sequence[Unico]:
    return (email_de(mensaje.email),)


MANEJADORES = (
    Manejador(CrearPartner, crear, _flujo, _email),
    Manejador(ActualizarPartner, actualizar, _flujo),
    Manejador(EliminarPartner, eliminar, _flujo, _email),
    Manejador(VerificarKyc, verificar, _flujo),
    Manejador(CrearIntegracion, integrar, _flujo),
    Manejador(RevocarIntegracion, revocar, _flujo),
)
