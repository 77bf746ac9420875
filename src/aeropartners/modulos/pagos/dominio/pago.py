"""The payment: charged at most once, and given back when it is not wanted any more."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.modulos.pagos.dominio.eventos import (
    CobroTardio,
    PagoAnulado,
    PagoExitoso,
    PagoFallido,
    PagoPendiente,
    PagoProcesando,
    PagoRevertido,
    ReembolsoConfirmado,
)
from aeropartners.modulos.pagos.dominio.solicitud import Solicitud
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio


class Estado(StrEnum):
    """The public states of a payment (001, section 5)."""

    PENDIENTE = "PENDIENTE"
    PROCESANDO = "PROCESANDO"
    EXITOSO = "EXITOSO"
    FALLIDO = "FALLIDO"
    REVERTIDO = "REVERTIDO"


class Cobro(StrEnum):
    """What is known of the charge, independent of the payment's public state."""

    SIN_COBRO = "SIN_COBRO"
    EN_CURSO = "EN_CURSO"
    COBRADO = "COBRADO"
    RECHAZADO = "RECHAZADO"


class PagoFallidoNoSeRevierte(ErrorDeDominio):
    """A failed payment took no money, so it cannot be reverted."""

    codigo = "CONFLICTO_DE_ESTADO"


class PagoYaAnulado(ErrorDeDominio):
    """The undo came before the command, so the command is refused."""

    codigo = "ANULADO"


class Pago(Agregado):
    """One payment: its public state (`estado`), and what is known of its charge (`cobro`)."""

    tipo: ClassVar[str] = "pago"
    eventos: ClassVar[tuple[type[object], ...]] = (
        PagoPendiente,
        PagoProcesando,
        PagoExitoso,
        PagoFallido,
        PagoRevertido,
        CobroTardio,
        ReembolsoConfirmado,
        PagoAnulado,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.solicitud: PagoPendiente | None = None
        self.estado = Estado.PENDIENTE
        self.cobro = Cobro.SIN_COBRO
        self.reembolsado = False
        self.mensaje_error: str | None = None
        self.motivo = ""
        self.fecha_actualizacion: datetime | None = None
        self.fecha_procesamiento: datetime | None = None

    @property
    def anulado(self) -> bool:
        """Whether the stream is only the mark of an undo that came before the command."""
        return self.existe and self.solicitud is None

    @property
    def debe_reembolso(self) -> bool:
        """Whether money may still have to be given back."""
        return (
            self.estado is Estado.REVERTIDO
            and not self.reembolsado
            and self.cobro in (Cobro.EN_CURSO, Cobro.COBRADO)
        )

    def crear(self, solicitud: Solicitud, saga_id: UUID | None, ahora: datetime) -> None:
        """Accept the payment; one that exists is left as it is. Raises PagoYaAnulado after its undo."""
        if self.anulado:
            raise PagoYaAnulado("El pago fue anulado antes de crearse")
        if self.existe:
            return
        dinero = solicitud.dinero
        self.registrar(
            PagoPendiente(
                solicitud.id_afiliado,
                dinero.monto,
                dinero.moneda,
                solicitud.referencia_pago,
                ahora,
                solicitud.metadata,
                saga_id,
            )
        )

    def marcar_procesando(self, ahora: datetime) -> bool:
        """Mark that the charge is about to be called; False when it must not be called."""
        if self.solicitud and self.estado is Estado.PENDIENTE:
            self.registrar(PagoProcesando(ahora))
        return self.estado is Estado.PROCESANDO

    def registrar_cobro(self, exito: bool, mensaje_error: str, ahora: datetime) -> None:
        """Record the outcome of the charge; only the first one counts."""
        if self.cobro is not Cobro.EN_CURSO:
            return
        if self.estado is Estado.REVERTIDO:
            self.registrar(CobroTardio(exito, ahora))
        elif exito:
            self.registrar(PagoExitoso(ahora))
        else:
            self.registrar(PagoFallido(mensaje_error, ahora))

    def anular(self, motivo: str, ahora: datetime) -> None:
        """Leave the mark by which a later command of this payment is refused."""
        if not self.existe:
            self.registrar(PagoAnulado(motivo, ahora))

    def revertir(self, motivo: str, ahora: datetime) -> None:
        """Revert the payment; a second call changes nothing. Raises PagoFallidoNoSeRevierte."""
        if self.estado is Estado.FALLIDO:
            raise PagoFallidoNoSeRevierte("Un pago FALLIDO no se puede revertir")
        if self.solicitud and self.estado is not Estado.REVERTIDO:
            self.registrar(PagoRevertido(motivo, ahora))

    def registrar_reembolso(self, cobrado: bool, ahora: datetime) -> None:
        """Record that the reversal is done: the money was given back, or nothing had been charged."""
        if self.estado is not Estado.REVERTIDO or self.reembolsado or self.anulado:
            return
        if self.cobro is Cobro.EN_CURSO:
            self.registrar(CobroTardio(cobrado, ahora))
        self.registrar(ReembolsoConfirmado(ahora))

    def aplicar(self, evento: object) -> None:
        match evento:
            case PagoPendiente():
                self.solicitud = evento
            case PagoProcesando():
                self.estado, self.cobro = Estado.PROCESANDO, Cobro.EN_CURSO
            case PagoExitoso():
                self._resuelto(Estado.EXITOSO, Cobro.COBRADO, evento.fecha)
            case PagoFallido():
                self._resuelto(Estado.FALLIDO, Cobro.RECHAZADO, evento.fecha)
                self.mensaje_error = evento.mensaje_error
            case PagoRevertido() | PagoAnulado():
                self.estado, self.motivo = Estado.REVERTIDO, evento.motivo
            case CobroTardio():
                self.cobro = Cobro.COBRADO if evento.exito else Cobro.RECHAZADO
            case ReembolsoConfirmado():
                self.reembolsado = True
        self.fecha_actualizacion = getattr(evento, "fecha", None)

    def _resuelto(self, estado: Estado, cobro: Cobro, fecha: datetime) -> None:
        self.estado, self.cobro, self.fecha_procesamiento = estado, cobro, fecha
