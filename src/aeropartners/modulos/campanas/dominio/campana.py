"""The campaign: its states, its budget and its rules (001, section 4)."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from aeropartners.modulos.campanas.dominio.eventos import (
    CampanaActivada,
    CampanaActualizada,
    CampanaAnulada,
    CampanaCancelada,
    CampanaCreada,
    CampanaFinalizada,
    CampanaPausada,
    MetricasCampanaActualizadas,
    PresupuestoCampanaActualizado,
)
from aeropartners.modulos.campanas.dominio.metricas import CENTESIMA, Metricas
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, EstadoNoPermite
from aeropartners.seedwork.dominio.instantanea import ConInstantaneas
from aeropartners.seedwork.dominio.valores import Dinero

TIPOS = ("PROMOCIONAL", "FIDELIZACION", "ADQUISICION", "RETENCION")
PRESUPUESTO_MAXIMO = Decimal(1_000_000)
PARTE_DEL_PAGO = Decimal("0.10")


class Estado(StrEnum):
    """The states of a campaign (001, section 4)."""

    BORRADOR = "BORRADOR"
    ACTIVA = "ACTIVA"
    PAUSADA = "PAUSADA"
    FINALIZADA = "FINALIZADA"
    CANCELADA = "CANCELADA"


CERRADOS = (Estado.FINALIZADA, Estado.CANCELADA)


class PresupuestoFueraDeLimites(ErrorDeDominio):
    """The budget is not between 0 and a million, or an active campaign has none."""

    codigo = "PRESUPUESTO_INVALIDO"


class GastoNoPuedeSuperarPresupuesto(ErrorDeDominio):
    """The spend would exceed the budget, also because the budget is lowered."""

    codigo = "GASTO_EXCEDIDO"


class CampanaYaAnulada(ErrorDeDominio):
    """The undo came before the command, so the command is refused."""

    codigo = "ANULADA"


@dataclass(frozen=True, slots=True)
class EstadoCampana:
    """The state of a campaign that a snapshot stores."""

    ficha: CampanaCreada | None
    estado: Estado
    metricas: Metricas
    fecha_actualizacion: datetime | None


class Campana(ConInstantaneas):
    """One campaign. Its stream grows with each payment of its affiliate, so it has snapshots."""

    tipo: ClassVar[str] = "campana"
    memento: ClassVar[type[object]] = EstadoCampana
    eventos: ClassVar[tuple[type[object], ...]] = (
        CampanaCreada,
        CampanaActualizada,
        PresupuestoCampanaActualizado,
        MetricasCampanaActualizadas,
        CampanaActivada,
        CampanaPausada,
        CampanaFinalizada,
        CampanaCancelada,
        CampanaAnulada,
    )

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.ficha: CampanaCreada | None = None
        self.estado = Estado.BORRADOR
        self.metricas = Metricas()
        self.fecha_actualizacion: datetime | None = None

    @property
    def datos(self) -> CampanaCreada:
        """The campaign's data as they are now; only for a campaign that was created."""
        assert self.ficha is not None
        return self.ficha

    def crear(self, ficha: CampanaCreada) -> None:
        """Create the campaign; one that exists is left as it is. Raises CampanaYaAnulada after its undo."""
        if self.estado is Estado.CANCELADA:
            raise CampanaYaAnulada("La campaña fue cancelada")
        if self.existe:
            return
        if ficha.tipo not in TIPOS:
            raise ErrorDeDominio(f"Tipo de campaña inválido: {ficha.tipo}", "TIPO_INVALIDO")
        _presupuesto(ficha.presupuesto_monto, ficha.presupuesto_moneda)
        self.registrar(ficha)

    def actualizar(self, cambio: CampanaActualizada) -> None:
        """Change the campaign's information."""
        self._exigir_abierta()
        self.registrar(cambio)

    def cambiar_presupuesto(self, monto: Decimal, moneda: str, ahora: datetime) -> None:
        """Change the budget; it may not be below the spend."""
        self._exigir_abierta()
        _presupuesto(monto, moneda)
        if self.metricas.gasto_actual > monto:
            raise GastoNoPuedeSuperarPresupuesto("El presupuesto no puede ser menor que el gasto actual")
        self.registrar(PresupuestoCampanaActualizado(self.datos.presupuesto_monto, monto, moneda, ahora))

    def medir(self, metricas: Metricas, ahora: datetime) -> None:
        """Set the campaign's figures."""
        cuentas = (metricas.impresiones, metricas.clicks, metricas.conversiones)
        if min(cuentas) < 0 or metricas.gasto_actual < 0:
            raise ErrorDeDominio("Las métricas no pueden ser negativas", "METRICAS_INVALIDAS")
        if metricas.gasto_actual > self.datos.presupuesto_monto:
            raise GastoNoPuedeSuperarPresupuesto("El gasto no puede superar el presupuesto")
        Dinero(metricas.gasto_actual, self.datos.presupuesto_moneda)
        self.registrar(
            MetricasCampanaActualizadas(
                metricas.impresiones, metricas.clicks, metricas.conversiones, metricas.gasto_actual, ahora
            )
        )

    def aplicar_pago(self, monto: Decimal, ahora: datetime) -> None:
        """Count a payment of the affiliate while the campaign is active; the spend stops at the budget."""
        if self.estado is not Estado.ACTIVA:
            return
        gasto = self.metricas.gasto_actual + (monto * PARTE_DEL_PAGO).quantize(CENTESIMA)
        gasto = min(gasto, self.datos.presupuesto_monto)
        conversiones = self.metricas.conversiones + 1
        self.medir(replace(self.metricas, conversiones=conversiones, gasto_actual=gasto), ahora)

    def activar(self, ahora: datetime) -> None:
        """Activate the campaign."""
        self._exigir_abierta()
        if self.estado is Estado.ACTIVA:
            raise EstadoNoPermite("La campaña ya está activa")
        if self.datos.presupuesto_monto <= 0:
            raise PresupuestoFueraDeLimites("Una campaña activa necesita presupuesto mayor que 0")
        if self.datos.fecha_inicio > self.datos.fecha_fin:
            raise ErrorDeDominio("La fecha de inicio debe ser anterior a la de fin", "FECHAS_INVALIDAS")
        if self.datos.fecha_fin <= ahora:
            raise ErrorDeDominio("La fecha de fin debe ser futura", "FECHAS_INVALIDAS")
        self.registrar(CampanaActivada(ahora))

    def pausar(self, motivo: str, ahora: datetime) -> None:
        """Pause the campaign."""
        self._exigir_abierta()
        if self.estado is not Estado.ACTIVA:
            raise EstadoNoPermite("Solo se puede pausar una campaña activa")
        self.registrar(CampanaPausada(motivo, ahora))

    def finalizar(self, motivo: str, ahora: datetime) -> None:
        """Finish the campaign."""
        self._exigir_abierta()
        self.registrar(CampanaFinalizada(motivo, ahora))

    def cancelar(self, motivo: str, ahora: datetime) -> None:
        """Cancel the campaign; an unknown one gets a mark, by which its late command is refused."""
        if not self.existe:
            self.registrar(CampanaAnulada(motivo, ahora))
        elif self.estado is Estado.FINALIZADA:
            raise EstadoNoPermite("Una campaña FINALIZADA no se puede cancelar")
        elif self.estado is not Estado.CANCELADA:
            self.registrar(CampanaCancelada(motivo, ahora))

    def _exigir_abierta(self) -> None:
        if self.estado in CERRADOS:
            raise EstadoNoPermite(f"Una campaña {self.estado} no se puede modificar")

    def recordar(self) -> EstadoCampana:
        return EstadoCampana(self.ficha, self.estado, self.metricas, self.fecha_actualizacion)

    def restaurar(self, memento: object) -> None:
        assert isinstance(memento, EstadoCampana)
        self.ficha, self.estado = memento.ficha, memento.estado
        self.metricas, self.fecha_actualizacion = memento.metricas, memento.fecha_actualizacion

    def aplicar(self, evento: object) -> None:
        match evento:
            case CampanaCreada():
                self.ficha = evento
            case CampanaActualizada():
                self.ficha = replace(
                    self.datos,
                    nombre=evento.nombre,
                    descripcion=evento.descripcion,
                    fecha_inicio=evento.fecha_inicio,
                    fecha_fin=evento.fecha_fin,
                )
            case PresupuestoCampanaActualizado():
                self.ficha = replace(
                    self.datos, presupuesto_monto=evento.presupuesto_nuevo, presupuesto_moneda=evento.moneda
                )
            case MetricasCampanaActualizadas():
                self.metricas = Metricas(
                    evento.impresiones, evento.clicks, evento.conversiones, evento.gasto_actual
                )
            case CampanaActivada():
                self.estado = Estado.ACTIVA
            case CampanaPausada():
                self.estado = Estado.PAUSADA
            case CampanaFinalizada():
                self.estado = Estado.FINALIZADA
            case CampanaCancelada() | CampanaAnulada():
                self.estado = Estado.CANCELADA
        self.fecha_actualizacion = getattr(evento, "fecha", None)


def _presupuesto(monto: Decimal, moneda: str) -> None:
    Dinero(monto, moneda)
    if not 0 <= monto <= PRESUPUESTO_MAXIMO:
        raise PresupuestoFueraDeLimites("El presupuesto debe estar entre 0 y 1,000,000")
