"""The contract with a partner: made by hand, or by a saga if the compliance rules allow it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.modulos.alianzas.dominio.eventos import (
    AlianzaAnulada,
    ContratoCancelado,
    ContratoCreado,
    ContratoModificado,
    ContratoRechazado,
)
from aeropartners.modulos.alianzas.dominio.reglas import Propuesta, aviso, primera_rota
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio


class Estado(StrEnum):
    """The states of a contract (004, section 5)."""

    ACTIVO = "activo"
    INACTIVO = "inactivo"
    VENCIDO = "vencido"
    CANCELADO = "cancelado"
    RECHAZADO = "rechazado"


CERRADOS = (Estado.CANCELADO, Estado.RECHAZADO)


@dataclass(frozen=True, slots=True)
class Cambio:
    """The new values of a contract's fields; None leaves a field as it is."""

    estado: str | None = None
    monto: Decimal | None = None
    moneda: str | None = None
    fecha_fin: date | None = None
    condiciones: str | None = None


class Contrato(Agregado):
    """One contract; a saga has one at most, with an id that follows from the saga's."""

    tipo: ClassVar[str] = "contrato"
    eventos: ClassVar[tuple[type[object], ...]] = (
        ContratoCreado,
        ContratoRechazado,
        ContratoModificado,
        ContratoCancelado,
        AlianzaAnulada,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: ContratoCreado | ContratoRechazado | None = None
        self.partner_id = ""
        self.estado = Estado.ACTIVO
        self.monto: Decimal | None = None
        self.moneda = ""
        self.fecha_fin: date | None = None
        self.condiciones: str | None = None
        self.fecha_actualizacion: datetime | None = None

    @property
    def rechazo(self) -> tuple[str, str] | None:
        """The reason why the saga gets no alliance, and the broken rule; None when it has one."""
        if isinstance(self.ficha, ContratoRechazado):
            return self.ficha.causa, self.ficha.validacion
        if self.existe and self.estado is Estado.CANCELADO:
            return "La alianza fue cancelada", "VALIDACION_GENERAL"
        return None

    def proponer(self, propuesta: Propuesta, saga_id: UUID, ahora: datetime) -> None:
        """Let the rules decide the proposal; a contract that exists keeps its decision."""
        if self.existe:
            return
        p = propuesta
        datos = (p.partner_id, p.tipo, p.fecha_inicio, p.fecha_fin, p.monto, p.moneda, p.condiciones)
        if rota := primera_rota(p):
            self.registrar(ContratoRechazado(*datos, rota.causa, rota.validacion, ahora, saga_id))
        else:
            self.registrar(ContratoCreado(*datos, Estado.ACTIVO, ahora, saga_id, aviso(p)))

    def rechazar(self, rechazado: ContratoRechazado) -> None:
        """Record a proposal that cannot be read; a contract that exists keeps its decision."""
        if not self.existe:
            self.registrar(rechazado)

    def crear(self, ficha: ContratoCreado) -> None:
        """Create the contract by hand."""
        self.registrar(ficha)

    def cambiar(self, cambio: Cambio, ahora: datetime) -> None:
        """Change the given fields; raises ESTADO_INVALIDO for a new state after a cancellation or refusal."""
        estado = Estado(cambio.estado) if cambio.estado else self.estado
        if self.estado in CERRADOS and estado is not self.estado:
            raise ErrorDeDominio(f"Un contrato {self.estado} no cambia de estado", "ESTADO_INVALIDO")
        self.registrar(
            ContratoModificado(
                estado,
                self.monto if cambio.monto is None else cambio.monto,
                cambio.moneda or self.moneda,
                cambio.fecha_fin or self.fecha_fin,
                self.condiciones if cambio.condiciones is None else cambio.condiciones,
                ahora,
            )
        )

    def cancelar(self, partner_id: str, motivo: str, ahora: datetime) -> None:
        """Cancel the contract; an unknown one gets a mark, by which its late command is refused."""
        if not self.existe:
            self.registrar(AlianzaAnulada(partner_id, motivo, ahora))
        elif self.estado not in CERRADOS:
            self.registrar(ContratoCancelado(motivo, ahora))

    def aplicar(self, evento: object) -> None:
        match evento:
            case ContratoCreado():
                self._abrir(evento, Estado(evento.estado))
            case ContratoRechazado():
                self._abrir(evento, Estado.RECHAZADO)
            case ContratoModificado():
                self.estado, self.monto, self.moneda = Estado(evento.estado), evento.monto, evento.moneda
                self.fecha_fin, self.condiciones = evento.fecha_fin, evento.condiciones
            case ContratoCancelado():
                self.estado = Estado.CANCELADO
            case AlianzaAnulada():
                self.estado, self.partner_id = Estado.CANCELADO, evento.partner_id
        self.fecha_actualizacion = getattr(evento, "fecha", None)

    def _abrir(self, ficha: ContratoCreado | ContratoRechazado, estado: Estado) -> None:
        self.ficha, self.estado, self.partner_id = ficha, estado, ficha.partner_id
        self.monto, self.moneda = ficha.monto, ficha.moneda
        self.fecha_fin, self.condiciones = ficha.fecha_fin, ficha.condiciones
