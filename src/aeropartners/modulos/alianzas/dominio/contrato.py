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
    """The contract's words."""

    ACTIVO = "activo"
    INACTIVO = "inactivo"
    VENCIDO = "vencido"
    CANCELADO = "cancelado"
    RECHAZADO = "rechazado"


CERRADOS = (Estado.CANCELADO, Estado.RECHAZADO)


@dataclass(frozen=True, slots=True)
class Cambio:
    """What is to be of a contract from now on; None leaves it."""

    estado: str | None = None
    monto: Decimal | None = None
    moneda: str | None = None
    fecha_fin: date | None = None
    condiciones: str | None = None


class Contrato(Agregado):
    """One contract; a saga has one at most, whose stream is named after it."""

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
        """Why its saga gets no alliance, and the rule's name; None when it has one."""
        if isinstance(self.ficha, ContratoRechazado):
            return self.ficha.causa, self.ficha.validacion
        if self.existe and self.estado is Estado.CANCELADO:
            return "La alianza fue cancelada", "VALIDACION_GENERAL"
        return None

    def proponer(self, propuesta: Propuesta, saga_id: UUID, ahora: datetime) -> None:
        """Let the rules decide it; asked again it stays as it was decided."""
        if self.existe:
            return
        p = propuesta
        datos = (p.partner_id, p.tipo, p.fecha_inicio, p.fecha_fin, p.monto, p.moneda, p.condiciones)
        if rota := primera_rota(p):
            self.registrar(ContratoRechazado(*datos, rota.causa, rota.validacion, ahora, saga_id))
        else:
            self.registrar(ContratoCreado(*datos, Estado.ACTIVO, ahora, saga_id, aviso(p)))

    def rechazar(self, rechazado: ContratoRechazado) -> None:
        """Keep that a proposal could not even be read; asked again it stays as it was decided."""
        if not self.existe:
            self.registrar(rechazado)

    def crear(self, ficha: ContratoCreado) -> None:
        """Make it by hand."""
        self.registrar(ficha)

    def cambiar(self, cambio: Cambio, ahora: datetime) -> None:
        """Change what is given; what was called off is not brought back to life."""
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
        """Call it off; an unknown one is marked, so that its late command is refused."""
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
