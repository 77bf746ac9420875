"""The partner: its data, its verification and its integrations (004, section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from aeropartners.modulos.partners.dominio.eventos import (
    IntegracionCreada,
    IntegracionRevocada,
    KycVerificado,
    PartnerActualizado,
    PartnerCreado,
    PartnerEliminado,
)
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

ESTADOS_KYC = ("APROBADO", "RECHAZADO", "REQUIERE_DOCUMENTOS", "PENDIENTE")
TIPOS_INTEGRACION = ("API", "WEBHOOK", "BATCH", "REAL_TIME")
POR_BAJA = "Partner eliminado"


class Estado(StrEnum):
    """The states of a partner (004, section 4)."""

    ACTIVO = "ACTIVO"
    INACTIVO = "INACTIVO"
    SUSPENDIDO = "SUSPENDIDO"
    ELIMINADO = "ELIMINADO"


@dataclass(frozen=True, slots=True)
class Integracion:
    """One integration; the versions are those of the partner's events that created and revoked it."""

    ficha: IntegracionCreada
    creada_en: int
    revocada_en: int | None = None
    fecha_revocacion: datetime | None = None


class Partner(Agregado):
    """One partner; a deleted partner stays stored and refuses every change."""

    tipo: ClassVar[str] = "partner"
    eventos: ClassVar[tuple[type[object], ...]] = (
        PartnerCreado,
        PartnerActualizado,
        PartnerEliminado,
        KycVerificado,
        IntegracionCreada,
        IntegracionRevocada,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: PartnerCreado | None = None
        self.estado = Estado.ACTIVO
        self.estado_kyc = "PENDIENTE"
        self.documentos_kyc: dict[str, Any] = {}
        self.fecha_actualizacion: datetime | None = None
        self.integraciones: dict[UUID, Integracion] = {}

    @property
    def datos(self) -> PartnerCreado:
        """The partner's data as they are now; only for a partner that was created."""
        assert self.ficha is not None
        return self.ficha

    def crear(self, ficha: PartnerCreado) -> None:
        """Create the partner; one that exists is left as it is. Raises PARTNER_ELIMINADO when deleted."""
        if self.existe:
            self._exigir_vivo()
        else:
            self.registrar(ficha)

    def actualizar(self, cambios: Mapping[str, Any], ahora: datetime) -> None:
        """Change the given fields."""
        self._exigir_vivo()
        nueva = replace(self.datos, **cambios)
        if nueva != self.datos:
            self.registrar(PartnerActualizado(nueva.nombre, nueva.telefono, nueva.direccion, ahora))

    def verificar(
        self, estado: str, documentos: dict[str, Any] | None, comentarios: str | None, ahora: datetime
    ) -> None:
        """Record the verification; without new documents the old ones stay."""
        self._exigir_vivo()
        if estado not in ESTADOS_KYC:
            raise ErrorDeDominio(f"Estado KYC inválido: {estado}", "ESTADO_KYC_INVALIDO")
        papeles = self.documentos_kyc if documentos is None else documentos
        self.registrar(KycVerificado(self.estado_kyc, estado, papeles, comentarios, ahora))

    def integrar(self, ficha: IntegracionCreada) -> None:
        """Add an integration."""
        self._exigir_vivo()
        if ficha.tipo not in TIPOS_INTEGRACION:
            raise ErrorDeDominio(f"Tipo de integración inválido: {ficha.tipo}", "TIPO_INTEGRACION_INVALIDO")
        self.registrar(ficha)

    def revocar(self, integracion_id: UUID, motivo: str | None, ahora: datetime) -> None:
        """Revoke an integration; raises when it is unknown or revoked already."""
        integracion = self.integraciones.get(integracion_id)
        if integracion is None:
            raise ErrorDeDominio("Integración no encontrada", "INTEGRACION_NO_ENCONTRADA")
        if integracion.revocada_en:
            raise ErrorDeDominio("La integración ya fue revocada", "INTEGRACION_YA_REVOCADA")
        self.registrar(IntegracionRevocada(integracion_id, motivo, ahora))

    def eliminar(self, ahora: datetime) -> None:
        """Delete the partner and revoke its integrations."""
        if self.estado is Estado.ELIMINADO:
            raise ErrorDeDominio("El partner ya fue eliminado", "PARTNER_YA_ELIMINADO")
        for id in [id for id, i in self.integraciones.items() if not i.revocada_en]:
            self.registrar(IntegracionRevocada(id, POR_BAJA, ahora))
        self.registrar(PartnerEliminado(ahora))

    def _exigir_vivo(self) -> None:
        if self.estado is Estado.ELIMINADO:
            raise ErrorDeDominio("El partner fue eliminado", "PARTNER_ELIMINADO")

    def aplicar(self, evento: object) -> None:
        match evento:
            case PartnerCreado():
                self.ficha = evento
            case PartnerActualizado():
                self.ficha = replace(
                    self.datos, nombre=evento.nombre, telefono=evento.telefono, direccion=evento.direccion
                )
            case PartnerEliminado():
                self.estado = Estado.ELIMINADO
            case KycVerificado():
                self.estado_kyc, self.documentos_kyc = evento.nuevo, evento.documentos
            case IntegracionCreada():
                self.integraciones[evento.integracion_id] = Integracion(evento, self.version + 1)
            case IntegracionRevocada():
                self.integraciones[evento.integracion_id] = replace(
                    self.integraciones[evento.integracion_id],
                    revocada_en=self.version + 1,
                    fecha_revocacion=evento.fecha,
                )
        self.fecha_actualizacion = getattr(evento, "fecha", None)
