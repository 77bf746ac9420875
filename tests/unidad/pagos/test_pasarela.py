"""The simulated gateway over SQLite: one outcome a key, whoever calls and however often."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from aeropartners.contratos.pagos import Cargo
from aeropartners.modulos.pagos.aplicacion.puertos import (
    CobroExitoso,
    CobroRechazado,
    EnProceso,
    Reembolsado,
)
from aeropartners.modulos.pagos.infraestructura.libro import pasarela_cargos
from aeropartners.modulos.pagos.infraestructura.pasarela import (
    RECHAZADA,
    RECHAZOS,
    PasarelaSimulada,
    SinCobro,
)
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.dobles.relojes import Reloj

T = datetime(2025, 1, 1, tzinfo=UTC)
CARGO = Cargo(Decimal("10.50"), "USD", "r1")


@pytest.fixture
def motor(tmp_path: Path) -> Iterator[Motor]:
    motor = Motor(f"sqlite:///{tmp_path}/pasarela.db")
    motor.crear()
    with motor.escritura() as con:
        pasarela_cargos.create(con)
        con.commit()
    yield motor
    motor.cerrar()


def pasarela(
    motor: Motor, latencia_s: float = 0, tasa: float | None = None, semilla: int = 0
) -> PasarelaSimulada:
    return PasarelaSimulada(motor, Reloj(T), latencia_s, Decimal(100_000), tasa, semilla)


def libro(motor: Motor) -> dict[str, tuple[str, Decimal, bool, int]]:
    c = pasarela_cargos.c
    with motor.lectura() as con:
        filas = con.execute(select(c.clave, c.operacion, c.importe, c.exito, c.veces)).all()
    return {clave: (operacion, importe, exito, veces) for clave, operacion, importe, exito, veces in filas}


def test_misma_clave_a_la_vez(motor: Motor) -> None:
    """Eight threads with one key charge once; the ledger counts their calls."""
    simulada = pasarela(motor)
    with ThreadPoolExecutor(8) as hilos:
        respuestas = list(hilos.map(lambda _: simulada.cobrar("k", CARGO), range(40)))
    assert set(respuestas) == {CobroExitoso()}
    assert libro(motor) == {"k": ("COBRO", Decimal("10.5"), True, 40)}


@pytest.mark.parametrize(
    ("cargo", "respuesta"),
    [
        (CARGO, CobroExitoso()),
        (Cargo(Decimal(100_000), "USD", "r1"), CobroExitoso()),
        (Cargo(Decimal("100000.01"), "USD", "r1"), CobroRechazado("Fondos insuficientes")),
        (Cargo(Decimal(1), "USD", "FALLA-7"), CobroRechazado("Tarjeta rechazada")),
        (Cargo(Decimal(1), "USD", "r1", forzar_fallo=True), CobroRechazado("Tarjeta rechazada")),
        (Cargo(Decimal(1), "USD", "r1", metodo="invalid_card"), CobroRechazado("Tarjeta rechazada")),
        (Cargo(Decimal(1), "USD", "no-FALLA", metodo="credit_card"), CobroExitoso()),
    ],
)
def test_reglas(motor: Motor, cargo: Cargo, respuesta: object) -> None:
    """A charge succeeds unless the request says otherwise."""
    assert pasarela(motor).cobrar("k", cargo) == respuesta


def test_primera_respuesta(motor: Motor) -> None:
    """The first call of a key fixes its outcome, whatever the later ones ask for."""
    assert pasarela(motor).cobrar("k", Cargo(Decimal(1), "USD", "FALLA")) == CobroRechazado(
        "Tarjeta rechazada"
    )
    assert pasarela(motor).cobrar("k", CARGO) == CobroRechazado("Tarjeta rechazada")


def test_varios_a_la_vez(motor: Motor) -> None:
    """Many charges in one call have the outcomes that they would have alone, in their order."""
    simulada = pasarela(motor)
    cargos = [("k2", CARGO), ("k1", Cargo(Decimal(1), "USD", "FALLA")), ("k3", CARGO)]
    respuestas = [CobroExitoso(), CobroRechazado(RECHAZADA), CobroExitoso()]
    assert simulada.cobrar_varios(cargos) == respuestas
    assert simulada.cobrar_varios(cargos[:2]) == respuestas[:2]
    assert simulada.cobrar("k3", CARGO) == CobroExitoso()


def test_latencia(motor: Motor) -> None:
    """The gateway answers `EnProceso` until its moment, which repeats do not move."""
    reloj = Reloj(T)
    simulada = PasarelaSimulada(motor, reloj, 3, Decimal(100_000))
    primera = simulada.cobrar("k", CARGO)
    assert isinstance(primera, EnProceso)
    reloj.momento += timedelta(seconds=1)
    assert simulada.cobrar("k", CARGO) == primera
    reloj.momento = primera.hasta
    assert simulada.cobrar("k", CARGO) == CobroExitoso()


def test_latencia_del_contrato(motor: Motor) -> None:
    """With the default latency and the second of PENDIENTE a payment ends between 2 s and 5 s."""
    simulada = pasarela(motor, latencia_s=3)
    fines = set()
    for n in range(60):
        respuesta = simulada.cobrar(f"k{n}", CARGO)
        assert isinstance(respuesta, EnProceso)
        fines.add(1 + (respuesta.hasta - T).total_seconds())
    assert min(fines) >= 2
    assert max(fines) <= 4.8
    assert len(fines) == 60


def test_tasa_repetible(motor: Motor, tmp_path: Path) -> None:
    """With a success rate the outcome is drawn from the seed and the key: a run can be repeated."""
    simulada, otra = pasarela(motor, tasa=0.5, semilla=7), Motor(f"sqlite:///{tmp_path}/otra.db")
    otra.crear()
    with otra.escritura() as con:
        pasarela_cargos.create(con)
        con.commit()
    primera = [simulada.cobrar(f"k{n}", CARGO) for n in range(60)]
    segunda = [pasarela(otra, tasa=0.5, semilla=7).cobrar(f"k{n}", CARGO) for n in range(60)]
    otra.cerrar()
    rechazos = [r for r in primera if isinstance(r, CobroRechazado)]
    assert primera == segunda
    assert 15 < len(rechazos) < 45
    assert {r.mensaje for r in rechazos} <= set(RECHAZOS)


@pytest.mark.parametrize(("tasa", "exito"), [(0.0, False), (1.0, True)])
def test_tasa_extrema(motor: Motor, tasa: float, exito: bool) -> None:
    """A rate of 0 declines all, a rate of 1 none but what asks for it."""
    simulada = pasarela(motor, tasa=tasa)
    assert all(isinstance(simulada.cobrar(f"k{n}", CARGO), CobroExitoso) is exito for n in range(20))
    assert isinstance(simulada.cobrar("f", Cargo(Decimal(1), "USD", "FALLA")), CobroRechazado)


def test_reembolso_una_vez(motor: Motor) -> None:
    """A refund gives back the whole charge, once, however often it is asked for."""
    simulada = pasarela(motor)
    simulada.cobrar("k", CARGO)
    assert [simulada.reembolsar("k:reembolso", "k") for _ in range(3)] == [Reembolsado()] * 3
    assert libro(motor)["k:reembolso"] == ("REEMBOLSO", Decimal("10.5"), True, 3)


@pytest.mark.parametrize("referencia", [None, "FALLA"])
def test_reembolso_sin_cobro(motor: Motor, referencia: str | None) -> None:
    """What was never taken is not given back."""
    simulada = pasarela(motor)
    if referencia:
        simulada.cobrar("k", Cargo(Decimal(1), "USD", referencia))
    with pytest.raises(SinCobro):
        simulada.reembolsar("k:reembolso", "k")
