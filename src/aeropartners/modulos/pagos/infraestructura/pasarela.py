"""The simulated gateway of the contracts (README, section 4) and its ledger, in its own transaction."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import Boolean, Column, Executable, Integer, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.puertos import (
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    Reembolsado,
)
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import metadatos
from aeropartners.seedwork.infraestructura.tipos import Momento, Monto

COBRO, REEMBOLSO = "COBRO", "REEMBOLSO"
METODO_INVALIDO = "invalid_card"
RECHAZADA = "Tarjeta rechazada"
SIN_FONDOS = "Fondos insuficientes"
RECHAZOS = (SIN_FONDOS, RECHAZADA, "Tarjeta expirada", "Error de conexión con el banco")

# The charge is called up to 1 s after the request: with the default latency of 3 s both together
# take from 2.2 s to 4.8 s, inside the 2 s to 5 s of the contract.
MINIMO, RECORRIDO = 0.4, 0.85

pasarela_cargos = Table(
    "pasarela_cargos",
    metadatos,
    Column("clave", String(100), primary_key=True),
    Column("operacion", String(10)),
    Column("importe", Monto),
    Column("moneda", String(3)),
    Column("exito", Boolean),
    Column("mensaje", String(200)),
    Column("lista_en", Momento),
    Column("veces", Integer),
)


class SinCobro(Exception):
    """A refund was asked of a charge that was never made: a defect of the caller."""


class PasarelaSimulada:
    """Deterministic: the same key has the same outcome for ever; see the port for its promises.

    `tasa_exito` None decides by the request alone; 0 to 1 draws from the seed and the key for
    requests that say nothing. `veces` in the ledger counts the calls of a key.
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
        self._motor = motor
        self._reloj = reloj
        self._latencia_s = latencia_s
        self._limite = limite
        self._tasa_exito = tasa_exito
        self._semilla = semilla
        self._orden = _orden_de_asiento(motor)

    def cobrar(self, clave: str, cargo: Cargo) -> EnProceso | CobroExitoso | CobroRechazado:
        azar = Random(f"{self._semilla}:{clave}")
        espera = self._latencia_s * (MINIMO + RECORRIDO * azar.random())
        rechazo = self._rechazo(cargo, azar)
        exito, mensaje, lista_en, ahora = self._asentar(
            clave, COBRO, cargo.monto, cargo.moneda, rechazo, espera
        )
        if lista_en > ahora:
            return EnProceso(lista_en)
        return CobroExitoso() if exito else CobroRechazado(mensaje or RECHAZADA)

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        """Give back at once; the simulated bank is slow only when it takes."""
        cargos = pasarela_cargos.c
        with self._motor.lectura() as con:
            cobro = con.execute(
                select(cargos.importe, cargos.moneda).where(cargos.clave == clave_cobro, cargos.exito)
            ).first()
        if cobro is None:
            raise SinCobro(clave_cobro)
        self._asentar(clave, REEMBOLSO, cobro.importe, cobro.moneda, None, 0)
        return Reembolsado()

    def _asentar(
        self, clave: str, operacion: str, importe: Decimal, moneda: str, rechazo: str | None, espera: float
    ) -> tuple[bool, str | None, datetime, datetime]:
        """Write the first outcome of a key, or count another call; return what stands, and the time."""
        ahora = self._reloj.ahora()
        valores = {
            "clave": clave,
            "operacion": operacion,
            "importe": importe,
            "moneda": moneda,
            "exito": rechazo is None,
            "mensaje": rechazo,
            "lista_en": ahora + timedelta(seconds=espera),
            "veces": 1,
        }
        with self._motor.escritura() as con:
            exito, mensaje, lista_en = con.execute(self._orden, valores).one()
            con.commit()
        return exito, mensaje, lista_en, ahora

    def _rechazo(self, cargo: Cargo, azar: Random) -> str | None:
        if cargo.referencia_pago.startswith("FALLA") or cargo.forzar_fallo or cargo.metodo == METODO_INVALIDO:
            return RECHAZADA
        if cargo.monto > self._limite:
            return SIN_FONDOS
        if self._tasa_exito is not None and azar.random() >= self._tasa_exito:
            return azar.choice(RECHAZOS)
        return None


def _orden_de_asiento(motor: Motor) -> Executable:
    """Return the one statement that makes a repeated key harmless, built once: it is on the hot path."""
    insertar = (postgresql if motor.es_postgres else sqlite).insert(pasarela_cargos)
    cargos = pasarela_cargos.c
    orden: Executable = insertar.on_conflict_do_update(
        index_elements=["clave"], set_={"veces": cargos.veces + 1}
    ).returning(cargos.exito, cargos.mensaje, cargos.lista_en)
    return orden
