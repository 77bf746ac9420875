"""The simulated gateway of the contracts (README, section 4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.puertos import (
    Cobro,
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    Reembolsado,
)
from aeropartners.modulos.pagos.infraestructura.libro import COBRO, REEMBOLSO, Asentado, Libro, Linea
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.motor import Motor

METODO_INVALIDO = "invalid_card"
RECHAZADA = "Tarjeta rechazada"
SIN_FONDOS = "Fondos insuficientes"
RECHAZOS = (SIN_FONDOS, RECHAZADA, "Tarjeta expirada", "Error de conexión con el banco")

# The charge is called up to 1 s after the request. With the default latency of 3 s an outcome is known 2.2 s
# to 4.8 s after the request, within the contract's 2 s to 5 s.
MINIMO, RECORRIDO = 0.4, 0.85


class SinCobro(Exception):
    """A refund was asked for a charge that was never made: a defect of the caller."""


class PasarelaSimulada:
    """See the port. Deterministic: the same key always has the same outcome.

    An outcome is known after about `latencia_s` seconds. `tasa_exito`: the share of charges that succeed,
    drawn from the seed and the key; None decides by the request alone.
    """

    def __init__(
        self,
        motor: Motor,
        reloj: Reloj,
        latencia_s: float,
        limite: Decimal,
        tasa_exito: float | None = None,
        semilla: int = 0,
    ) -> None:
        self._libro = Libro(motor)
        self._reloj = reloj
        self._latencia_s = latencia_s
        self._limite = limite
        self._tasa_exito = tasa_exito
        self._semilla = semilla

    def cobrar(self, clave: str, cargo: Cargo) -> Cobro:
        [cobro] = self.cobrar_varios([(clave, cargo)])
        return cobro

    def cobrar_varios(self, cargos: Sequence[tuple[str, Cargo]]) -> Sequence[Cobro]:
        ahora = self._reloj.ahora()
        asentados = self._libro.asentar([self._linea(clave, cargo, ahora) for clave, cargo in cargos])
        return [_cobro(asentado, ahora) for asentado in asentados]

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        """Give back at once: only charges are slow."""
        cobro = self._libro.cobrado(clave_cobro)
        if cobro is None:
            raise SinCobro(clave_cobro)
        self._libro.asentar([Linea(clave, REEMBOLSO, *cobro, None, self._reloj.ahora())])
        return Reembolsado()

    def _linea(self, clave: str, cargo: Cargo, ahora: datetime) -> Linea:
        azar = Random(f"{self._semilla}:{clave}")
        espera = self._latencia_s * (MINIMO + RECORRIDO * azar.random())
        rechazo = self._rechazo(cargo, azar)
        return Linea(clave, COBRO, cargo.monto, cargo.moneda, rechazo, ahora + timedelta(seconds=espera))

    def _rechazo(self, cargo: Cargo, azar: Random) -> str | None:
        if cargo.referencia_pago.startswith("FALLA") or cargo.forzar_fallo or cargo.metodo == METODO_INVALIDO:
            return RECHAZADA
        if cargo.monto > self._limite:
            return SIN_FONDOS
        if self._tasa_exito is not None and azar.random() >= self._tasa_exito:
            return azar.choice(RECHAZOS)
        return None


def _cobro(asentado: Asentado, ahora: datetime) -> Cobro:
    if asentado.lista_en > ahora:
        return EnProceso(asentado.lista_en)
    return CobroExitoso() if asentado.exito else CobroRechazado(asentado.mensaje or RECHAZADA)
